/** The failures of durable work itself; models fail with an `LLMError`, tools with a `DurableToolError`. */
import * as Data from "effect/Data"

/**
 * Durable work cannot go on. `Locked`: another process uses the file. `Unavailable`: the storage cannot be opened or
 * reached. `NotWaiting`: the call does not wait for a decision.
 */
export class DurableError extends Data.TaggedError("DurableError")<{
  /** Why the work cannot go on. */
  readonly reason: "Locked" | "Unavailable" | "NotWaiting"
  /** What happened and what to do. */
  readonly message: string
}> {}
