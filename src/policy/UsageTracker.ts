/** Tracks the tokens of one request, whether it completes, fails or is interrupted. */
import * as Effect from "effect/Effect"
import { countText } from "../catalog/countTokens.js"
import { estimateTokens } from "../catalog/estimateTokens.js"
import type { LLMError } from "../domain/LLMError.js"
import { hasOutput, type Origin, type StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"
import type { Watcher } from "../provider/engine/watchPull.js"

/** A complete response, with text or with embeddings. */
export interface CompleteResponse extends Origin {
  readonly content?: string
  readonly usage: Usage.Usage | null
}

/** What a request has consumed. */
export interface Consumed {
  /** The provider and model that answered; `undefined` where no response named them. */
  readonly origin: Origin | undefined
  readonly usage: Usage.Usage
  /** Whether `usage` is what the provider reported at the end. */
  readonly isExact: boolean
  /** Whether anything arrived from which the output tokens can be counted. */
  readonly isKnown: boolean
}

/** Watches a response; `consumed` may be called at any time. */
export class UsageTracker implements Watcher {
  private usage: Usage.Usage | null = null
  private origin: Origin | undefined
  private isComplete = false
  private hasOutput = false
  private isUnbilled = false
  /** Whether no request is in progress, and whether one before may be billed. */
  private isWaiting = false
  private mayBeBilled = false
  /** Of the responses that were dropped because they started again. */
  private dropped: Usage.Usage | undefined
  // Counted only if the provider reports no usage.
  private text = ""

  /** `inputTokens` estimates the prompt. */
  constructor(private readonly inputTokens: () => number) {}

  /** Adds the chunks of one network read. */
  readonly onChunks = (chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<StreamChunk> => {
    for (const chunk of chunks) this.add(chunk)
    return chunks
  }

  /** Records the failure that ended the request. */
  readonly onFailure = (error: LLMError): Effect.Effect<never, LLMError> => {
    this.fail(error)
    return Effect.fail(error)
  }

  private add(chunk: StreamChunk): void {
    if (chunk.reset === true) this.restart()
    if (chunk.fromCache === true) this.isUnbilled = true
    this.text += chunk.reasoning + chunk.content
    for (const delta of chunk.toolCalls) this.text += `${delta.name ?? ""}${delta.arguments}`
    this.hasOutput ||= hasOutput(chunk)
    this.usage = chunk.usage ?? this.usage
    if (chunk.finishReason === null) return
    this.isComplete = chunk.usage !== null
    this.origin = chunk.origin
  }

  private restart(): void {
    const usage = this.repaired(this.usage ?? none)
    this.dropped = this.dropped === undefined ? usage : Usage.sum(this.dropped, usage)
    this.usage = null
    this.text = ""
  }

  /** Adds a complete response. */
  readonly addResponse = (response: CompleteResponse): void => {
    this.text += response.content ?? ""
    this.hasOutput = true
    this.usage = response.usage
    this.isComplete = response.usage !== null
    this.origin = { provider: response.provider, model: response.model }
  }

  /** Records the failure that ended the request. */
  readonly fail = (error: LLMError): void => {
    this.isUnbilled = !this.hasOutput && !mayBeBilled(error)
  }

  /** Records that no request is in progress, after the failure of one if there was any, until what it gives is called. */
  readonly onWait = (failure?: LLMError): (() => void) => {
    this.mayBeBilled ||= failure !== undefined && mayBeBilled(failure)
    this.isWaiting = true
    return () => {
      this.isWaiting = false
    }
  }

  /**
   * Returns what was consumed. Where the provider reported no final usage, the prompt and the text that arrived are
   * estimated: providers bill what they have read and written, also when the caller stops reading. Reported counts that
   * cannot be right are repaired, and then are an estimate too.
   */
  consumed(): Consumed {
    const hasLeftWait = this.isWaiting && !this.mayBeBilled && !this.hasOutput
    if (this.isUnbilled || hasLeftWait) {
      return { origin: undefined, usage: none, isExact: true, isKnown: true }
    }
    const isKnown = this.hasOutput || this.usage !== null
    const reported = this.usage ?? none
    const usage = this.repaired(reported)
    if (this.dropped !== undefined) {
      return { origin: this.origin, usage: Usage.sum(this.dropped, usage), isExact: false, isKnown }
    }
    return { origin: this.origin, usage, isExact: this.isComplete && isSame(usage, reported), isKnown }
  }

  /** Gives counts that the wire can mean: whole, not negative, totals that include their parts, none that is missing. */
  private repaired(reported: Usage.Usage): Usage.Usage {
    const cacheReadTokens = whole(reported.cacheReadTokens)
    const cacheWriteTokens = whole(reported.cacheWriteTokens)
    const cacheWriteHourTokens = Math.min(whole(reported.cacheWriteHourTokens ?? 0), cacheWriteTokens)
    const reasoningTokens = whole(reported.reasoningTokens)
    // Some wires report the parts apart from the totals.
    const inputTokens = including(whole(reported.inputTokens), cacheReadTokens + cacheWriteTokens)
    const outputTokens = including(whole(reported.outputTokens), reasoningTokens)
    const hasAllOutput = this.isComplete && outputTokens > 0
    return Usage.make({
      inputTokens: inputTokens === 0 ? this.inputTokens() : inputTokens,
      outputTokens: hasAllOutput ? outputTokens : Math.max(outputTokens, countText(this.text, estimateTokens)),
      cacheReadTokens,
      cacheWriteTokens,
      cacheWriteHourTokens,
      reasoningTokens
    })
  }
}

const none = Usage.make({ inputTokens: 0, outputTokens: 0 })

/** A count that cannot be right is unknown. */
const whole = (count: number): number => Usage.countOf(count) ?? 0

const including = (total: number, parts: number): number => (parts > total ? total + parts : total)

const isSame = (one: Usage.Usage, other: Usage.Usage): boolean =>
  one.inputTokens === other.inputTokens &&
  one.outputTokens === other.outputTokens &&
  one.cacheReadTokens === other.cacheReadTokens &&
  one.cacheWriteTokens === other.cacheWriteTokens &&
  one.reasoningTokens === other.reasoningTokens

/** Rejected requests are not billed. Timed-out and truncated requests may be. */
const mayBeBilled = (error: LLMError): boolean =>
  error._tag === "NetworkError" && (error.reason === "Timeout" || error.reason === "Truncated")
