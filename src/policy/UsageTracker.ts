/** What one request has taken, however it ended. */
import { weigh } from "../catalog/approximateTokens.js"
import { countText } from "../catalog/RunningCount.js"
import type { LLMError } from "../domain/LLMError.js"
import { hasOutput, type Origin, type StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"

/** A whole answer, be it words or vectors. */
export interface Answer extends Origin {
  readonly content?: string
  readonly usage: Usage.Usage | null
}

/** What was taken. */
export interface Taken {
  /** Who answered; `undefined` where nobody said. */
  readonly origin: Origin | undefined
  readonly usage: Usage.Usage
  /** Whether the provider counted to the end. */
  readonly isExact: boolean
}

/** Reads the chunks of an answer, and knows at any time what it has taken. */
export class UsageTracker {
  private usage: Usage.Usage | null = null
  private origin: Origin | undefined
  private isComplete = false
  private hasOutput = false
  private isUnbilled = false
  // Counted only if the provider does not do it.
  private text = ""

  /** `inputTokens` estimates the prompt. */
  constructor(private readonly inputTokens: () => number) {}

  /** Takes a chunk. */
  readonly add = (chunk: StreamChunk): void => {
    const calls = chunk.toolCalls.map((delta) => `${delta.name ?? ""}${delta.arguments}`).join("")
    this.text += `${chunk.reasoning}${chunk.content}${calls}`
    this.hasOutput ||= hasOutput(chunk)
    this.usage = chunk.usage ?? this.usage
    if (chunk.finishReason === null) return
    this.isComplete = chunk.usage !== null
    this.origin = chunk.origin
  }

  /** Takes a whole answer. */
  readonly addAnswer = (answer: Answer): void => {
    this.text += answer.content ?? ""
    this.hasOutput = true
    this.usage = answer.usage
    this.isComplete = answer.usage !== null
    this.origin = { provider: answer.provider, model: answer.model }
  }

  /** Takes the failure that ended it. */
  readonly fail = (error: LLMError): void => {
    this.isUnbilled = !this.hasOutput && !mayBeBilled(error)
  }

  /**
   * What was taken. Where the provider did not count to the end, the prompt and the text that had arrived are counted by
   * estimate: providers charge what they have read and written, whoever stopped listening.
   */
  taken(): Taken {
    if (this.isUnbilled)
      return { origin: undefined, usage: Usage.make({ inputTokens: 0, outputTokens: 0 }), isExact: true }
    const said = this.usage ?? Usage.make({ inputTokens: this.inputTokens(), outputTokens: 0 })
    if (this.isComplete) return { origin: this.origin, usage: said, isExact: true }
    const outputTokens = Math.max(said.outputTokens, countText(this.text, weigh))
    return { origin: this.origin, usage: Usage.make({ ...said, outputTokens }), isExact: false }
  }
}

/** Nobody bills a refusal; of a silence that was not waited for, or an answer that was cut, nobody knows. */
const mayBeBilled = (error: LLMError): boolean =>
  error._tag === "NetworkError" && (error.reason === "Timeout" || error.reason === "Truncated")
