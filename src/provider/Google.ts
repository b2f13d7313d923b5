/** Google's Gemini API: https://ai.google.dev/api */
import { HttpClient } from "@effect/platform"
import { type ConfigError, Context, Effect, Layer } from "effect"
import type { ValidationError } from "../domain/LLMError.js"
import * as GoogleGeminiEmbedding from "../protocol/google-gemini/embedding.js"
import * as GoogleGemini from "../protocol/google-gemini/protocol.js"
import * as GoogleGeminiCounting from "../protocol/google-gemini/tokenCount.js"
import * as Connection from "./Endpoint.js"
import * as embedding from "./embedding.js"
import * as environment from "./environment.js"
import type { Provider } from "./Provider.js"
import * as engine from "./ProviderRuntime.js"
import * as counting from "./tokenCounting.js"

/** How to reach Google. */
export interface GoogleOptions extends Connection.Access {
  /** The key, sent as `x-goog-api-key`; https://aistudio.google.com/apikey has them. */
  readonly apiKey: Connection.ApiKey
  /** `https://generativelanguage.googleapis.com/v1beta` by default; ends in `/v1beta` as in Google's own client. */
  readonly baseUrl?: string | undefined
}

const protocol = GoogleGemini.make({ provider: "google" })
const embeddings = GoogleGeminiEmbedding.make("google")
const counts = GoogleGeminiCounting.make("google")

const make = (options: GoogleOptions) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const connection = yield* Connection.make({
      ...options,
      provider: "google",
      baseUrl: options.baseUrl ?? "https://generativelanguage.googleapis.com/v1beta",
      // In a header, as an address ends up in logs.
      authorization: (key) => ({ "x-goog-api-key": key })
    })
    return {
      ...engine.make(protocol, connection, client),
      embed: embedding.make(embeddings, connection, client),
      countTokens: counting.make(counts, connection, client)
    }
  })

/** The provider `google`: https://ai.google.dev/api */
export class Google extends Context.Tag("llm-connectivity/Google")<Google, Provider>() {
  /** Serves Google with the given key; fails with a `ValidationError` when an option cannot be right. */
  static readonly layer = (options: GoogleOptions): Layer.Layer<Google, ValidationError, HttpClient.HttpClient> =>
    Layer.effect(Google, make(options))

  /**
   * Serves Google with the key of `GOOGLE_AI_API_KEY`, else `GEMINI_API_KEY`, else `GOOGLE_API_KEY` and, where set, the
   * address of `GOOGLE_BASE_URL`.
   */
  static readonly layerConfig: Layer.Layer<Google, ConfigError.ConfigError | ValidationError, HttpClient.HttpClient> =
    Layer.effect(
      Google,
      Effect.flatMap(
        environment.read({
          key: ["GOOGLE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
          baseUrl: "GOOGLE_BASE_URL"
        }),
        make
      )
    )
}
