/** Serves `LanguageModel` of @effect/ai 0.37, so that programs written for it can use the providers of llm-connectivity. */
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as AiModel from "@effect/ai/Model"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { FromProviderOptions } from "../../client/ClientOptions.js"
import { LLMClient } from "../../client/LLMClient.js"
import { type Provider, providerNameOf } from "../../provider/Provider.js"
import type { EffectAiOptions } from "./request.js"
import { serve } from "./serve.js"

export { errorOf } from "./aiErrors.js"
export type { PartOptions } from "./PartOptions.js"
export { CallSettings, type EffectAiOptions, type Settings } from "./request.js"
export { type LoopTool, tools } from "./tools.js"

/**
 * Serves the client in context, with its model, keys, timeouts and policies. A prompt, a tool or an option that a
 * `ChatRequest` cannot express fails with `MalformedInput`. Any other failure is the closest error of @effect/ai, with
 * the `LLMError` as its `cause` (`errorOf`).
 *
 * Metadata that providers need back with a part, such as signatures of reasoning, is in the part's
 * `metadata["llm-connectivity"]`. `Prompt.fromResponseParts`, and so `Chat`, drops the metadata of parts: providers then
 * omit earlier reasoning, as its signature is missing. To keep it, write the prompt with
 * `options["llm-connectivity"]` of each part set to that metadata, or use `LLMClient` and `response.message`.
 */
export const layer = (options: EffectAiOptions = {}): Layer.Layer<LanguageModel.LanguageModel, never, LLMClient> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.flatMap(LLMClient, (client) => serve(client, options))
  )

/** Makes a `Model` of @effect/ai of one provider, such as `EffectAi.model(OpenAI, { model: "gpt-4o-mini" })`. */
export const model = <Id>(
  tag: Context.Tag<Id, Provider>,
  client: FromProviderOptions,
  options: EffectAiOptions = {}
): AiModel.Model<string, LanguageModel.LanguageModel, Id> =>
  AiModel.make(providerNameOf(tag), Layer.provide(layer(options), LLMClient.fromProvider(tag, client)))
