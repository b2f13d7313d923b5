/** The providers' own batches: many requests at once, within a day, at half the price. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ValidationError } from "../domain/LLMError.js"
import { type CheckedModelId, type KnownModel, type ModelId, parse, split } from "../domain/ModelId.js"
import type { AnthropicOptions } from "../provider/Anthropic.js"
import type { GoogleOptions } from "../provider/Google.js"
import type { OpenAIOptions } from "../provider/OpenAI.js"
import { invalid } from "./BatchItem.js"
import { type BatchProvider, configured, withAnthropic, withGoogle, withOpenAI } from "./BatchProvider.js"
import type { ProviderBatchService } from "./ProviderBatchService.js"
import { serve } from "./serve.js"

/** The default model of the items. */
export interface BatchModel {
  /** The provider's id of the model, such as `gpt-4o-mini`. */
  readonly model: string
}

/** Why a batch layer cannot be built. */
export type BatchLoadError = ConfigError.ConfigError | ValidationError

/** The layer of one provider. */
export type BatchLayer<E> = Layer.Layer<ProviderBatch, E, HttpClient.HttpClient | KeyValueStore.KeyValueStore>

/**
 * Runs requests as the own batches of OpenAI, Anthropic or Google, within 24 hours and at half the price. `submit` writes
 * to the `KeyValueStore` in context before it sends the first request, so that a crash loses nothing and repeats nothing.
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
  static readonly layer = <const Model extends ModelId>(options: {
    /** The provider and the default model of the items, such as `"openai/gpt-4o-mini"`. */
    readonly model: KnownModel | CheckedModelId<Model>
    /** `chat` (completions) by default, or `responses`. */
    readonly api?: OpenAIOptions["api"] | undefined
  }): BatchLayer<BatchLoadError> =>
    Layer.effect(
      ProviderBatch,
      Effect.gen(function* () {
        const { provider, model } = yield* hasNoBatches(options.model) ?? parse(options.model, batchProviders)
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

/** Reports providers without batches before `parse`, which would call them unknown. */
const hasNoBatches = (id: ModelId) => {
  const { provider } = split(id)
  return provider === "" || batchProviders.includes(provider.toLowerCase())
    ? undefined
    : invalid(provider, `it has no batches; use a model of ${batchProviders.join(", ")}`)
}

const layerOf = (
  provider: Effect.Effect<BatchProvider, ValidationError, HttpClient.HttpClient>,
  model: string
): BatchLayer<ValidationError> =>
  Layer.effect(
    ProviderBatch,
    Effect.flatMap(provider, (made) => serve(made, model))
  )
