/** Times a response and formats its statistics. */
import type * as Clock from "effect/Clock"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import * as Figures from "../../output/progress/Figures.js"
import { sanitizeTerminal } from "../../output/sanitizeTerminal.js"

/** Measures the times of one response, starting when it is constructed. */
export class Stopwatch {
  private readonly startedAt: number
  private firstAt: number | undefined
  private lastAt: number

  constructor(private readonly clock: Clock.Clock) {
    this.startedAt = clock.unsafeCurrentTimeMillis()
    this.lastAt = this.startedAt
  }

  /** Records the arrival of a chunk. */
  observe(chunk: StreamChunk): void {
    this.lastAt = this.clock.unsafeCurrentTimeMillis()
    if (hasOutput(chunk)) this.firstAt ??= this.lastAt
  }

  /** Seconds until the first output, in total, and from the first output to the end. */
  times(): { readonly first: number; readonly total: number; readonly streaming: number } {
    const firstAt = this.firstAt ?? this.lastAt
    return {
      first: (firstAt - this.startedAt) / 1000,
      total: (this.lastAt - this.startedAt) / 1000,
      streaming: (this.lastAt - firstAt) / 1000
    }
  }
}

/** The statistics as one line. */
export const formatStats = (response: ChatResponse, stopwatch: Stopwatch): string => {
  const { provider, model, usage, cost, finishReason } = response
  const { first, total, streaming } = stopwatch.times()
  return [
    sanitizeTerminal(`${provider}/${model}`),
    `first token after ${Figures.seconds(first)}`,
    `${Figures.seconds(total)} in total`,
    usage === null ? "tokens unknown" : formatTokens(usage),
    usage === null ? undefined : Figures.rate(usage.outputTokens - hiddenTokens(response), streaming),
    cost === null ? "cost unknown" : Figures.dollars(cost),
    finishReason
  ]
    .filter((part) => part !== undefined)
    .join(" · ")
}

/** Reasoning tokens that were billed but not streamed; they must not count towards the streaming rate. */
const hiddenTokens = ({ reasoning, usage }: ChatResponse): number =>
  reasoning === "" ? (usage?.reasoningTokens ?? 0) : 0

const formatTokens = (usage: NonNullable<ChatResponse["usage"]>): string => {
  const parts = [
    [usage.cacheReadTokens, "cached"],
    [usage.reasoningTokens, "reasoning"]
  ] as const
  const details = parts.flatMap(([tokens, name]) => (tokens > 0 ? [`${Figures.count(tokens)} ${name}`] : []))
  const sum = `${Figures.count(usage.inputTokens)} + ${Figures.tokens(usage.outputTokens, true)}`
  return details.length === 0 ? sum : `${sum} (${details.join(", ")})`
}
