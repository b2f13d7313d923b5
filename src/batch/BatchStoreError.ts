/** The failure of the store that remembers which batches were submitted. */
import * as Data from "effect/Data"

/** The store could not be read or written. Nothing is submitted without it; the same call can be made again. */
export class BatchStoreError extends Data.TaggedError("BatchStoreError")<{
  /** What to do. */
  readonly message: string
  /** The failure of the store itself. */
  readonly cause: unknown
}> {}
