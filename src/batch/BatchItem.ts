/** A request of a batch, and its result. */
import * as Either from "effect/Either"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import { type LLMError, ValidationError } from "../domain/LLMError.js"

/** A request of a batch. */
export interface BatchItem {
  /**
   * Names the request in the results, and is unique in the batch: 1 to 64 letters, digits, `-` and `_`, the limits of
   * Anthropic's `custom_id`.
   */
  readonly id: string
  /** Its `model` is the provider's own id; the layer's model by default. */
  readonly request: ChatRequest
}

/** The result of a request. */
export interface BatchResult {
  /** The id of the item. */
  readonly id: string
  /** The response, with its `cost` at batch prices, or why there is none. */
  readonly result: Either.Either<ChatResponse, LLMError>
}

const idPattern = /^[a-zA-Z0-9_-]{1,64}$/

/** Checks the ids of the items; the error names the first that is wrong. */
export const checkItems = (items: ReadonlyArray<BatchItem>, provider: string): Either.Either<void, ValidationError> => {
  const seen = new Set<string>()
  for (const [index, { id }] of items.entries()) {
    if (!idPattern.test(id)) {
      return invalid(provider, `the id of items[${index}] must have 1 to 64 letters, digits, "-" and "_"; change it`)
    }
    if (seen.has(id)) return invalid(provider, `items[${index}] has the id of an earlier item; give every item its own`)
    seen.add(id)
  }
  return seen.size === 0 ? invalid(provider, "a batch needs at least one item") : Either.void
}

/** The error of a batch that cannot be submitted or read. */
export const invalid = (provider: string, problem: string): Either.Either<never, ValidationError> =>
  Either.left(new ValidationError({ provider, model: "", message: `${provider}: ${problem}` }))
