/** Who answers the examples: real providers where their keys are set, or else the embedded simulator over real HTTP. */
import { FetchHttpClient } from "@effect/platform"
import { Config, Effect, Layer } from "effect"
import { LLMClient, type LLMClientOptions } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { note } from "./terminal.js"

const wanted = Config.withDefault(Config.string("LLM_MODEL"), undefined)
const key = Config.withDefault(Config.redacted("OPENAI_API_KEY"), undefined)

/** What an example says first that asks no provider. */
export const notice =
  "Answers come from the embedded simulator; set OPENAI_API_KEY (or LLM_MODEL and its key) to ask a provider."

/** HTTP, and where neither `LLM_MODEL` nor `OPENAI_API_KEY` is set, the simulator in the place of every provider. */
export const providers = Layer.unwrapEffect(
  Effect.gen(function* () {
    if ((yield* wanted) !== undefined || (yield* key) !== undefined) return FetchHttpClient.layer
    yield* note(notice)
    return Layer.merge(FetchHttpClient.layer, Simulator.layerConfig())
  })
)

/** A client of `LLM_MODEL`, `openai/gpt-4o-mini` by default. */
export const answering = Layer.unwrapEffect(
  Effect.map(wanted, (model = "openai/gpt-4o-mini") => LLMClient.layer({ model }))
).pipe(Layer.provide(providers))

/** A client of the simulator whatever keys are set, and the simulator itself: for examples in which it has to fail. */
export const simulated = (options?: Partial<LLMClientOptions>) =>
  LLMClient.layer({ model: "openai/gpt-4o-mini", ...options }).pipe(
    Layer.provideMerge(Simulator.layerConfig()),
    Layer.provide(FetchHttpClient.layer)
  )
