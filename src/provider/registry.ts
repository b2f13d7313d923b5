/** The providers that model strings name. `loadModel.ts` loads this file on first use. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Record from "effect/Record"
import type * as Scope from "effect/Scope"
import type { ProviderError, ValidationError } from "../domain/LLMError.js"
import { type ModelId, parse } from "../domain/ModelId.js"
import { loadModule } from "./loadModule.js"
import type { Provider } from "./Provider.js"
import * as vendors from "./vendors.js"

/**
 * Why a model cannot be loaded, which building a layer can fail with: no key (`ConfigError`), a wrong model string or base
 * URL (`ValidationError`), or a part of this package that was not deployed (`ProviderError`).
 */
export type LoadError = ConfigError.ConfigError | ValidationError | ProviderError

/** A provider, and its own id of a model. */
export interface LoadedModel {
  readonly provider: Provider
  readonly model: string
}

/** A provider that the environment configures. */
type Configured = Effect.Effect<Provider, LoadError, HttpClient.HttpClient | Scope.Scope>

interface Entry {
  readonly hasEmbeddings: boolean
  readonly load: Configured
}

const configured = <Id>(
  tag: Context.Tag<Id, Provider>,
  layerConfig: Layer.Layer<Id, LoadError, HttpClient.HttpClient>
): Configured => Effect.map(Layer.build(layerConfig), Context.get(tag))

// These load on first use, as each speaks a protocol of its own.
const openAI = loadModule("OpenAI", () => import("./OpenAI.js"))
const anthropic = loadModule("Anthropic", () => import("./Anthropic.js"))
const google = loadModule("Google", () => import("./Google.js"))

const entries: { readonly [provider: string]: Entry } = {
  openai: {
    hasEmbeddings: true,
    load: Effect.flatMap(openAI, ({ OpenAI }) => configured(OpenAI, OpenAI.layerConfig))
  },
  anthropic: {
    hasEmbeddings: false,
    load: Effect.flatMap(anthropic, ({ Anthropic }) => configured(Anthropic, Anthropic.layerConfig))
  },
  google: {
    hasEmbeddings: true,
    load: Effect.flatMap(google, ({ Google }) => configured(Google, Google.layerConfig))
  },
  // Sorted, because the order of a module's exports is alphabetical by class in Node and as written in some bundlers.
  ...Object.fromEntries(
    Object.values(vendors)
      .map((tag): [string, Entry] => [
        tag.vendor.provider,
        {
          hasEmbeddings: tag.vendor.maxEmbedBatchSize !== undefined,
          load: tag.configured
        }
      ])
      .sort(([first], [second]) => (first < second ? -1 : 1))
  )
}

/** The providers that model strings name. */
export const providerNames: ReadonlyArray<string> = Object.keys(entries)

/** Those with embeddings. */
export const embeddingProviderNames: ReadonlyArray<string> = Object.keys(
  Record.filter(entries, (entry) => entry.hasEmbeddings)
)

/** Loads the provider that a model string names. */
export const load = (id: ModelId): Effect.Effect<LoadedModel, LoadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const { provider: name, model } = yield* parse(id, providerNames)
    const provider = yield* entries[name]?.load ?? Effect.die(new Error(`${name} is in no entry`))
    return { provider, model }
  })
