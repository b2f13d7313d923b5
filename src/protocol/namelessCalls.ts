/** Decides what tool calls that never got a name mean. */
import type { FinishReason } from "../domain/StreamChunk.js"

/**
 * What the calls of a response come to: nothing is wrong, a call never got a name, or all calls were empty and nameless,
 * so that the response has none.
 */
export type CallVerdict = "fine" | "nameless" | "none"

/** A response whose finish reason is known. */
export interface Ending {
  readonly reason: FinishReason
  readonly hasText: boolean
  /** How many calls with a name it has. */
  readonly count: number
}

/**
 * Judges the calls without a name. Beside other output they are left out, unless the model waits for them or their
 * arguments would be lost; alone they make the response malformed. `hasArguments` is about the nameless calls.
 */
export const judgeNameless = ({ reason, hasText, count }: Ending, hasArguments: boolean): CallVerdict => {
  if (reason === "length" || reason === "content_filter") return "fine"
  if (hasArguments && !(hasText && reason !== "tool_calls")) return "nameless"
  if (!hasText && count === 0) return "nameless"
  return count === 0 ? "none" : "fine"
}
