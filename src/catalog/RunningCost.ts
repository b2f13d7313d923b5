/** What a streamed answer has cost so far. */
import { Channel, Chunk, Effect, Option, Stream } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { LLMError } from "../domain/LLMError.js"
import { type ModelId, split } from "../domain/ModelId.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { TokenCount } from "../domain/TokenCount.js"
import * as Usage from "../domain/Usage.js"
import { modelInfoOf } from "./answeredModel.js"
import { exactCost, toDollars } from "./exactCost.js"
import { ModelCatalog, type ModelCatalogService } from "./ModelCatalog.js"
import type { ModelInfo } from "./ModelInfo.js"
import { type CountedChunk, TokenCounter } from "./TokenCounter.js"

/** A chunk, the tokens of the answer up to it, and what prompt and answer have cost up to it. */
export interface PricedChunk extends CountedChunk {
  /** What the request has cost up to this chunk. */
  readonly spent: {
    /** US dollars; `null` for a model that the catalog does not price. */
    readonly dollars: number | null
    /** Whether the counts are the provider's final ones, as on the last chunk where it has any. */
    readonly isExact: boolean
  }
}

/**
 * Adds to each chunk of a stream what the request has cost so far, in linear time: estimated from the prompt and the
 * text that has arrived until the provider says its own counts.
 *
 * ```ts
 * stream.pipe(Cost.running(request, "openai/gpt-4o-mini"), Stream.runForEach(({ spent }) => show(spent.dollars)))
 * ```
 */
export const running =
  (request: ChatRequest, model: ModelId) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<PricedChunk, E | LLMError, R | ModelCatalog> =>
    Stream.fromChannel(
      Channel.unwrap(
        Effect.gen(function* () {
          const catalog = yield* ModelCatalog
          const asked = split(model, request.model)
          const prompt = yield* TokenCounter.count(request, `${asked.provider}/${asked.model}`)
          const facts = Option.getOrUndefined(catalog.find(asked.provider, asked.model))
          const price = (chunk: CountedChunk): PricedChunk => ({
            ...chunk,
            spent: spentAt(chunk, prompt, facts, catalog)
          })
          return Channel.mapOut(Stream.toChannel(TokenCounter.counting(model)(stream)), Chunk.map(price))
        })
      )
    )

const spentAt = (
  chunk: CountedChunk,
  prompt: TokenCount,
  facts: ModelInfo | undefined,
  catalog: ModelCatalogService
): PricedChunk["spent"] => {
  const { usage, origin, counted } = chunk
  if (chunk.finishReason !== null && usage !== null) {
    const answered =
      origin === undefined ? facts : Option.getOrUndefined(modelInfoOf(catalog, { ...origin, asked: facts?.model }))
    return { dollars: chunk.cost ?? dollars(usage, answered), isExact: true }
  }
  const known = usage ?? Usage.make({ inputTokens: prompt.tokens, outputTokens: 0 })
  // What the provider has said may be behind the text.
  const outputTokens = Math.max(known.outputTokens, counted.tokens)
  return { dollars: dollars(Usage.make({ ...known, outputTokens }), facts), isExact: false }
}

const dollars = (usage: Usage.Usage, facts: ModelInfo | undefined): number | null => {
  const cost = exactCost(usage, facts)
  return cost === null ? null : toDollars(cost)
}
