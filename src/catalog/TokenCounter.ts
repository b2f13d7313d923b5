/** Counts tokens locally: by estimate by default, and exactly with a layer such as `OpenAITokens.layer`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatStream } from "../domain/ChatStream.js"
import type { LLMError } from "../domain/LLMError.js"
import type { ModelId } from "../domain/ModelId.js"
import { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { TokenCount } from "./countTokens.js"
import { countRequest, countText, RunningCount } from "./countTokens.js"
import { estimateTokens } from "./estimateTokens.js"

/** The service of `TokenCounter`. */
export interface TokenCounterService {
  /** Counts a text, or the prompt of a request, for a model such as `openai/gpt-4o-mini`. */
  readonly count: (content: string | ChatRequest, model: ModelId) => Effect.Effect<TokenCount, LLMError>
  /** Starts a running count of a growing text. */
  readonly running: (model: ModelId) => Effect.Effect<RunningCount, LLMError>
}

/** A chunk with the number of tokens of the answer so far. */
export interface CountedChunk extends StreamChunk {
  /** Tokens of content, reasoning and tool calls so far; on the last chunk the provider's count if reported. */
  readonly counted: TokenCount
}

/** Estimates the tokens of any model without data or network; `estimateTokens` documents the accuracy. */
const approximate: TokenCounterService = {
  count: (content) =>
    Effect.sync(() => {
      const tokens =
        typeof content === "string" ? countText(content, estimateTokens) : countRequest(content, estimateTokens)
      return { tokens, isExact: false }
    }),
  running: () => Effect.sync(() => new RunningCount(estimateTokens, false))
}

/**
 * Counts the answer as it streams, in linear time: each chunk has the count so far in `counted`. The last
 * count is what the provider bills.
 */
const counting =
  (model: ModelId) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<CountedChunk, E | LLMError, R> =>
    ChatStream.make<E | LLMError, R, CountedChunk>(
      Effect.gen(function* () {
        const count = yield* answerCounter(model)
        return Read.mapEach(yield* ChatStream.open(stream), count)
      })
    )

/** Makes what counts an answer chunk by chunk. */
export const answerCounter = (model: ModelId): Effect.Effect<(chunk: StreamChunk) => CountedChunk, LLMError> =>
  Effect.gen(function* () {
    const { running } = yield* TokenCounter
    return new AnswerCount(yield* running(model), yield* running(model)).add
  })

/** Counts an answer: its text, and separately reasoning and tool calls, which each provider frames differently. */
class AnswerCount {
  private framed = 0

  constructor(
    private readonly content: RunningCount,
    private readonly rest: RunningCount
  ) {}

  readonly add = (chunk: StreamChunk): CountedChunk => {
    const { tokens, isExact } = this.content.add(chunk.content)
    const calls = chunk.toolCalls.map((delta) => `${delta.name ?? ""}${delta.arguments}`).join("")
    if (chunk.reasoning !== "" || calls !== "") this.framed = this.rest.add(`${chunk.reasoning}${calls}`).tokens
    const isBilled = chunk.finishReason !== null && chunk.usage !== null
    const counted = isBilled
      ? { tokens: chunk.usage.outputTokens, isExact: true }
      : { tokens: tokens + this.framed, isExact: isExact && this.framed === 0 }
    return { ...chunk, counted }
  }
}

/**
 * The service that counts tokens. Without a layer it is `TokenCounter.approximate`, so that nothing requires it.
 *
 * ```ts
 * const { tokens, isExact } = yield* TokenCounter.count("How many tokens is this?", "openai/gpt-4o-mini")
 * ```
 */
export class TokenCounter extends Context.Reference<TokenCounter>()("llm-connectivity/TokenCounter", {
  defaultValue: (): TokenCounterService => approximate
}) {
  /** Estimates the tokens of any model, without data or network; never fails, and is never exact. */
  static readonly approximate: TokenCounterService = approximate

  /** Counts a text or a request with the counter in context. */
  static readonly count = (content: string | ChatRequest, model: ModelId): Effect.Effect<TokenCount, LLMError> =>
    Effect.flatMap(TokenCounter, (counter) => counter.count(content, model))

  /** Adds to each chunk of a stream how many tokens the answer has so far, in linear time. */
  static readonly counting: typeof counting = counting
}
