/** Counts tokens with the token counting endpoint of a provider. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TokenCounter, type TokenCounterService } from "../catalog/TokenCounter.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { type ModelId, split } from "../domain/ModelId.js"
import { loadModel } from "./loadModel.js"
import type { Provider } from "./Provider.js"
import type { LoadError } from "./registry.js"

/**
 * A counter that sends one request to the provider for each count. A text counts as a single user message. Requests for
 * other providers, running counts of streams, and all counts of a provider without a counting endpoint are estimates.
 */
const serviceOf = ({ name, countTokens }: Provider): TokenCounterService => ({
  count: (content, model) => {
    const target = split(model)
    if (countTokens === undefined || target.provider !== name) return TokenCounter.approximate.count(content, model)
    const request = requestOf(content)
    return countTokens({ ...request, model: request.model ?? target.model })
  },
  running: TokenCounter.approximate.running
})

const requestOf = (content: string | ChatRequest): ChatRequest =>
  typeof content === "string" ? { messages: [{ role: "user", content }] } : content

/** Token counters that use the counting endpoints of OpenAI, Anthropic and Google. */
export const ProviderTokens = {
  /** Serves `TokenCounter` with the provider of a model string, whose key is in its environment variable. */
  layer: (model: ModelId): Layer.Layer<TokenCounter, LoadError, HttpClient.HttpClient> =>
    Layer.scoped(
      TokenCounter,
      Effect.map(loadModel(model), ({ provider }) => serviceOf(provider))
    ),

  /** Serves `TokenCounter` with the provider of a tag. */
  fromProvider: <Id>(tag: Context.Tag<Id, Provider>): Layer.Layer<TokenCounter, never, Id> =>
    Layer.effect(TokenCounter, Effect.map(tag, serviceOf))
} as const
