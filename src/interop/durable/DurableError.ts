/** The failures of durable work that are not those of a model or a tool. */
import * as Data from "effect/Data"

/**
 * Durable work cannot go on. `Locked`: another process uses the file. `Unavailable`: the storage cannot be opened or
 * reached. `NotWaiting`: nobody waits for this decision.
 */
export class DurableError extends Data.TaggedError("DurableError")<{
  /** Why the work cannot go on. */
  readonly reason: "Locked" | "Unavailable" | "NotWaiting"
  /** What happened and what to do. */
  readonly message: string
}> {}
