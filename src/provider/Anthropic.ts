/** Anthropic: https://platform.claude.com/docs/en/api/overview */
import { HttpClient } from "@effect/platform"
import { type ConfigError, Context, Effect, Layer } from "effect"
import type { ValidationError } from "../domain/LLMError.js"
import * as AnthropicMessages from "../protocol/anthropic-messages/protocol.js"
import * as AnthropicMessagesCounting from "../protocol/anthropic-messages/tokenCount.js"
import * as Connection from "./Endpoint.js"
import * as environment from "./environment.js"
import type { Provider } from "./Provider.js"
import * as engine from "./ProviderRuntime.js"
import * as counting from "./tokenCounting.js"

/** How to reach Anthropic. */
export interface AnthropicOptions extends Connection.Access {
  /** The key, sent as `x-api-key`; https://platform.claude.com/settings/keys has them. */
  readonly apiKey: Connection.ApiKey
  /** `https://api.anthropic.com` by default: the bare host, as in Anthropic's own client. */
  readonly baseUrl?: string | undefined
  /** The version of the API, `2023-06-01` by default. */
  readonly version?: string | undefined
  /** Features to try before they are released: the values of the `anthropic-beta` header. */
  readonly betas?: ReadonlyArray<string> | undefined
}

const protocol = AnthropicMessages.make({ provider: "anthropic" })
const counts = AnthropicMessagesCounting.make("anthropic")

const make = (options: AnthropicOptions) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const connection = yield* Connection.make({
      ...options,
      provider: "anthropic",
      baseUrl: options.baseUrl ?? "https://api.anthropic.com",
      authorization: (key) => ({ "x-api-key": key }),
      headers: {
        "anthropic-version": options.version ?? "2023-06-01",
        "anthropic-beta": options.betas?.join(","),
        // Without it Anthropic answers no page of another origin.
        "anthropic-dangerous-direct-browser-access": options.dangerouslyAllowBrowser === true ? "true" : undefined,
        ...options.headers
      }
    })
    return {
      ...engine.make(protocol, connection, client),
      countTokens: counting.make(counts, connection, client)
    }
  })

/** The provider `anthropic`: https://platform.claude.com/docs/en/api/overview */
export class Anthropic extends Context.Tag("llm-connectivity/Anthropic")<Anthropic, Provider>() {
  /** Serves Anthropic with the given key; fails with a `ValidationError` when an option cannot be right. */
  static readonly layer = (options: AnthropicOptions): Layer.Layer<Anthropic, ValidationError, HttpClient.HttpClient> =>
    Layer.effect(Anthropic, make(options))

  /** Serves Anthropic with the key of `ANTHROPIC_API_KEY` and, where set, the address of `ANTHROPIC_BASE_URL`. */
  static readonly layerConfig: Layer.Layer<
    Anthropic,
    ConfigError.ConfigError | ValidationError,
    HttpClient.HttpClient
  > = Layer.effect(
    Anthropic,
    Effect.flatMap(environment.read({ key: ["ANTHROPIC_API_KEY"], baseUrl: "ANTHROPIC_BASE_URL" }), make)
  )
}
