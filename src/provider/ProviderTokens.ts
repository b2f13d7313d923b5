/** Counts tokens by asking the provider that will be sent them. */
import type { HttpClient } from "@effect/platform"
import { type Context, Effect, Layer } from "effect"
import { TokenCounter, type TokenCounterService } from "../catalog/TokenCounter.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { type ModelId, split } from "../domain/ModelId.js"
import { loadModel } from "./loadModel.js"
import type { Provider } from "./Provider.js"
import type { LoadError } from "./registry.js"

/**
 * A counter that asks a provider, one request for each count; a text is counted as the one message of a user. What
 * another provider would be sent, and what streams, is estimated, as is all where a provider counts nothing.
 */
const serviceOf = ({ name, countTokens }: Provider): TokenCounterService => ({
  count: (content, model) => {
    const target = split(model)
    return countTokens === undefined || target.provider !== name
      ? TokenCounter.approximate.count(content, model)
      : countTokens({ model: target.model, ...requestOf(content) })
  },
  running: TokenCounter.approximate.running
})

const requestOf = (content: string | ChatRequest): ChatRequest =>
  typeof content === "string" ? { messages: [{ role: "user", content }] } : content

/** Counts by the providers themselves: OpenAI, Anthropic and Google count what they would be sent. */
export const ProviderTokens = {
  /** Serves `TokenCounter` by the provider of a model string, with the key of its variable. */
  layer: (model: ModelId): Layer.Layer<TokenCounter, LoadError, HttpClient.HttpClient> =>
    Layer.scoped(
      TokenCounter,
      Effect.map(loadModel(model), ({ provider }) => serviceOf(provider))
    ),

  /** Serves `TokenCounter` by one given provider. */
  fromProvider: <Id>(tag: Context.Tag<Id, Provider>): Layer.Layer<TokenCounter, never, Id> =>
    Layer.effect(TokenCounter, Effect.map(tag, serviceOf))
} as const
