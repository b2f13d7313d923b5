/** How long an answer took, and what it was made of. */
import type { Clock } from "effect"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import * as Figures from "../../output/progress/Figures.js"
import { harmless } from "../Output.js"

/** Takes the times of one answer, from when it is made. */
export class Stopwatch {
  private readonly startedAt: number
  private firstAt: number | undefined
  private lastAt: number

  constructor(private readonly clock: Clock.Clock) {
    this.startedAt = clock.unsafeCurrentTimeMillis()
    this.lastAt = this.startedAt
  }

  /** Sees a chunk pass. */
  see(chunk: StreamChunk): void {
    this.lastAt = this.clock.unsafeCurrentTimeMillis()
    if (hasOutput(chunk)) this.firstAt ??= this.lastAt
  }

  /** Seconds until the first output, and of the whole; and of the streaming between them. */
  times(): { readonly first: number; readonly whole: number; readonly streaming: number } {
    const firstAt = this.firstAt ?? this.lastAt
    return {
      first: (firstAt - this.startedAt) / 1000,
      whole: (this.lastAt - this.startedAt) / 1000,
      streaming: (this.lastAt - firstAt) / 1000
    }
  }
}

/** One line that tells it all. */
export const statsOf = (response: ChatResponse, stopwatch: Stopwatch): string => {
  const { provider, model, usage, cost, finishReason } = response
  const { first, whole, streaming } = stopwatch.times()
  return [
    harmless(`${provider}/${model}`),
    `first token after ${Figures.seconds(first)}`,
    `${Figures.seconds(whole)} in all`,
    usage === null ? "tokens unknown" : tokensOf(usage),
    usage === null ? undefined : Figures.rate(usage.outputTokens - hiddenTokens(response), streaming),
    cost === null ? "cost unknown" : Figures.dollars(cost),
    finishReason
  ]
    .filter((part) => part !== undefined)
    .join(" · ")
}

/** Those of reasoning that was billed but not streamed. */
const hiddenTokens = ({ reasoning, usage }: ChatResponse): number =>
  reasoning === "" ? (usage?.reasoningTokens ?? 0) : 0

const tokensOf = (usage: NonNullable<ChatResponse["usage"]>): string => {
  const parts = [
    [usage.cacheReadTokens, "cached"],
    [usage.reasoningTokens, "reasoning"]
  ] as const
  const among = parts.flatMap(([tokens, name]) => (tokens > 0 ? [`${Figures.count(tokens)} ${name}`] : []))
  const sum = `${Figures.count(usage.inputTokens)} + ${Figures.tokens(usage.outputTokens, true)}`
  return among.length === 0 ? sum : `${sum} (${among.join(", ")})`
}
