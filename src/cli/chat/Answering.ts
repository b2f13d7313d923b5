/** Who answers: the model that was asked for, or one of a provider whose key is set, or else the embedded simulator. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { Context, Effect, Layer, type Scope } from "effect"
import { LLMClient } from "../../client/LLMClient.js"
import type { LLMClientService } from "../../client/serve.js"
import type { ModelId } from "../../domain/ModelId.js"
import { fallback } from "../../policy/Fallback.js"
import { retry } from "../../policy/Retry.js"
import type { Policy } from "../../provider/Provider.js"
import type { LoadError } from "../../provider/ProviderModel.js"
import { checked, variable, wanted } from "../Model.js"
import { tell } from "../Output.js"
import type { Failure, Problem } from "../Problem.js"

/** A model, and whether a simulator takes its place. */
export interface Answering {
  readonly model: ModelId
  readonly isSimulated: boolean
}

/** Whose key is looked for, in this order, where no model is named. */
const candidates = [
  { variables: ["OPENAI_API_KEY"], model: "openai/gpt-4o-mini" },
  { variables: ["ANTHROPIC_API_KEY"], model: "anthropic/claude-haiku-4-5" },
  { variables: ["GOOGLE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"], model: "google/gemini-2.5-flash" }
] as const

/** Chooses who answers, and says so in one line where it is no real model. */
export const choose = (written: string | undefined): Effect.Effect<Answering, Problem> =>
  Effect.gen(function* () {
    const named = yield* wanted(written)
    if (named !== undefined) return { model: named, isSimulated: false }
    for (const { variables, model } of candidates) {
      const keys = yield* Effect.forEach(variables, variable)
      if (keys.some((key) => key !== undefined)) return { model, isSimulated: false }
    }
    yield* tell("A simulated model answers; set OPENAI_API_KEY (or see --help) to ask a real one.")
    return { model: "openai/gpt-4o-mini", isSimulated: true }
  })

/** Opens a client that lasts as long as the scope. */
export const open = (
  { model, isSimulated }: Answering,
  fallbacks: ReadonlyArray<string>
): Effect.Effect<LLMClientService, Failure, Scope.Scope> =>
  Effect.gen(function* () {
    const others = yield* Effect.forEach(fallbacks, checked)
    const client = Layer.provide(LLMClient.layer({ model, policy: policyWith(others) }), FetchHttpClient.layer)
    const served = isSimulated ? Layer.provide(client, yield* simulator) : client
    return Context.get(yield* Layer.build(served), LLMClient)
  })

/** Only here, as it is a server that few need. */
const simulator = Effect.map(
  Effect.promise(() => import("../../testing/Simulator.js")),
  ({ Simulator }) => Simulator.layerConfig()
)

/** Retries the first, and then asks the others in their order. */
const policyWith = (
  others: ReadonlyArray<ModelId>
): Effect.Effect<Policy, LoadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.map(
    Effect.forEach(others, (other) => fallback(other)),
    (fallbacks) => (provider) => fallbacks.reduce((answering, policy) => policy(answering), retry()(provider))
  )
