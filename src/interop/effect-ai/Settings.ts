/** What a request has that @effect/ai has no place for. */
import { Context } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"

/** What a request has beside its prompt, its tools and the form of its answer. */
export interface Settings extends Omit<ChatRequest, "messages" | "tools" | "toolChoice" | "responseFormat"> {}

/** What every request of a layer has. */
export interface EffectAiOptions extends Settings {
  /**
   * How many turns that called tools are remembered for what their providers want back with them; 1,000 by default. A
   * prompt loses that (signatures of reasoning, for instance) when it is made of an answer.
   */
  readonly remembers?: number | undefined
}

/** The settings of single calls, above those of the layer: `Effect.provideService(EffectAi.CallSettings, { seed: 1 })`. */
export class CallSettings extends Context.Reference<CallSettings>()("llm-connectivity/EffectAi/CallSettings", {
  defaultValue: (): Settings => ({})
}) {}
