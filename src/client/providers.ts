/** The providers that model strings reach, each loaded only when it is asked for. */
import type { HttpClient } from "@effect/platform"
import { type ConfigError, Context, Effect, Layer, type Scope } from "effect"
import type { ValidationError } from "../domain/LLMError.js"
import { type ModelId, parse } from "../domain/ModelId.js"
import type { Provider } from "../provider/Provider.js"

/** What can keep a model string from being served. */
export type LoadError = ConfigError.ConfigError | ValidationError

/** A provider whose key and address come from the environment. */
type Configured = Effect.Effect<Provider, LoadError, HttpClient.HttpClient | Scope.Scope>

const configured = <Id>(
  tag: Context.Tag<Id, Provider>,
  layerConfig: Layer.Layer<Id, LoadError, HttpClient.HttpClient>
): Configured => Effect.map(Layer.build(layerConfig), Context.get(tag))

const loaders: { readonly [name: string]: () => Promise<Configured> } = {
  openai: () => import("../provider/OpenAI.js").then((module) => configured(module.OpenAI, module.OpenAI.layerConfig))
}

/** A provider, and its own id of a model. */
export interface ProviderModel {
  readonly provider: Provider
  readonly model: string
}

/** Loads the provider that a model string names. */
export const load = (id: ModelId): Effect.Effect<ProviderModel, LoadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const { provider: name, model } = yield* parse(id, Object.keys(loaders))
    const provider = yield* yield* Effect.promise(() => loaders[name]?.() ?? Promise.reject(new Error(name)))
    return { provider, model }
  })
