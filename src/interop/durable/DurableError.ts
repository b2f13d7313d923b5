/** The failures of opening the storage of durable work. */
import { Data } from "effect"

/** Durable work cannot start. `Locked`: another process uses the file. `Unavailable`: the storage cannot be opened. */
export class DurableError extends Data.TaggedError("DurableError")<{
  /** Why the work cannot start. */
  readonly reason: "Locked" | "Unavailable"
  /** What happened and what to do. */
  readonly message: string
}> {}
