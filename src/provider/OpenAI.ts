/** OpenAI: https://platform.openai.com/docs/api-reference */
import { HttpClient } from "@effect/platform"
import { type ConfigError, Context, Effect, Layer } from "effect"
import type { ValidationError } from "../domain/LLMError.js"
import * as OpenAIEmbedding from "../protocol/openAIEmbedding.js"
import * as OpenAIChat from "../protocol/openai-chat/protocol.js"
import * as Connection from "./Endpoint.js"
import * as embedding from "./embedding.js"
import * as environment from "./environment.js"
import type { CountTokens, Provider } from "./Provider.js"
import * as engine from "./ProviderRuntime.js"

/** How to reach OpenAI. */
export interface OpenAIOptions extends Connection.Access {
  /** The key, sent as a bearer token; https://platform.openai.com/api-keys has them. */
  readonly apiKey: Connection.ApiKey
  /** `https://api.openai.com/v1` by default; ends in `/v1` as in OpenAI's own client. */
  readonly baseUrl?: string | undefined
  /** Which of its two APIs to speak: `chat` (completions, the default), which every vendor copies, or `responses`. */
  readonly api?: "chat" | "responses" | undefined
  /** Bills the calls to this organization. */
  readonly organization?: string | undefined
  /** Bills the calls to this project. */
  readonly project?: string | undefined
}

const chat = OpenAIChat.make({
  provider: "openai",
  maxTokensField: "max_completion_tokens",
  refuses: ["fileUrls"]
})
const embeddings = OpenAIEmbedding.make("openai")

const make = (options: OpenAIOptions) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const connection = yield* Connection.make({
      ...options,
      provider: "openai",
      baseUrl: options.baseUrl ?? "https://api.openai.com/v1",
      authorization: (key) => ({ authorization: `Bearer ${key}` }),
      headers: {
        "openai-organization": options.organization,
        "openai-project": options.project,
        ...options.headers
      }
    })
    const responses = Effect.promise(() => import("./openAIResponses.js"))
    const isResponses = options.api === "responses"
    const answering = isResponses
      ? (yield* responses).answering(connection, client)
      : engine.make(chat, connection, client)
    const countTokens: CountTokens = (request, call) =>
      Effect.flatMap(responses, (loaded) => loaded.countTokens(isResponses, connection, client)(request, call))
    return { ...answering, embed: embedding.make(embeddings, connection, client), countTokens }
  })

/** The provider `openai`: https://platform.openai.com/docs/api-reference */
export class OpenAI extends Context.Tag("llm-connectivity/OpenAI")<OpenAI, Provider>() {
  /** Serves OpenAI with the given key; fails with a `ValidationError` when an option cannot be right. */
  static readonly layer = (options: OpenAIOptions): Layer.Layer<OpenAI, ValidationError, HttpClient.HttpClient> =>
    Layer.effect(OpenAI, make(options))

  /** Serves OpenAI with the key of `OPENAI_API_KEY` and, where set, the address of `OPENAI_BASE_URL`. */
  static readonly layerConfig: Layer.Layer<OpenAI, ConfigError.ConfigError | ValidationError, HttpClient.HttpClient> =
    Layer.effect(
      OpenAI,
      Effect.flatMap(environment.read({ key: ["OPENAI_API_KEY"], baseUrl: "OPENAI_BASE_URL" }), make)
    )
}
