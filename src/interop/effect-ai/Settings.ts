/** What a request has that @effect/ai has no place for. */
import { Context } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"

/** What a request has beside its prompt, its tools and the form of its answer. */
export interface Settings extends Omit<ChatRequest, "messages" | "tools" | "toolChoice" | "responseFormat"> {}

/** The settings of every request of a layer. */
export interface EffectAiOptions extends Settings {}

/** The settings of single calls, above those of the layer: `Effect.provideService(EffectAi.CallSettings, { seed: 1 })`. */
export class CallSettings extends Context.Reference<CallSettings>()("llm-connectivity/EffectAi/CallSettings", {
  defaultValue: (): Settings => ({})
}) {}
