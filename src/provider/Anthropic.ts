/** Anthropic: https://platform.claude.com/docs/en/api/overview */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ValidationError } from "../domain/LLMError.js"
import * as anthropicMessages from "../protocol/anthropic-messages/protocol.js"
import * as anthropicTokenCount from "../protocol/anthropic-messages/tokenCount.js"
import type { Credentials } from "./Auth.js"
import * as countTokens from "./countTokens.js"
import { openStream } from "./engine/openStream.js"
import * as environment from "./environment.js"
import { Provider } from "./Provider.js"
import * as ProviderRuntime from "./ProviderRuntime.js"

/** How to reach Anthropic. */
export interface AnthropicOptions extends ProviderRuntime.AccessOptions {
  /** The key, sent as `x-api-key` (https://platform.claude.com/settings/keys), an effect that gives it, or an `Auth`. */
  readonly apiKey: Credentials
  /** `https://api.anthropic.com` by default: the bare host, as in Anthropic's own client. */
  readonly baseUrl?: string | undefined
  /** The version of the API, `2023-06-01` by default. */
  readonly version?: string | undefined
  /** Features before their release: the values of the `anthropic-beta` header. */
  readonly betas?: ReadonlyArray<string> | undefined
}

const name = "anthropic"
/** Its protocol. */
export const messages = anthropicMessages.make({ provider: name })
const tokenCount = anthropicTokenCount.make(name)

/** Checks the options, and gives what every request shares. */
export const runtimeOf = (
  options: AnthropicOptions
): Effect.Effect<ProviderRuntime.ProviderRuntime, ValidationError, HttpClient.HttpClient> =>
  ProviderRuntime.make({
    ...options,
    provider: name,
    requiresKey: true,
    hasPlainModelIds: true,
    baseUrl: options.baseUrl ?? "https://api.anthropic.com",
    keyHeaders: (key) => ({ "x-api-key": key }),
    headers: {
      "anthropic-version": options.version ?? "2023-06-01",
      "anthropic-beta": options.betas?.join(","),
      // Without it Anthropic refuses requests of pages from other origins.
      "anthropic-dangerous-direct-browser-access": options.dangerouslyAllowBrowser === true ? "true" : undefined,
      ...options.headers
    }
  })

const make = (options: AnthropicOptions): Effect.Effect<Provider, ValidationError, HttpClient.HttpClient> =>
  Effect.map(runtimeOf(options), (runtime) =>
    Provider.make({
      name,
      secrets: runtime.secrets,
      identity: ProviderRuntime.protocolIdentity(runtime, "messages"),
      open: openStream(runtime, messages),
      countTokens: countTokens.make(runtime, tokenCount)
    })
  )

/** Reads the key and the base URL of the environment. */
export const configured: Effect.Effect<environment.Access, environment.EnvironmentError> = environment.read({
  provider: name,
  key: ["ANTHROPIC_API_KEY"],
  baseUrl: "ANTHROPIC_BASE_URL"
})

/** The provider `anthropic`: https://platform.claude.com/docs/en/api/overview */
export class Anthropic extends Context.Tag("llm-connectivity/Anthropic")<Anthropic, Provider>() {
  /** The name in model strings and errors. */
  static readonly providerName = name

  /** Serves Anthropic with the given key; fails with a `ValidationError` when an option cannot be right. */
  static readonly layer = (options: AnthropicOptions): Layer.Layer<Anthropic, ValidationError, HttpClient.HttpClient> =>
    Layer.effect(Anthropic, make(options))

  /** Serves Anthropic with the key of `ANTHROPIC_API_KEY` and, where set, the address of `ANTHROPIC_BASE_URL`. */
  static readonly layerConfig: Layer.Layer<
    Anthropic,
    ConfigError.ConfigError | ValidationError,
    HttpClient.HttpClient
  > = Layer.effect(Anthropic, Effect.flatMap(configured, make))
}
