/** One promise of the library that has to hold wherever it runs. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { type Context, Effect, Layer } from "effect"
import {
  Anthropic,
  type ChatRequest,
  type FromProviderOptions,
  Google,
  LLMClient,
  type LLMError,
  OpenAI,
  type Provider,
  type ValidationError
} from "llm-connectivity"
import type { Address } from "./Simulation.js"
import { type Opened, type SentOptions, Simulation } from "./Simulation.js"

/** Where the program runs. */
export interface Place {
  /** Whether it is a page, where keys are refused and other origins are asked for leave. */
  readonly isPage: boolean
  /** The subpaths of the package, as its `exports` name them. */
  readonly subpaths: ReadonlyArray<string>
}

/** A promise and how to test it; `isFor` says where it makes sense. */
export interface Check {
  readonly title: string
  readonly isFor?: (place: Place) => boolean
  readonly run: (place: Place) => Effect.Effect<unknown, unknown, Simulation>
}

/** What every check may ask, and what the Simulator then answers. */
export const sampleRequest: ChatRequest = { messages: [{ role: "user", content: "Count to 5 with words" }] }
export const answer = "One, two, three, four, five."

/** One API protocol and the model that is asked. */
export interface ProtocolName {
  readonly name: string
  readonly provider: string
  readonly client: (address: Address, options?: Asking) => Layer.Layer<LLMClient>
}

/** How it is asked. */
type Asking = Partial<FromProviderOptions> & { readonly http?: Layer.Layer<HttpClient.HttpClient> }

const protocol = <Id>(
  name: string,
  provider: string,
  model: string,
  tag: Context.Tag<Id, Provider>,
  layer: (address: Address) => Layer.Layer<Id, ValidationError, HttpClient.HttpClient>
): ProtocolName => ({
  name,
  provider,
  client: (address, { http = FetchHttpClient.layer, ...options } = {}) =>
    LLMClient.fromProvider(tag, { model, policies: [], ...options }).pipe(
      Layer.provide(layer(address)),
      Layer.provide(http),
      Layer.orDie
    )
})

const dangerouslyAllowBrowser = true

export const openai: ProtocolName = protocol("OpenAI (chat)", "openai", "gpt-5-mini", OpenAI, ({ apiKey, baseUrls }) =>
  OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, dangerouslyAllowBrowser })
)

/** The four protocols. */
export const protocols: ReadonlyArray<ProtocolName> = [
  openai,
  protocol("OpenAI (Responses)", "openai", "gpt-5-mini", OpenAI, ({ apiKey, baseUrls }) =>
    OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, api: "responses", dangerouslyAllowBrowser })
  ),
  protocol("Anthropic", "anthropic", "claude-sonnet-5", Anthropic, ({ apiKey, baseUrls }) =>
    Anthropic.layer({ apiKey, baseUrl: baseUrls.anthropic, dangerouslyAllowBrowser })
  ),
  protocol("Google", "google", "gemini-3-flash-preview", Google, ({ apiKey, baseUrls }) =>
    Google.layer({ apiKey, baseUrl: baseUrls.google, dangerouslyAllowBrowser })
  )
]

/** Opens a Simulator and asks it. */
export const on = <A, E>(
  options: SentOptions,
  use: (opened: Opened) => Effect.Effect<A, E>
): Effect.Effect<A, E, Simulation> => Effect.flatMap(Simulation, (open) => Effect.flatMap(open(options), use))

/** Does so with each protocol. */
export const onEach = <E>(
  options: SentOptions,
  use: (protocol: ProtocolName, opened: Opened) => Effect.Effect<unknown, E>
): Effect.Effect<unknown, unknown, Simulation> =>
  Effect.forEach(protocols, (protocol) =>
    on(options, (opened) => Effect.mapError(use(protocol, opened), (error) => new Error(`${protocol.name}: ${error}`)))
  )

/** Fails unless two values are the same as JSON. */
export const same = (what: string, actual: unknown, expected: unknown): Effect.Effect<void, Error> =>
  JSON.stringify(actual) === JSON.stringify(expected)
    ? Effect.void
    : Effect.fail(new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`))

/** The fields of an object that are compared. */
export const pick = (value: object, ...names: ReadonlyArray<string>): ReadonlyArray<unknown> =>
  names.map((name) => Reflect.get(value, name))

/** Turns the failure that a program has to have into its result, and holds it to hide the key. */
export const failureOf = <A, E extends LLMError>(
  program: Effect.Effect<A, E>,
  { apiKey }: Address
): Effect.Effect<E, Error> =>
  Effect.flip(program).pipe(
    Effect.mapError((value) => new Error(`succeeded with ${JSON.stringify(value)}`)),
    Effect.filterOrFail(
      (error) => !`${error} ${error.stack} ${JSON.stringify(error)}`.includes(apiKey),
      () => new Error("the failure shows the key")
    )
  )
