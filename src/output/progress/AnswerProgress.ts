/** What is known of an answer while it arrives. */
import type { PricedChunk } from "../../catalog/Cost.js"
import type { CountedChunk } from "../../catalog/TokenCounter.js"
import { hasOutput } from "../../domain/StreamChunk.js"
import { TerminalText } from "../sanitizeTerminal.js"

/** A chunk with what has been counted up to it, and what that cost where it is known. */
export type MeasuredChunk = CountedChunk & Partial<Pick<PricedChunk, "spent">>

// More than any terminal is wide, be it with characters that are made of many.
const tailLength = 1000

/** How far an answer is; times are milliseconds of the clock. */
export class AnswerProgress {
  /** The tokens of the answer so far; exact as `isExact` says. */
  tokens = 0
  isExact = true
  /** US dollars so far; `null` where nobody knows. */
  dollars: number | null = null
  /** Whether any text of the answer has arrived. */
  hasContent = false
  /** Whether the answer is complete. */
  isComplete = false
  /** When it began to arrive. */
  private firstAt: number | undefined
  private streamedTokens = 0
  private hasReasoning = false
  private lastAt = 0
  private shown = ""
  private readonly harmless = new TerminalText()

  constructor(private readonly startedAt: number) {}

  /** Adds a chunk that has just arrived. */
  add(chunk: MeasuredChunk, now: number): void {
    this.isComplete ||= chunk.finishReason !== null
    this.tokens = chunk.counted.tokens
    this.isExact = chunk.counted.isExact
    this.dollars = chunk.spent?.dollars ?? chunk.cost ?? null
    if (chunk.finishReason !== null && chunk.usage !== null) {
      // Reasoning is billed even where it is not shown, but then it has not been streamed.
      this.streamedTokens = chunk.usage.outputTokens - (this.hasReasoning ? 0 : chunk.usage.reasoningTokens)
    }
    if (!hasOutput(chunk)) return
    this.firstAt ??= now
    this.lastAt = now
    if (chunk.finishReason === null) this.streamedTokens = chunk.counted.tokens
    this.hasReasoning ||= chunk.reasoning !== ""
    this.hasContent ||= chunk.content !== ""
    this.shown = (this.shown + this.harmless.push(chunk.content)).slice(-tailLength)
  }

  /** How long it has taken. */
  seconds(now: number): number {
    return (now - this.startedAt) / 1000
  }

  /** How long its tokens have been streaming, and how many they are. */
  streaming(): { readonly tokens: number; readonly seconds: number } {
    return { tokens: this.streamedTokens, seconds: (this.lastAt - (this.firstAt ?? this.lastAt)) / 1000 }
  }

  /** The end of its text, on one line. */
  tail(): string {
    return this.shown.replace(halves, "").replace(blanks, " ").trim()
  }
}

// Of a pair at either end whose other half is not here.
const halves = /^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g

// Also those that would turn the direction of the line around.
const blanks = /[\s\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/g
