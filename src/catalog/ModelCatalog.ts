/** A catalog of models, looked up by exact id. A similar name never matches. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { once } from "../domain/lazy.js"
import type { ModelInfo } from "./ModelInfo.js"

/** The service of `ModelCatalog`. */
export interface ModelCatalogService {
  /** Every model, in the order of the list. */
  readonly models: ReadonlyArray<ModelInfo>
  /** The day of the list, `YYYY-MM-DD`, where it is known. */
  readonly date?: string | undefined
  /** Finds a model by its provider and by its id or one of its aliases, both exactly as written. */
  readonly find: (provider: string, model: string) => Option.Option<ModelInfo>
}

/** Makes a catalog. If two models have the same id, the later one is used; an id takes precedence over an alias. */
const make = (models: ReadonlyArray<ModelInfo>, date?: string): ModelCatalogService => {
  // On the first search, which a response asks for after its first text.
  const byName = once(() => {
    const all = new Map<string, ModelInfo>()
    for (const info of models) for (const alias of info.aliases ?? []) all.set(nameOf(info.provider, alias), info)
    for (const info of models) all.set(nameOf(info.provider, info.model), info)
    return all
  })
  return { models, date, find: (provider, model) => Option.fromNullable(byName().get(nameOf(provider, model))) }
}

// Google's own name of a model is a path, of which its API takes and answers the last part alone as well.
const nameOf = (provider: string, model: string): string =>
  `${provider}/${provider === "google" ? model.replace(/^models\//, "") : model}`

const snapshot: Effect.Effect<ModelCatalogService> = Effect.map(
  Effect.promise(() => import("./snapshot.js")),
  ({ models, date }) => make(models, date)
)

/**
 * The service that knows prices, limits and capabilities of models.
 *
 * ```ts
 * const own = { provider: "acme", model: "large", prices: { input: 1, output: 4 } }
 * LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(ModelCatalog.layerWith([own])))
 * ```
 */
export class ModelCatalog extends Context.Tag("llm-connectivity/ModelCatalog")<ModelCatalog, ModelCatalogService>() {
  /** Makes a catalog from a list. If two models have the same id, the later one is used. */
  static readonly make: (models: ReadonlyArray<ModelInfo>, date?: string) => ModelCatalogService = make

  /** Loads the list that comes with the library: a snapshot of models.dev. */
  static readonly snapshot: Effect.Effect<ModelCatalogService> = snapshot

  /** Provides the library's list, which is loaded when the layer is built. */
  static readonly layer: Layer.Layer<ModelCatalog> = Layer.effect(ModelCatalog, snapshot)

  /** Provides only the given models. */
  static readonly layerOf = (models: ReadonlyArray<ModelInfo>): Layer.Layer<ModelCatalog> =>
    Layer.sync(ModelCatalog, () => make(models))

  /** Provides the library's list extended by the given models, which take precedence. */
  static readonly layerWith = (models: ReadonlyArray<ModelInfo>): Layer.Layer<ModelCatalog> =>
    Layer.effect(
      ModelCatalog,
      Effect.map(snapshot, (listed) => make([...listed.models, ...models], listed.date))
    )

  /** Finds a model in the catalog in context. */
  static readonly find = (
    provider: string,
    model: string
  ): Effect.Effect<Option.Option<ModelInfo>, never, ModelCatalog> =>
    Effect.map(ModelCatalog, (catalog) => catalog.find(provider, model))
}
