/** Embeds any number of texts: in batches as large as the provider takes, several at a time, in order. */
import * as Arrays from "effect/Array"
import * as Effect from "effect/Effect"
import { checkOptions, countProblem } from "../domain/checkOptions.js"
import { checkEmbed, type EmbedRequest, type EmbedResponse } from "../domain/Embedding.js"
import { type LLMError, ProviderError, ValidationError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import type { CallOptions, Embeddings, Provider } from "../provider/Provider.js"
import { embeddingProviderNames } from "../provider/registry.js"

/** Embeds the texts of a request, `concurrency` batches at a time. */
export const embedAll = (
  provider: Provider,
  request: EmbedRequest,
  options: CallOptions,
  concurrency = 4
): Effect.Effect<EmbedResponse, LLMError> =>
  Effect.gen(function* () {
    const checked = yield* checkEmbed(request, provider.name)
    yield* checkOptions("the embedding", [countProblem("concurrency", concurrency)])
    const { embeddings } = provider
    if (embeddings === undefined) return yield* withoutEmbeddings(provider, checked)
    const input = typeof checked.input === "string" ? [checked.input] : checked.input
    const responses = yield* Effect.forEach(
      batchesOf(input, embeddings),
      (batch) => embeddings.embed({ ...checked, input: batch }, options),
      { concurrency }
    )
    const lengths = new Set(responses.map((response) => response.embeddings[0]?.length))
    if (lengths.size > 1) return yield* withUnequalLengths(provider, checked, [...lengths])
    return joined(responses)
  })

/** Splits texts into batches that the provider takes. A text that is too long alone is a batch, which it rejects. */
const batchesOf = (
  texts: ReadonlyArray<string>,
  { maxBatchSize, maxBatchTokens = Number.POSITIVE_INFINITY }: Embeddings
): Arrays.NonEmptyReadonlyArray<ReadonlyArray<string>> => {
  let batch: Array<string> = []
  const batches: Arrays.NonEmptyArray<Array<string>> = [batch]
  let tokens = 0
  for (const text of texts) {
    const size = mostTokens(text)
    if (batch.length > 0 && (batch.length >= maxBatchSize || tokens + size > maxBatchTokens)) {
      batch = []
      batches.push(batch)
      tokens = 0
    }
    batch.push(text)
    tokens += size
  }
  return batches
}

const utf8 = new TextEncoder()

/** The most tokens that a text can have: each has at least one byte. */
const mostTokens = (text: string): number => utf8.encode(text).length

// Each response was checked alone; a gateway can serve two batches of one request by different models.
const withUnequalLengths = (
  provider: Provider,
  { model = "" }: EmbedRequest,
  lengths: ReadonlyArray<number | undefined>
): ProviderError =>
  new ProviderError({
    provider: provider.name,
    model,
    message: `${provider.name} returned vectors of the lengths ${lengths.join(" and ")} for one request`
  })

const joined = (responses: Arrays.NonEmptyReadonlyArray<EmbedResponse>): EmbedResponse => ({
  ...Arrays.headNonEmpty(responses),
  embeddings: responses.flatMap(({ embeddings }) => embeddings),
  usage: responses.map(({ usage }) => usage).reduce((all, next) => all && next && Usage.sum(all, next)),
  cost: responses.map(({ cost }) => cost).reduce((all, next) => (all === null || next === null ? null : all + next))
})

const withoutEmbeddings = (provider: Provider, request: EmbedRequest): ValidationError =>
  new ValidationError({
    provider: provider.name,
    model: request.model ?? "",
    message: `${provider.name} has no embeddings; use one of ${embeddingProviderNames.join(", ")}`
  })
