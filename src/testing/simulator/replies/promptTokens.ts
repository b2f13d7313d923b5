/** How many tokens a prompt takes, and how many of them come from a cache: the same for every protocol. */
import type { Usage } from "../../../domain/Usage.js"
import type { ParsedRequest, Turn } from "../../../protocol/serve/ParsedRequest.js"
import { tokensOf } from "./tokens.js"

/** The prompt's side of the usage. */
export type PromptTokens = Pick<Usage, "inputTokens" | "cacheReadTokens" | "cacheWriteTokens">

// As OpenAI's: nothing shorter is cached, and then in steps: https://platform.openai.com/docs/guides/prompt-caching
const leastCached = 1024
const cacheStep = 128

// As OpenAI counts an image at low detail.
const mediaTokens = 85

/**
 * Counts a prompt. What the model had read before it last spoke is cached when it is long; where the caller marked
 * the prompt (Anthropic), what stands before the mark is written at first, and read once the model has spoken.
 */
export const promptTokensOf = (asked: ParsedRequest): PromptTokens => {
  const lengths = asked.turns.map((turn) => tokensOf(turn.text) + turn.media * mediaTokens)
  const toolTokens = asked.tools.reduce((sum, tool) => sum + tokensOf(tool.name) + tokensOf(tool.description), 0)
  const until = (end: number): number => lengths.slice(0, end).reduce((sum, length) => sum + length, toolTokens)
  const spoken = asked.turns.findLastIndex((turn) => turn.role === "assistant")
  return { inputTokens: Math.max(1, until(lengths.length)), ...cached(asked.turns, Math.max(spoken, 0), until) }
}

const cached = (
  turns: ReadonlyArray<Turn>,
  spoken: number,
  until: (end: number) => number
): Omit<PromptTokens, "inputTokens"> => {
  const marked = turns.findLastIndex((turn) => turn.isCacheMark) + 1
  if (marked > 0) {
    const read = until(turns.slice(0, spoken).findLastIndex((turn) => turn.isCacheMark) + 1)
    const cacheReadTokens = turns.slice(0, spoken).some((turn) => turn.isCacheMark) ? read : 0
    return { cacheReadTokens, cacheWriteTokens: until(marked) - cacheReadTokens }
  }
  const before = spoken === 0 ? 0 : until(spoken)
  return { cacheReadTokens: before < leastCached ? 0 : before - (before % cacheStep), cacheWriteTokens: 0 }
}
