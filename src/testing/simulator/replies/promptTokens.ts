/** How many tokens a prompt takes, and how many of them come from a cache: the same for every protocol. */
import type { Usage } from "../../../domain/Usage.js"
import type { ParsedMessage, ParsedRequest } from "../../../protocol/serve/ParsedRequest.js"
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
export const promptTokensOf = (parsed: ParsedRequest): PromptTokens => {
  const lengths = parsed.messages.map((message) => tokensOf(message.text) + message.media * mediaTokens)
  const toolTokens = parsed.tools.reduce((sum, tool) => sum + tokensOf(tool.name) + tokensOf(tool.description), 0)
  const until = (end: number): number => lengths.slice(0, end).reduce((sum, length) => sum + length, toolTokens)
  const lastReply = parsed.messages.findLastIndex((message) => message.role === "assistant")
  return { inputTokens: Math.max(1, until(lengths.length)), ...cached(parsed.messages, Math.max(lastReply, 0), until) }
}

const cached = (
  messages: ReadonlyArray<ParsedMessage>,
  lastReply: number,
  until: (end: number) => number
): Omit<PromptTokens, "inputTokens"> => {
  const marked = messages.findLastIndex((message) => message.isCacheMark) + 1
  if (marked > 0) {
    const read = until(messages.slice(0, lastReply).findLastIndex((message) => message.isCacheMark) + 1)
    const cacheReadTokens = messages.slice(0, lastReply).some((message) => message.isCacheMark) ? read : 0
    return { cacheReadTokens, cacheWriteTokens: until(marked) - cacheReadTokens }
  }
  const before = lastReply === 0 ? 0 : until(lastReply)
  return { cacheReadTokens: before < leastCached ? 0 : before - (before % cacheStep), cacheWriteTokens: 0 }
}
