/** Turns any number of texts into vectors: batches as large as the provider takes, a few at a time, in order. */
import { Array as Arrays, Effect } from "effect"
import { checkEmbed, type EmbedRequest, type EmbedResponse } from "../domain/Embedding.js"
import { type LLMError, ValidationError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import type { CallOptions, Provider } from "../provider/Provider.js"
import { embeddingProviderNames } from "../provider/registry.js"

/** Splits a request, asks for its batches, and puts the vectors together. */
export const embedAll = (
  provider: Provider,
  request: EmbedRequest,
  { concurrency = 4, ...options }: CallOptions & { readonly concurrency?: number | undefined }
): Effect.Effect<EmbedResponse, LLMError> =>
  Effect.gen(function* () {
    const checked = yield* checkEmbed(request, provider.name)
    const { embed } = provider
    if (embed === undefined) return yield* withoutEmbeddings(provider, checked)
    const input = typeof checked.input === "string" ? [checked.input] : checked.input
    const [first, ...others] = yield* Effect.forEach(
      Arrays.chunksOf(input, embed.batchSize),
      (batch) => embed({ ...checked, input: batch }, options),
      { concurrency }
    )
    if (first === undefined) return yield* withoutEmbeddings(provider, checked)
    const all = others.reduce(join, first)
    const cost =
      all.usage === null ? null : (options.costOf?.(all.usage, { ...all, requestedModel: checked.model }) ?? null)
    return { ...all, cost }
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
    message: `${provider.name} has no embeddings; these have: ${embeddingProviderNames.join(", ")}`
  })
