/** The failure of a tool in a durable loop. */
import * as Schema from "effect/Schema"

/** A tool failed, and its loop with it. What the tool failed with is stored as text. */
export class DurableToolError extends Schema.TaggedError<DurableToolError>()("DurableToolError", {
  /** The name of the tool. */
  tool: Schema.String,
  /** The id of the call. */
  callId: Schema.String,
  /** What the tool failed with. */
  message: Schema.String
}) {}
