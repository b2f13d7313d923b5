/** Loads the provider that a model string names, and with it the list of all that there are. */
import type { HttpClient } from "@effect/platform"
import { Effect, type Scope } from "effect"
import type { ModelId } from "../domain/ModelId.js"
import type { LoadError, ProviderModel } from "./ProviderModel.js"

/** Loads the provider that a model string names; who names none so bundles none. */
export const load = (id: ModelId): Effect.Effect<ProviderModel, LoadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.flatMap(
    Effect.promise(() => import("./registry.js")),
    (directory) => directory.load(id)
  )
