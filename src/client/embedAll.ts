/** Embeds any number of texts: in batches as large as the provider takes, several at a time, in order. */
import * as Arrays from "effect/Array"
import * as Effect from "effect/Effect"
import { checkOptions, countProblem } from "../domain/checkOptions.js"
import { checkEmbed, type EmbedRequest, type EmbedResponse } from "../domain/Embedding.js"
import { type LLMError, ProviderError, ValidationError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import type { CallOptions, Provider } from "../provider/Provider.js"
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
      Arrays.chunksOf(input, embeddings.maxBatchSize),
      (batch) => embeddings.embed({ ...checked, input: batch }, options),
      { concurrency }
    )
    const lengths = new Set(responses.map((response) => response.embeddings[0]?.length))
    if (lengths.size > 1) return yield* withUnequalLengths(provider, checked, [...lengths])
    return responses.reduce(join)
  })

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

const join = (all: EmbedResponse, next: EmbedResponse): EmbedResponse => ({
  ...all,
  embeddings: [...all.embeddings, ...next.embeddings],
  usage:
    all.usage === null || next.usage === null
      ? null
      : Usage.make({ inputTokens: all.usage.inputTokens + next.usage.inputTokens, outputTokens: 0 })
})

const withoutEmbeddings = (provider: Provider, request: EmbedRequest): ValidationError =>
  new ValidationError({
    provider: provider.name,
    model: request.model ?? "",
    message: `${provider.name} has no embeddings; use one of ${embeddingProviderNames.join(", ")}`
  })
