/** Reads the token counts of a message: https://platform.claude.com/docs/en/api/messages/create */
import * as Usage from "../../domain/Usage.js"
import { isObject } from "../../http/Json.js"
import type { Usage as WireUsage } from "./schema.js"

/** Merges the last value of each count; the second value is `null` where no count is reported. */
export const readUsage = (
  before: WireUsage,
  reported: WireUsage | null | undefined
): readonly [WireUsage, Usage.Usage | null] => {
  if (reported == null) return [before, null]
  const input = Usage.countOf(reported.input_tokens)
  const usage: WireUsage = {
    // A zero at the end is not a count: the first event has reported the prompt.
    input_tokens: input || Usage.countOf(reported.prompt_tokens) || before.input_tokens || input,
    cache_read_input_tokens: Usage.countOf(reported.cache_read_input_tokens) ?? before.cache_read_input_tokens,
    cache_creation_input_tokens:
      Usage.countOf(reported.cache_creation_input_tokens) ?? before.cache_creation_input_tokens,
    cache_creation: reported.cache_creation ?? before.cache_creation,
    output_tokens: Usage.countOf(reported.output_tokens ?? reported.completion_tokens) ?? before.output_tokens,
    output_tokens_details: reported.output_tokens_details ?? before.output_tokens_details,
    iterations: reported.iterations ?? before.iterations
  }
  const highest = (field: CountField): number => Math.max(usage[field] ?? 0, sumOf(usage.iterations, field))
  const cacheReadTokens = highest("cache_read_input_tokens")
  const cacheWriteTokens = highest("cache_creation_input_tokens")
  const known = Usage.read({
    inputTokens: highest("input_tokens") + cacheReadTokens + cacheWriteTokens,
    outputTokens: highest("output_tokens"),
    cacheReadTokens,
    cacheWriteTokens,
    cacheWriteHourTokens: usage.cache_creation?.ephemeral_1h_input_tokens,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens
  })
  // Details are parts of the counts.
  const { cache_creation, output_tokens_details, ...counts } = usage
  return [usage, Object.values(counts).some((count) => count != null) ? known : null]
}

type CountField = "input_tokens" | "output_tokens" | "cache_read_input_tokens" | "cache_creation_input_tokens"

/** Sums a count over all passes, as far as they are documented. */
const sumOf = (iterations: unknown, field: CountField): number =>
  Array.isArray(iterations)
    ? iterations.reduce((sum: number, iteration: unknown) => {
        const count = isObject(iteration) ? iteration[field] : undefined
        return sum + ((typeof count === "number" ? Usage.countOf(count) : undefined) ?? 0)
      }, 0)
    : 0
