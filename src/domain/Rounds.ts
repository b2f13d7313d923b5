/** Joins the responses that one stream concatenates into one: parts and calls are numbered on, usage and cost are summed. */
import { shifted } from "./Source.js"
import { hasOutput, type StreamChunk } from "./StreamChunk.js"
import * as Usage from "./Usage.js"

/**
 * Takes the chunks of a stream, whose every finish reason ends one response. A mutable class, because it runs for every
 * chunk; the chunks of a first response pass unchanged.
 */
export class Rounds {
  /** What the earlier responses have used; `null` if none reported usage. */
  private usage: Usage.Usage | null = null
  /** What the earlier responses have cost; `undefined` if the cost of one is unknown. */
  private cost: number | undefined = 0
  private partBase = 0
  /** The length of the text, and where that of the current response begins in it. */
  private length = 0
  private start = 0
  private callBase = 0
  private parts = 0
  private calls = 0
  private roundUsage: Usage.Usage | null = null
  private finish: StreamChunk | undefined
  /** The usage after a finish reason: of the response that has ended, or of one that begins. */
  private lateUsage: Usage.Usage | null = null
  private isFirst = true

  /** Checks whether a chunk begins one more response. */
  begins(chunk: StreamChunk): boolean {
    if (this.finish === undefined) return false
    return hasOutput(chunk) || chunk.part !== undefined || chunk.finishReason !== null
  }

  /** The chunk as it would stand in one response. */
  add(chunk: StreamChunk): StreamChunk {
    if (this.finish !== undefined) {
      if (!this.begins(chunk)) {
        this.lateUsage = chunk.usage ?? this.lateUsage
        return this.isFirst ? chunk : this.joined(chunk)
      }
      this.begin(this.finish)
    }
    this.length += chunk.content.length
    if (chunk.part !== undefined && chunk.part.index >= this.parts) this.parts = chunk.part.index + 1
    for (const { index } of chunk.toolCalls) if (index >= this.calls) this.calls = index + 1
    if (chunk.usage !== null) this.roundUsage = chunk.usage
    if (chunk.finishReason !== null) this.finish = chunk
    return this.isFirst ? chunk : this.joined(chunk)
  }

  /** Begins the next response, after a finish reason. */
  private begin({ cost }: StreamChunk): void {
    this.usage = sum(this.usage, this.roundUsage)
    this.cost = this.cost === undefined || cost === undefined ? undefined : this.cost + cost
    this.partBase += this.parts
    this.start = this.length
    this.callBase += this.calls
    this.parts = 0
    this.calls = 0
    this.roundUsage = this.lateUsage
    this.lateUsage = null
    this.finish = undefined
    this.isFirst = false
  }

  private joined({ cost, ...chunk }: StreamChunk): StreamChunk {
    const { part, toolCalls, usage, finishReason, sources } = chunk
    const total = finishReason === null && usage === null ? null : sum(this.usage, usage ?? this.roundUsage)
    return {
      ...chunk,
      usage: total,
      toolCalls: toolCalls.map((delta) => ({ ...delta, index: this.callBase + delta.index })),
      ...(part === undefined ? {} : { part: { ...part, index: this.partBase + part.index } }),
      ...(sources === undefined ? {} : { sources: shifted(sources, this.start) }),
      ...(cost === undefined || this.cost === undefined ? {} : { cost: this.cost + cost })
    }
  }
}

const sum = (one: Usage.Usage | null, other: Usage.Usage | null): Usage.Usage | null =>
  one === null || other === null ? (one ?? other) : Usage.sum(one, other)
