/** Tracks the tokens of one request, whether it completes, fails or is interrupted. */

import { countText } from "../catalog/countTokens.js"
import { estimateTokens } from "../catalog/estimateTokens.js"
import type { LLMError } from "../domain/LLMError.js"
import { hasOutput, type Origin, type StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"

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
}

/** Reads the chunks of a response; `consumed` may be called at any time. */
export class UsageTracker {
  private usage: Usage.Usage | null = null
  private origin: Origin | undefined
  private isComplete = false
  private hasOutput = false
  private isUnbilled = false
  // Counted only if the provider reports no usage.
  private text = ""

  /** `inputTokens` estimates the prompt. */
  constructor(private readonly inputTokens: () => number) {}

  /** Adds a chunk. */
  readonly add = (chunk: StreamChunk): void => {
    const calls = chunk.toolCalls.map((delta) => `${delta.name ?? ""}${delta.arguments}`).join("")
    this.text += `${chunk.reasoning}${chunk.content}${calls}`
    this.hasOutput ||= hasOutput(chunk)
    this.usage = chunk.usage ?? this.usage
    if (chunk.finishReason === null) return
    this.isComplete = chunk.usage !== null
    this.origin = chunk.origin
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

  /**
   * Returns what was consumed. Where the provider reported no final usage, the prompt and the text that arrived are
   * estimated: providers bill what they have read and written, also when the caller stops reading.
   */
  consumed(): Consumed {
    if (this.isUnbilled)
      return { origin: undefined, usage: Usage.make({ inputTokens: 0, outputTokens: 0 }), isExact: true }
    const reported = this.usage ?? Usage.make({ inputTokens: this.inputTokens(), outputTokens: 0 })
    if (this.isComplete) return { origin: this.origin, usage: reported, isExact: true }
    const outputTokens = Math.max(reported.outputTokens, countText(this.text, estimateTokens))
    return { origin: this.origin, usage: Usage.make({ ...reported, outputTokens }), isExact: false }
  }
}

/** Rejected requests are not billed. Timed-out and truncated requests may be. */
const mayBeBilled = (error: LLMError): boolean =>
  error._tag === "NetworkError" && (error.reason === "Timeout" || error.reason === "Truncated")
