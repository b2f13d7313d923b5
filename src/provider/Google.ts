/** Google's Gemini API: https://ai.google.dev/api */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ValidationError } from "../domain/LLMError.js"
import * as geminiEmbedding from "../protocol/google-gemini/embedding.js"
import * as gemini from "../protocol/google-gemini/protocol.js"
import * as geminiTokenCount from "../protocol/google-gemini/tokenCount.js"
import type { Credentials } from "./Auth.js"
import * as countTokens from "./countTokens.js"
import { openStream } from "./engine/openStream.js"
import * as environment from "./environment.js"
import { loadModule } from "./loadModule.js"
import { lazyEmbeddings, Provider } from "./Provider.js"
import * as ProviderRuntime from "./ProviderRuntime.js"

/** How to reach Google. */
export interface GoogleOptions extends ProviderRuntime.AccessOptions {
  /** The key, sent as `x-goog-api-key` (https://aistudio.google.com/apikey), an effect that gives it, or an `Auth`. */
  readonly apiKey: Credentials
  /** `https://generativelanguage.googleapis.com/v1beta` by default; ends in `/v1beta` as in Google's own client. */
  readonly baseUrl?: string | undefined
}

const name = "google"
/** Its protocol. */
export const generateContent = gemini.make({ provider: name })
const embedding = geminiEmbedding.make(name)
const tokenCount = geminiTokenCount.make(name)

const embeddings = loadModule("embeddings", () => import("./embeddings.js"))

/** Checks the options, and gives what every request shares. */
export const runtimeOf = (
  options: GoogleOptions
): Effect.Effect<ProviderRuntime.ProviderRuntime, ValidationError, HttpClient.HttpClient> =>
  ProviderRuntime.make({
    ...options,
    provider: name,
    requiresKey: true,
    hasPlainModelIds: true,
    baseUrl: options.baseUrl ?? "https://generativelanguage.googleapis.com/v1beta",
    // In a header, as URLs are logged.
    keyHeaders: (key) => ({ "x-goog-api-key": key })
  })

const make = (options: GoogleOptions): Effect.Effect<Provider, ValidationError, HttpClient.HttpClient> =>
  Effect.map(runtimeOf(options), (runtime) =>
    Provider.make({
      name,
      secrets: runtime.secrets,
      identity: ProviderRuntime.protocolIdentity(runtime, "generateContent"),
      open: openStream(runtime, generateContent),
      embeddings: lazyEmbeddings(
        embedding,
        Effect.map(embeddings, (loaded) => loaded.make(runtime, embedding))
      ),
      countTokens: countTokens.make(runtime, tokenCount)
    })
  )

/** Reads the key and the base URL of the environment. */
export const configured: Effect.Effect<environment.Access, environment.EnvironmentError> = environment.read({
  provider: name,
  key: ["GOOGLE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
  baseUrl: "GOOGLE_GEMINI_BASE_URL",
  basePath: "/v1beta"
})

/** The provider `google`: https://ai.google.dev/api */
export class Google extends Context.Tag("llm-connectivity/Google")<Google, Provider>() {
  /** The name in model strings and errors. */
  static readonly providerName = name

  /** Serves Google with the given key; fails with a `ValidationError` when an option cannot be right. */
  static readonly layer = (options: GoogleOptions): Layer.Layer<Google, ValidationError, HttpClient.HttpClient> =>
    Layer.effect(Google, make(options))

  /**
   * Serves Google with the key of `GOOGLE_AI_API_KEY`, else `GEMINI_API_KEY`, else `GOOGLE_API_KEY` and, where set, the
   * address of `GOOGLE_GEMINI_BASE_URL`: the bare host, as Google's own client reads it.
   */
  static readonly layerConfig: Layer.Layer<Google, ConfigError.ConfigError | ValidationError, HttpClient.HttpClient> =
    Layer.effect(Google, Effect.flatMap(configured, make))
}
