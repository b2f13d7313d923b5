/** The operations on the batches of one provider. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { LLMError } from "../domain/LLMError.js"
import type { BatchHandle } from "./BatchHandle.js"
import type { BatchItem, BatchResult } from "./BatchItem.js"
import type { BatchStatus } from "./BatchStatus.js"
import type { BatchStoreError } from "./BatchStoreError.js"

/** The options of `results`. */
export interface ResultsOptions {
  /** How often the provider is asked whether the batch has ended; once a minute by default. */
  readonly every?: Duration.DurationInput | undefined
  /**
   * The items as they were submitted. With them, the errors of items say what the provider says, without any text of the
   * request. Without them they leave out its message, which may repeat a prompt, and say its code.
   */
  readonly items?: ReadonlyArray<BatchItem> | undefined
}

/** Batches of one provider. */
export interface ProviderBatchService {
  /**
   * Submits the requests, split into as many of the provider's batches as its limits need. The same `id` with the same
   * items is the same batch: a call after a crash submits what is missing and nothing twice. The same `id` with other
   * items, two items of one id and a request that is wrong are a `ValidationError`, and nothing is sent. If the provider
   * rejects some of its batches and creates others, the handle has both; if it rejects all, that is the error. The same
   * call submits the rejected ones again, once their cause is mended, also those that it rejected as a whole after it had
   * created them. A wrong key, missing credits and rate limits are no rejection: the call fails, and the same one goes on
   * later. A request that is limited or lost is repeated 5 times first, no sooner than the provider asks; one that asks
   * for more than 2 minutes is not waited for.
   */
  readonly submit: (
    id: string,
    items: ReadonlyArray<BatchItem>
  ) => Effect.Effect<BatchHandle, LLMError | BatchStoreError>
  /** Asks how far a batch is. */
  readonly status: (handle: BatchHandle) => Effect.Effect<BatchStatus, LLMError>
  /**
   * Asks the provider to cancel the requests that have not run, and gives the status after that. The provider may take
   * minutes, or finish the batch anyway. Requests that have run are billed and have results.
   */
  readonly cancel: (handle: BatchHandle) => Effect.Effect<BatchStatus, LLMError>
  /**
   * Waits until the batch has ended, and gives exactly one result for each item, in any order. A batch that expired or
   * was cancelled has the responses that were ready. The failure of one request is in its `result`; the stream itself fails
   * only if the results cannot be read. Items of a rejected part have its error.
   */
  readonly results: (handle: BatchHandle, options?: ResultsOptions) => Stream.Stream<BatchResult, LLMError>
}
