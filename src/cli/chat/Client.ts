/** Chooses the model: the requested one, or one of a provider whose key is set, or else a simulated one; opens its client. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { LLMClient } from "../../client/LLMClient.js"
import type { LLMClientService } from "../../client/serve.js"
import type { ModelId } from "../../domain/ModelId.js"
import type { AnyPolicy } from "../../policy/Policy.js"
import { fallback } from "../../policy/recovery/Fallback.js"
import { retry } from "../../policy/recovery/Retry.js"
import type { LoadError } from "../../provider/registry.js"
import type { CommandError, CommandFailure } from "../CommandError.js"
import { checkModel, environmentVariable, requestedModel } from "../Model.js"
import { printNotice } from "../Output.js"

/** A model, and whether the Simulator stands in for its provider. */
export interface ModelChoice {
  readonly model: ModelId
  readonly isSimulated: boolean
}

/** If no model is requested, the first of these whose key is set. */
const candidates = [
  { variables: ["OPENAI_API_KEY"], model: "openai/gpt-4o-mini" },
  { variables: ["ANTHROPIC_API_KEY"], model: "anthropic/claude-haiku-4-5" },
  { variables: ["GOOGLE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"], model: "google/gemini-2.5-flash" }
] as const

/** Chooses the model, and prints a notice if it is simulated. */
export const chooseModel = (given: string | undefined): Effect.Effect<ModelChoice, CommandError> =>
  Effect.gen(function* () {
    const requested = yield* requestedModel(given)
    if (requested !== undefined) return { model: requested, isSimulated: false }
    for (const { variables, model } of candidates) {
      const keys = yield* Effect.forEach(variables, environmentVariable)
      if (keys.some((key) => key !== undefined)) return { model, isSimulated: false }
    }
    yield* printNotice("Using a simulated model; set OPENAI_API_KEY (or see --help) to use a real one.")
    return { model: "openai/gpt-4o-mini", isSimulated: true }
  })

/** Opens a client that closes with the scope. */
export const openClient = (
  { model, isSimulated }: ModelChoice,
  fallbacks: ReadonlyArray<string>
): Effect.Effect<LLMClientService, CommandFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const fallbackModels = yield* Effect.forEach(fallbacks, checkModel)
    const client = Layer.provide(
      LLMClient.layer({ model, policies: policiesWith(fallbackModels) }),
      FetchHttpClient.layer
    )
    const served = isSimulated ? Layer.provide(client, yield* simulator) : client
    return Context.get(yield* Layer.build(served), LLMClient)
  })

/** Imported on use: most runs have a key, and need no server. */
const simulator = Effect.map(
  Effect.promise(() => import("../../testing/Simulator.js")),
  ({ Simulator }) => Simulator.layerConfig()
)

/** Retries the first model, then falls back to the others in order. */
const policiesWith = (
  fallbackModels: ReadonlyArray<ModelId>
): ReadonlyArray<AnyPolicy<LoadError, HttpClient.HttpClient | Scope.Scope>> => [
  ...fallbackModels.map((model) => fallback(model)).reverse(),
  retry()
]
