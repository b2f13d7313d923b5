/** OpenAI: https://platform.openai.com/docs/api-reference */
import { HttpClient } from "@effect/platform"
import { Config, type ConfigError, Context, Effect, Layer } from "effect"
import * as OpenAIChat from "../dialect/openai-chat/OpenAIChat.js"
import type { ValidationError } from "../domain/LLMError.js"
import * as Connection from "./Connection.js"
import * as engine from "./engine.js"
import type { Provider } from "./Provider.js"

/** How to reach OpenAI. */
export interface OpenAIOptions {
  readonly apiKey: Connection.ApiKey
  /** `https://api.openai.com/v1` by default; ends in `/v1` as in OpenAI's own client. */
  readonly baseUrl?: string | undefined
  /** Bills the calls to this organization. */
  readonly organization?: string | undefined
  /** Bills the calls to this project. */
  readonly project?: string | undefined
  /** Headers to add to every request. */
  readonly headers?: { readonly [name: string]: string } | undefined
}

const dialect = OpenAIChat.make({ provider: "openai", maxTokensField: "max_completion_tokens" })

const make = (options: OpenAIOptions) =>
  Effect.gen(function* () {
    const connection = yield* Connection.make({
      provider: "openai",
      baseUrl: options.baseUrl ?? "https://api.openai.com/v1",
      apiKey: options.apiKey,
      authorization: (key) => ({ authorization: `Bearer ${key}` }),
      headers: {
        "openai-organization": options.organization,
        "openai-project": options.project,
        ...options.headers
      }
    })
    return engine.make(dialect, connection, yield* HttpClient.HttpClient)
  })

/** The provider `openai`. */
export class OpenAI extends Context.Tag("llm-connectivity/OpenAI")<OpenAI, Provider>() {
  /** Serves OpenAI with the given key; fails with a `ValidationError` when an option cannot be right. */
  static readonly layer = (options: OpenAIOptions): Layer.Layer<OpenAI, ValidationError, HttpClient.HttpClient> =>
    Layer.effect(OpenAI, make(options))

  /** Serves OpenAI with the key of `OPENAI_API_KEY` and, where set, the address of `OPENAI_BASE_URL`. */
  static readonly layerConfig: Layer.Layer<OpenAI, ConfigError.ConfigError | ValidationError, HttpClient.HttpClient> =
    Layer.effect(
      OpenAI,
      Effect.gen(function* () {
        const apiKey = yield* Config.redacted("OPENAI_API_KEY")
        const baseUrl = yield* Config.withDefault(Config.string("OPENAI_BASE_URL"), undefined)
        return yield* make({ apiKey, baseUrl })
      })
    )
}
