/** Ends the fold of a stream: completes the response, prices it, or attaches what had arrived to the failure. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Cost from "../../catalog/Cost.js"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import type { ChatFold, ChatResponse } from "../../domain/ChatResponse.js"
import { isLLMError, keepPartial, NetworkError } from "../../domain/LLMError.js"

/**
 * Gives the response of a fold whose stream has ended. Without a finish reason, after `take` for instance, the response
 * is incomplete: a `NetworkError` with reason `Truncated`.
 */
export const completeResponse = (fold: ChatFold): Effect.Effect<ChatResponse, NetworkError> =>
  Effect.suspend(() => {
    const response = fold.response()
    return response === undefined ? truncated : withCost(response)
  })

/** Attaches what a fold has so far to the `LLMError` that ends its stream; other errors stay as they are. */
export const attachPartial = <E>(error: E, fold: ChatFold): E =>
  isLLMError(error) ? keepPartial(error, fold.partial()) : error

/** Adds the cost to a response that has none, by the `ModelCatalog` in context, if there is one. */
export const withCost = (response: ChatResponse): Effect.Effect<ChatResponse> => {
  const { cost, usage } = response
  if (cost !== null || usage === null) return Effect.succeed(response)
  return Effect.map(
    Effect.serviceOption(ModelCatalog),
    Option.match({
      onNone: () => response,
      onSome: (catalog) => ({ ...response, cost: Cost.dollarsOf(catalog, response, usage) })
    })
  )
}

const truncated = Effect.suspend(() =>
  Effect.fail(
    new NetworkError({
      provider: "",
      model: "",
      reason: "Truncated",
      message: "the stream ended without a finish reason; collect the whole stream, not a part of it"
    })
  )
)
