/** Changes requests before they are sent. */
import * as Effect from "effect/Effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { LLMError } from "../domain/LLMError.js"
import { type CallOptions, type Policy, Provider } from "../provider/Provider.js"

/** Changes a request, with the options of its call; an effect may look something up, or refuse the request. */
export type ChangeRequest = (
  request: ChatRequest,
  options: CallOptions
) => ChatRequest | Effect.Effect<ChatRequest, LLMError>

/**
 * Changes every chat request before it is sent: adds a system message, retrieved documents or a default, removes personal
 * data, or refuses the request with an `LLMError`. Token counts see the changed request. Embeddings stay as they are. The
 * request has not been checked yet, so its fields may be wrong.
 *
 * ```ts
 * const brief = Policy.mapRequest((request) => ({
 *   ...request,
 *   messages: [{ role: "system", content: "Answer in one sentence." }, ...request.messages]
 * }))
 * ```
 */
export const mapRequest =
  (change: ChangeRequest): Policy =>
  (provider) => {
    const { open, countTokens } = provider
    const withChanged = <Result, R>(
      request: ChatRequest,
      options: CallOptions | undefined,
      use: (changed: ChatRequest) => Effect.Effect<Result, LLMError, R>
    ) =>
      Effect.suspend(() => {
        const changed = change(request, options ?? {})
        return Effect.isEffect(changed) ? Effect.flatMap(changed, use) : use(changed)
      })
    return Provider.make({
      ...provider,
      open: (request, options) => withChanged(request, options, (changed) => open(changed, options)),
      countTokens:
        countTokens && ((request, options) => withChanged(request, options, (changed) => countTokens(changed, options)))
    })
  }
