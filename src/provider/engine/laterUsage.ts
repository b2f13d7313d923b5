/** Joins the reports of token counts of one response. */
import * as Usage from "../../domain/Usage.js"

/** The usage after a later report. A zero after a count is not a count: some servers report each count in its own event. */
export const laterUsage = (before: Usage.Usage, later: Usage.Usage): Usage.Usage => {
  if (later.inputTokens > 0 && later.outputTokens > 0) return later
  const input = later.inputTokens > 0 ? later : before
  const output = later.outputTokens > 0 ? later : before
  return Usage.make({ ...input, outputTokens: output.outputTokens, reasoningTokens: output.reasoningTokens })
}
