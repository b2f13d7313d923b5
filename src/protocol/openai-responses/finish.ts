/** Reads how a response ended, and what it took: https://platform.openai.com/docs/api-reference/responses/object */
import type { FinishReason } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import type { Response } from "./schema.js"

const incompleteReasons = new Map<string, FinishReason>([
  ["max_output_tokens", "length"],
  ["max_tokens", "length"],
  ["content_filter", "content_filter"]
])

/** Says why a response ended, with the status that its last event stands for. */
export const finishReasonOf = (
  response: Response,
  status: string,
  { hasCalls, isRefused }: { readonly hasCalls: boolean; readonly isRefused: boolean }
): FinishReason => {
  const reason = response.incomplete_details?.reason
  if (reason) return incompleteReasons.get(reason) ?? "other"
  // Some servers leave the status of a completed response at `in_progress`.
  const isCut = response.status === "incomplete" || response.status === "cancelled"
  if (status !== "completed" || isCut) return "other"
  if (isRefused) return "content_filter"
  return hasCalls ? "tool_calls" : "stop"
}

/** Reads the counts, which include what was cached and the reasoning. */
export const usageOf = (usage: Response["usage"]): Usage.Usage | null =>
  usage == null
    ? null
    : Usage.make({
        inputTokens: usage.input_tokens ?? 0,
        outputTokens: usage.output_tokens ?? 0,
        cacheReadTokens: usage.input_tokens_details?.cached_tokens,
        cacheWriteTokens: usage.input_tokens_details?.cache_write_tokens,
        reasoningTokens: usage.output_tokens_details?.reasoning_tokens
      })
