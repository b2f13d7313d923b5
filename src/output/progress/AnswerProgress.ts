/** The state of a response while it arrives: its tokens, cost and time, and the end of its text. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import { answerPricer, type PricedChunk } from "../../catalog/answerPricer.js"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import { answerCounter, type CountedChunk, TokenCounter, type TokenCounterService } from "../../catalog/TokenCounter.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { ChatStream } from "../../domain/ChatStream.js"
import type { ModelId } from "../../domain/ModelId.js"
import { Read } from "../../domain/Read.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import { TerminalSanitizer } from "../sanitizeTerminal.js"

/** A chunk with the tokens so far and, where the price is known, the cost so far. */
export type MeasuredChunk = CountedChunk & Partial<Pick<PricedChunk, "spent">>

// In UTF-16 units: more than fits on a terminal line, even with characters of several units.
const tailLength = 1000

/** The state of a response; times are milliseconds of the clock. A mutable class, because it runs for every chunk. */
export class AnswerProgress {
  /** The tokens of the response so far; an estimate unless `isExact`. */
  tokens = 0
  isExact = true
  /** US dollars so far; `null` if the price is unknown. */
  dollars: number | null = null
  /** Whether any content has arrived. */
  hasContent = false
  /** Whether the response is complete. */
  isComplete = false
  /** When the first output arrived. */
  private firstAt: number | undefined
  private streamedTokens = 0
  private hasReasoning = false
  private lastAt = 0
  private tailText = ""
  private readonly sanitizer = new TerminalSanitizer()

  constructor(private readonly startedAt: number) {}

  /** Adds a chunk that has just arrived. */
  add(chunk: MeasuredChunk, now: number): void {
    this.isComplete ||= chunk.finishReason !== null
    this.tokens = chunk.counted.tokens
    this.isExact = chunk.counted.isExact
    this.dollars = chunk.spent?.dollars ?? chunk.cost ?? null
    if (chunk.finishReason !== null && chunk.usage !== null) {
      // Reasoning that the provider bills but does not show has not been streamed.
      this.streamedTokens = chunk.usage.outputTokens - (this.hasReasoning ? 0 : chunk.usage.reasoningTokens)
    }
    if (chunk.reset === true) this.tailText = ""
    if (!hasOutput(chunk)) return
    this.firstAt ??= now
    this.lastAt = now
    if (chunk.finishReason === null) this.streamedTokens = chunk.counted.tokens
    this.hasReasoning ||= chunk.reasoning !== ""
    this.hasContent ||= chunk.content !== ""
    this.tailText = (this.tailText + this.sanitizer.push(chunk.content)).slice(-tailLength)
  }

  /** The seconds since the start. */
  seconds(now: number): number {
    return (now - this.startedAt) / 1000
  }

  /** The streamed tokens, and the seconds from the first to the last of them. */
  streaming(): { readonly tokens: number; readonly seconds: number } {
    return { tokens: this.streamedTokens, seconds: (this.lastAt - (this.firstAt ?? this.lastAt)) / 1000 }
  }

  /** The end of the text, on one line. */
  tail(): string {
    return this.tailText.replace(loneSurrogates, "").replace(whitespace, " ").trim()
  }
}

// At either end of the text, where its pair was removed.
const loneSurrogates = /^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g

const whitespace = /\s+/g

/** The model and the request, which decide the token encoding and the price. */
export interface MeasureOptions {
  readonly model?: ModelId | undefined
  readonly request?: ChatRequest | undefined
}

/**
 * Adds the tokens so far to each chunk, and the cost so far of prompt and response if a `ModelCatalog` is in context.
 * Estimates what the `TokenCounter` in context cannot count, and the prompt, whose exact count needs a request to the
 * provider. Measuring never makes the stream fail.
 */
export const measure =
  ({ model, request }: MeasureOptions) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<MeasuredChunk, E, R> =>
    ChatStream.make<E, R, MeasuredChunk>(
      Effect.gen(function* () {
        const counter = withEstimates(yield* TokenCounter)
        const catalog = yield* Effect.serviceOption(ModelCatalog)
        const measuring = Effect.gen(function* () {
          const count = yield* answerCounter(model ?? "")
          if (model === undefined || request === undefined || Option.isNone(catalog)) return count
          const price = yield* answerPricer(request, model, catalog.value)
          return (chunk: StreamChunk): MeasuredChunk => price(count(chunk))
        })
        const measured = yield* Effect.orDie(Effect.provideService(measuring, TokenCounter, counter))
        return Read.mapEach(yield* ChatStream.open(stream), measured)
      })
    )

/** A counter that estimates where the one in context fails. */
const withEstimates = (counter: TokenCounterService): TokenCounterService => ({
  count: TokenCounter.approximate.count,
  running: (model) => Effect.orElse(counter.running(model), () => TokenCounter.approximate.running(model))
})
