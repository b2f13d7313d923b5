/** Loads the registry of providers on first use, so that programs that name one provider bundle no other. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ModelId } from "../domain/ModelId.js"
import { loadModule } from "./loadModule.js"
import type { LoadError, LoadedModel } from "./registry.js"

const registry = loadModule("the providers", () => import("./registry.js"))

/** Loads the provider that a model string such as `openai/gpt-4o-mini` names, configured by the environment. */
export const loadModel = (id: ModelId): Effect.Effect<LoadedModel, LoadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.flatMap(registry, ({ load }) => load(id))
