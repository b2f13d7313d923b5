/** The failure of a tool in a durable loop. */
import * as Schema from "effect/Schema"

/** A tool failed, which fails its loop. The failure of the tool is stored as text. */
export class DurableToolError extends Schema.TaggedError<DurableToolError>()("DurableToolError", {
  /** The name of the tool. */
  tool: Schema.String,
  /** The id of the call. */
  callId: Schema.String,
  /** The failure of the tool as text. */
  message: Schema.String
}) {}
