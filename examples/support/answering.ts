/** Who answers the examples: the provider whose key is set, or else the embedded simulator over real HTTP. */
import { FetchHttpClient } from "@effect/platform"
import { Config, Effect, Layer } from "effect"
import { LLMClient } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { write } from "./terminal.js"

const provider = (model: string) => Layer.provide(LLMClient.layer({ model }), FetchHttpClient.layer)

const simulator = (model: string) => Layer.provideMerge(provider(model), Simulator.layerConfig())

/** Serves `LLM_MODEL` (`openai/gpt-4o-mini` by default), and says in one line who it is. */
export const answering = Layer.unwrapEffect(
  Effect.gen(function* () {
    const wanted = yield* Config.withDefault(Config.string("LLM_MODEL"), undefined)
    const key = yield* Config.withDefault(Config.redacted("OPENAI_API_KEY"), undefined)
    const model = wanted ?? "openai/gpt-4o-mini"
    const isSimulated = wanted === undefined && key === undefined
    yield* write(
      isSimulated
        ? "Answers come from the embedded simulator; set OPENAI_API_KEY (and LLM_MODEL) to ask a provider.\n"
        : `Answers come from ${model}.\n`
    )
    return isSimulated ? simulator(model) : provider(model)
  })
)
