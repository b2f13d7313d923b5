/** The failure of the store that remembers which batches were submitted. */
import * as Data from "effect/Data"

/** The store could not be read or written, and nothing was submitted after that. Make the same call again. */
export class BatchStoreError extends Data.TaggedError("BatchStoreError")<{
  /** What to do. */
  readonly message: string
  /** The failure of the store itself. */
  readonly cause: unknown
}> {}
