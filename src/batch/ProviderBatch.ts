/** The providers' own batches: many requests at once, within a day, at half the price. */
import { type HttpClient, KeyValueStore } from "@effect/platform"
import { type ConfigError, Context, type Duration, Effect, Either, Layer, Option, Stream } from "effect"
import { ModelCatalog, type ModelCatalogService } from "../catalog/ModelCatalog.js"
import type { LLMError, ValidationError } from "../domain/LLMError.js"
import { type ModelId, parse } from "../domain/ModelId.js"
import type { AnthropicOptions } from "../provider/Anthropic.js"
import type { GoogleOptions } from "../provider/Google.js"
import type { OpenAIOptions } from "../provider/OpenAI.js"
import type { BatchHandle } from "./BatchHandle.js"
import { type BatchItem, type BatchResult, checkItems, invalid } from "./BatchItem.js"
import { type BatchProvider, configured, withAnthropic, withGoogle, withOpenAI } from "./BatchProvider.js"
import { type BatchStatus, statusOf } from "./BatchStatus.js"
import type { BatchStoreError } from "./BatchStoreError.js"
import { atBatchPrice } from "./batchPrice.js"
import { encodeItems, partsOf } from "./encodeItems.js"
import { resultsOfPart, statusOfPart, whenEnded } from "./results.js"
import { submissionsIn } from "./Submissions.js"
import { submit } from "./submit.js"

/** How results are waited for. */
export interface ResultsOptions {
  /** How often the provider is asked whether the batch has ended; once a minute by default. */
  readonly every?: Duration.DurationInput | undefined
}

/** Batches of one provider. */
export interface ProviderBatchService {
  /**
   * Submits the requests, split into as many of the provider's batches as its limits need. The same `id` with the same
   * items is the same batch: a call after a crash submits what is missing and nothing twice. The same `id` with other
   * items, two items of one id and a request that is wrong are a `ValidationError`, and nothing is sent.
   */
  readonly submit: (
    id: string,
    items: ReadonlyArray<BatchItem>
  ) => Effect.Effect<BatchHandle, LLMError | BatchStoreError>
  /** Asks how far a batch is. */
  readonly status: (handle: BatchHandle) => Effect.Effect<BatchStatus, LLMError>
  /**
   * Asks the provider to cancel what has not been run, and says how far the batch is then. Providers may take minutes, or
   * finish it nonetheless; what was run is paid for, and has its results.
   */
  readonly cancel: (handle: BatchHandle) => Effect.Effect<BatchStatus, LLMError>
  /**
   * Waits until the batch has ended, and gives exactly one result for each item, in any order. A batch that expired or
   * was cancelled has the responses that were ready. What one request failed with is in its `result`; the stream fails
   * only where the results cannot be read.
   */
  readonly results: (handle: BatchHandle, options?: ResultsOptions) => Stream.Stream<BatchResult, LLMError>
}

/** The model of the items that name none. */
export interface BatchModel {
  /** The provider's id of the model, such as `gpt-4o-mini`. */
  readonly model: string
}

/** Why a batch layer cannot be built. */
export type BatchLoadError = ConfigError.ConfigError | ValidationError

type BatchLayer<E> = Layer.Layer<ProviderBatch, E, HttpClient.HttpClient | KeyValueStore.KeyValueStore>

/**
 * Runs requests as the provider's own batches, within 24 hours and at half the price: OpenAI, Anthropic and Google. What
 * was submitted is remembered in the `KeyValueStore` in context, before the first request, so that a crash loses and
 * repeats nothing.
 *
 * ```ts
 * const program = Effect.gen(function* () {
 *   const batches = yield* ProviderBatch
 *   const handle = yield* batches.submit("reviews-2026-11", [{ id: "a", request: { messages } }])
 *   yield* Stream.runForEach(batches.results(handle), ({ id, result }) => Console.log(id, result))
 * })
 *
 * program.pipe(
 *   Effect.provide(ProviderBatch.layer({ model: "openai/gpt-4o-mini" })),
 *   Effect.provide(KeyValueStore.layerMemory),
 *   Effect.provide(FetchHttpClient.layer)
 * )
 * ```
 */
export class ProviderBatch extends Context.Tag("llm-connectivity/ProviderBatch")<
  ProviderBatch,
  ProviderBatchService
