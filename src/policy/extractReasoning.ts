/** Separates reasoning that a model writes into its text between tags. */
import * as Effect from "effect/Effect"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { Pull } from "../provider/ChatStream.js"
import { type Policy, Provider } from "../provider/Provider.js"
import { type ReasoningTagOptions, reasoningTags } from "../provider/ReasoningTags.js"

/**
 * Moves the text between `<think>` tags from `content` to `reasoning`, in streams and non-streaming responses, for
 * models and servers that do not separate them. Tags may be cut anywhere and nested; one that is never closed lasts to
 * the end.
 *
 * ```ts
 * LLMClient.layer({ model: "ollama/qwen3", policies: [Policy.retry(), Policy.extractReasoning()] })
 * ```
 */
export const extractReasoning =
  (options: ReasoningTagOptions = {}): Policy =>
  (provider) =>
    Provider.make({
      ...provider,
      open: (request, callOptions) =>
        Effect.map(provider.open(request, callOptions), (pull) => transformed(pull, options))
    })

const transformed = (pull: Pull, options: ReasoningTagOptions): Pull => {
  const { push, end = () => [] } = reasoningTags(options)
  let failure: LLMError | undefined
  // An empty list ends a pull, so reads of which everything is held back are followed by the next.
  const next: Pull = Effect.matchEffect(pull, {
    onSuccess: (chunks) => {
      if (chunks.length === 0) return Effect.sync(end)
      const out: ReadonlyArray<StreamChunk> = push(chunks)
      return out.length === 0 ? next : Effect.succeed(out)
    },
    onFailure: (error) => {
      const held = end()
      failure = error
      return held.length === 0 ? Effect.fail(error) : Effect.succeed(held)
    }
  })
  return Effect.suspend(() => (failure === undefined ? next : Effect.fail(failure)))
}
