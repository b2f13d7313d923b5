/** OpenAI: https://platform.openai.com/docs/api-reference */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ValidationError } from "../domain/LLMError.js"
import * as openAIEmbedding from "../protocol/openAIEmbedding.js"
import * as openAIChat from "../protocol/openai-chat/protocol.js"
import type { Credentials } from "./Auth.js"
import { openStream } from "./engine/openStream.js"
import * as environment from "./environment.js"
import { loadModule } from "./loadModule.js"
import { lazyEmbeddings, type Open, Provider } from "./Provider.js"
import * as ProviderRuntime from "./ProviderRuntime.js"

/** How to reach OpenAI. */
export interface OpenAIOptions extends ProviderRuntime.AccessOptions {
  /** The key, sent as a bearer token (https://platform.openai.com/api-keys), an effect that gives it, or an `Auth`. */
  readonly apiKey: Credentials
  /** `https://api.openai.com/v1` by default; ends in `/v1` as in OpenAI's own client. */
  readonly baseUrl?: string | undefined
  /** Which of its two APIs to use: `chat` (completions, the default), which most vendors copy, or `responses`. */
  readonly api?: "chat" | "responses" | undefined
  /** Bills the calls to this organization. */
  readonly organization?: string | undefined
  /** Bills the calls to this project. */
  readonly project?: string | undefined
}

const name = "openai"
/** The protocol of its chat completions. */
export const chat = openAIChat.make({
  provider: name,
  maxTokensField: "max_completion_tokens",
  callIds: "40 characters",
  insteadOfHostedTools: 'use Responses: OpenAI.layer({ apiKey, api: "responses" })',
  unsupported: ["fileUrls"]
})
const embedding = openAIEmbedding.make(name, openAIEmbedding.openAILimits)

// Loaded on first use, so that programs that use chat completions alone do not bundle them.
const responses = loadModule("OpenAI's Responses", () => import("./openAIResponses.js"))
const embeddings = loadModule("embeddings", () => import("./embeddings.js"))

/** Checks the options, and gives what every request shares. */
export const runtimeOf = (
  options: OpenAIOptions
): Effect.Effect<ProviderRuntime.ProviderRuntime, ValidationError, HttpClient.HttpClient> =>
  ProviderRuntime.make({
    ...options,
    provider: name,
    requiresKey: true,
    hasPlainModelIds: true,
    baseUrl: options.baseUrl ?? "https://api.openai.com/v1",
    keyHeaders: (key) => ({ authorization: `Bearer ${key}` }),
    headers: {
      "openai-organization": options.organization,
      "openai-project": options.project,
      ...options.headers
    }
  })

const make = (options: OpenAIOptions): Effect.Effect<Provider, ValidationError, HttpClient.HttpClient> =>
  Effect.map(runtimeOf(options), (runtime) => {
    const isResponses = options.api === "responses"
    const openResponses: Open = (request, call) =>
      Effect.flatMap(responses, (loaded) => loaded.open(runtime)(request, call))
    return Provider.make({
      name,
      secrets: runtime.secrets,
      identity: ProviderRuntime.protocolIdentity(runtime, isResponses ? "responses" : "chat"),
      open: isResponses ? openResponses : openStream(runtime, chat),
      embeddings: lazyEmbeddings(
        embedding,
        Effect.map(embeddings, (loaded) => loaded.make(runtime, embedding))
      ),
      countTokens: (request, call) =>
        Effect.flatMap(responses, (loaded) => loaded.countTokens(runtime, isResponses)(request, call))
    })
  })

/** Reads the key and the base URL of the environment. */
export const configured: Effect.Effect<environment.Access, environment.EnvironmentError> = environment.read({
  provider: name,
  key: ["OPENAI_API_KEY"],
  baseUrl: "OPENAI_BASE_URL"
})

/** The provider `openai`: https://platform.openai.com/docs/api-reference */
export class OpenAI extends Context.Tag("llm-connectivity/OpenAI")<OpenAI, Provider>() {
  /** The name in model strings and errors. */
  static readonly providerName = name

  /** Serves OpenAI with the given key; fails with a `ValidationError` when an option cannot be right. */
  static readonly layer = (options: OpenAIOptions): Layer.Layer<OpenAI, ValidationError, HttpClient.HttpClient> =>
    Layer.effect(OpenAI, make(options))

  /** Serves OpenAI with the key of `OPENAI_API_KEY` and, where set, the address of `OPENAI_BASE_URL`. */
  static readonly layerConfig: Layer.Layer<OpenAI, ConfigError.ConfigError | ValidationError, HttpClient.HttpClient> =
    Layer.effect(OpenAI, Effect.flatMap(configured, make))
}