>() {
  /**
   * Serves the provider that a model string names, with the key in its environment variable. `api` chooses between
   * OpenAI's two.
   */
  static readonly layer = (options: {
    /** Such as `"openai/gpt-4o-mini"`: the provider, and the model of the items that name none. */
    readonly model: ModelId
    readonly api?: OpenAIOptions["api"]
  }): BatchLayer<BatchLoadError> =>
    Layer.effect(
      ProviderBatch,
      Effect.gen(function* () {
        const { provider, model } = yield* parse(options.model, batchProviders)
        return yield* serve(yield* configured(provider, options.api), model)
      })
    )

  /** Serves OpenAI with the given key: https://platform.openai.com/docs/guides/batch */
  static readonly openAI = (options: OpenAIOptions & BatchModel): BatchLayer<ValidationError> =>
    layerOf(withOpenAI(options), options.model)

  /** Serves Anthropic with the given key: https://platform.claude.com/docs/en/build-with-claude/batch-processing */
  static readonly anthropic = (options: AnthropicOptions & BatchModel): BatchLayer<ValidationError> =>
    layerOf(withAnthropic(options), options.model)

  /** Serves Google with the given key: https://ai.google.dev/gemini-api/docs/batch-api */
  static readonly google = (options: GoogleOptions & BatchModel): BatchLayer<ValidationError> =>
    layerOf(withGoogle(options), options.model)
}

const batchProviders = ["openai", "anthropic", "google"]

const layerOf = (
  provider: Effect.Effect<BatchProvider, ValidationError, HttpClient.HttpClient>,
  model: string
): BatchLayer<ValidationError> =>
  Layer.effect(
    ProviderBatch,
    Effect.flatMap(provider, (made) => serve(made, model))
  )

// Each polls and downloads; more would only press on the provider's limits.
const partConcurrency = 4

const serve = (
  { runtime, api, protocol, wire, readItem, context }: BatchProvider,
  model: string
): Effect.Effect<ProviderBatchService, never, KeyValueStore.KeyValueStore> =>
  Effect.gen(function* () {
    const store = yield* KeyValueStore.KeyValueStore
    const catalog = yield* Effect.flatMap(
      Effect.serviceOption(ModelCatalog),
      Option.match({ onNone: () => ModelCatalog.snapshot, onSome: Effect.succeed })
    )
    const { provider } = runtime
    const reader = { wire, context, readItem: priced(catalog, readItem) }
    const checked = (handle: BatchHandle): Effect.Effect<BatchHandle, ValidationError> =>
      handle.provider === provider && handle.api === api
        ? Effect.succeed(handle)
        : invalid(provider, wrongProvider(handle))
    const status = (handle: BatchHandle) =>
      Effect.map(
        Effect.flatMap(checked(handle), ({ parts }) =>
          Effect.forEach(parts, (part) => statusOfPart(wire, part.providerId), { concurrency: partConcurrency })
        ),
        statusOf
      )
    return {
      submit: (id, items) =>
        Effect.gen(function* () {
          yield* checkItems(items, provider)
          const encoded = yield* encodeItems(items, model, runtime, protocol, wire)
          const parts = yield* Either.orElse(partsOf(encoded, wire.limits), (problem) => invalid(provider, problem))
          return yield* submit({ id, provider, api, parts }, wire, submissionsIn(store, provider, id))
        }),
      status,
      cancel: (handle) =>
        Effect.gen(function* () {
          const { parts } = yield* checked(handle)
          for (const { providerId } of parts) {
            const { state } = yield* statusOfPart(wire, providerId)
            if (state !== "ended") yield* Effect.scoped(wire.cancel(providerId))
          }
          return yield* status(handle)
        }),
      results: (handle, { every = "1 minute" } = {}) =>
        Stream.unwrap(
          Effect.map(checked(handle), ({ parts }) =>
            Stream.flatMap(
              Stream.fromIterable(parts),
              (part) =>
                Stream.unwrap(
                  Effect.map(whenEnded(wire, part.providerId, every), (ended) => resultsOfPart(reader, part, ended))
                ),
              { concurrency: partConcurrency, bufferSize: 1 }
            )
          )
        )
    }
  })

const priced =
  (catalog: ModelCatalogService, readItem: BatchProvider["readItem"]): BatchProvider["readItem"] =>
  (model, outcome) =>
    Either.map(readItem(model, outcome), (response) => atBatchPrice(catalog, response))

const wrongProvider = ({ id, provider, api }: BatchHandle): string =>
  `the batch ${id} was submitted to ${provider} (${api}); use a layer of that provider and api`
