/** The clients of the examples: for a real provider if its key is set, otherwise for the embedded simulator. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { LLMClient, type LLMClientOptions } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { note } from "./terminal.js"

const modelSetting = Config.withDefault(Config.string("LLM_MODEL"), undefined)
const key = Config.withDefault(Config.redacted("OPENAI_API_KEY"), undefined)

/** Printed first by an example that uses the simulator. */
export const notice =
  "Answers come from the embedded simulator; set OPENAI_API_KEY (or LLM_MODEL and its key) to ask a provider."

/** HTTP, and the simulator for every provider if neither `LLM_MODEL` nor `OPENAI_API_KEY` is set. */
export const providers = Layer.unwrapEffect(
  Effect.gen(function* () {
    if ((yield* modelSetting) !== undefined || (yield* key) !== undefined) return FetchHttpClient.layer
    yield* note(notice)
    return Layer.merge(FetchHttpClient.layer, Simulator.layerConfig())
  })
)

/** A client of `LLM_MODEL`, `openai/gpt-4o-mini` by default. */
export const answering = Layer.unwrapEffect(
  Effect.map(modelSetting, (model = "openai/gpt-4o-mini") => LLMClient.layer({ model }))
).pipe(Layer.provide(providers))

/** A client of the simulator, and the simulator itself, for examples that need failures. Ignores keys. */
export const simulated = (options?: Partial<LLMClientOptions>) =>
  LLMClient.layer({ model: "openai/gpt-4o-mini", ...options }).pipe(
    Layer.provideMerge(Simulator.layerConfig()),
    Layer.provide(FetchHttpClient.layer)
  )
