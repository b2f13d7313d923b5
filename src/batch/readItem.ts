/** Reads the outcome of one item as the response or the error that a call would have. */
import * as Either from "effect/Either"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import { toJsonText } from "../domain/JsonText.js"
import { type LLMError, NetworkError, ProviderError } from "../domain/LLMError.js"
import * as httpErrors from "../http/errors/httpErrors.js"
import type { Protocol } from "../protocol/Protocol.js"
import { begin } from "../provider/engine/RequestContext.js"
import { decoders } from "../provider/engine/ResponseDecoder.js"
import type { ProviderRuntime } from "../provider/ProviderRuntime.js"
import type { ItemOutcome } from "./BatchApi.js"

/**
 * Reads the outcome of an item. `model` is the one that was requested, and `sent` the request: an error repeats no text of
 * it. Without `sent`, an error repeats nothing that the provider says.
 */
export type ReadItem = (model: string, outcome: ItemOutcome, sent?: unknown) => Either.Either<ChatResponse, LLMError>

/** Makes the reader of a protocol. */
export const itemReader = <Event, State>(runtime: ProviderRuntime, protocol: Protocol<Event, State>): ReadItem => {
  const newDecoder = decoders(protocol, runtime.sizeLimits)
  const { provider } = runtime
  return (model, outcome, sent) => {
    const known = begin(runtime, model, sent)
    const context = sent === undefined ? { ...known, sentTexts: undefined } : known
    switch (outcome.type) {
      case "expired":
        return Either.left(new NetworkError({ provider, model, reason: "Timeout", message: expired }))
      case "cancelled":
        return Either.left(new ProviderError({ provider, model, message: cancelled }))
      case "error": {
        const { status, body } = outcome
        const error = protocol.reportedError(body) ?? { message: toJsonText(body) ?? "", codes: [] }
        return Either.left(httpErrors.reported(status === undefined ? context : { ...context, status }, error))
      }
      case "response": {
        const decoder = newDecoder(context, true)
        const fold = new ChatFold()
        for (const chunk of decoder.readResponse(outcome.body)) fold.add(chunk)
        const response = fold.response()
        return response !== undefined && decoder.outcome === "complete"
          ? Either.right(response)
          : Either.left(
              decoder.outcome === undefined || decoder.outcome === "complete"
                ? httpErrors.incomplete(context)
                : decoder.outcome
            )
      }
    }
  }
}

const expired = "the batch expired before this request was run; submit it again"
const cancelled = "the batch was cancelled before this request was run; submit it again if you need it"

/** The error of an item for which the provider has no result. */
export const withoutResult = (provider: string, model: string, malformedLines: number): NetworkError =>
  new NetworkError({
    provider,
    model,
    reason: "Truncated",
    message:
      malformedLines === 0
        ? "the batch ended without a result for this request; submit it again"
        : `the batch ended without a readable result for this request (${malformedLines} lines of its results are malformed); submit it again`
  })
