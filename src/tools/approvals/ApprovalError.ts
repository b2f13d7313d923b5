/** The failures of resuming a loop after an approval. */
import * as Data from "effect/Data"

/** Why an approval was refused. */
export type ApprovalErrorReason = "Invalid" | "Expired" | "Used" | "Missing" | "Unavailable"

/**
 * An approval was refused, and nothing has run. `Invalid`: it is forged, changed, of another caller or conversation, or
 * of a tool that has changed. `Expired` and `Used`: it came too late or twice. `Missing`: a waiting call has no decision.
 * `Unavailable`: the store of used approvals cannot be reached, and trying again can help.
 */
export class ApprovalError extends Data.TaggedError("ApprovalError")<{
  /** Why the approval was refused. */
  readonly reason: ApprovalErrorReason
  /** What happened and what to do; it quotes neither arguments nor messages. */
  readonly message: string
}> {}
