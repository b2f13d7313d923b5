/** What every request of one provider shares: its endpoint, its credentials, its HTTP client and its size limits. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { countProblem } from "../domain/checkOptions.js"
import { type LLMError, ValidationError } from "../domain/LLMError.js"
import { defaultSizeLimits, type SizeLimits } from "../http/SizeLimits.js"
import { Secrets } from "../http/secrets/Secrets.js"
import { sha256 } from "../http/sha256.js"
import * as Auth from "./Auth.js"
import * as Endpoint from "./Endpoint.js"

/** What the layer of every provider takes. */
export interface AccessOptions
  extends Pick<Endpoint.EndpointOptions, "headers" | "allowPlainHttp" | "query" | "pathOf"> {
  /** The largest event of a stream in UTF-16 code units, 8 Mi by default; a larger one is a `ProviderError`. */
  readonly maxEventSize?: number | undefined
  /** The largest response in bytes, 1 GiB by default; a larger one is a `ProviderError`. */
  readonly maxResponseBytes?: number | undefined
  /**
   * Sends the trace context of a call in the header `traceparent`. Not by default: set it for a gateway of your own that
   * joins traces.
   */
  readonly propagateTraceContext?: boolean | undefined
  /** Allows a key in a browser, where everyone who opens the page can read it. */
  readonly dangerouslyAllowBrowser?: boolean | undefined
}

/** What a runtime is made of. */
export interface ProviderRuntimeOptions extends AccessOptions {
  /** The name of the provider in model strings and errors. */
  readonly provider: string
  readonly baseUrl: string
  readonly apiKey?: Auth.Credentials | undefined
  /** Whether a missing key is a mistake; `false` by default. */
  readonly requiresKey?: boolean | undefined
  /** Whether its ids of models have no slash, so that a model string in place of an id is a mistake. */
  readonly hasPlainModelIds?: boolean | undefined
  /** Writes the headers of a key. */
  readonly keyHeaders: (key: string) => { readonly [name: string]: string }
}

/** A checked runtime. */
export interface ProviderRuntime {
  readonly provider: string
  readonly hasPlainModelIds: boolean
  readonly endpoint: Endpoint.Endpoint
  readonly auth: Auth.Auth
  readonly client: HttpClient.HttpClient
  /** The key, if it is constant, and the headers that may contain one. */
  readonly secrets: Secrets
  readonly sizeLimits: SizeLimits
  readonly propagateTraceContext: boolean
  /** Identifies the account and the endpoint by a hash, for caches. Missing where the account is unknown. */
  readonly identity: Effect.Effect<string, LLMError> | undefined
}

/** The identity of a provider that speaks a protocol. */
export const protocolIdentity = (
  { identity }: ProviderRuntime,
  protocol: string
): Effect.Effect<string, LLMError> | undefined => identity && Effect.map(identity, (hash) => `${protocol} ${hash}`)

/** Checks the options of a provider's layer; the error says what to change and never quotes a key. */
export const make = (
  options: ProviderRuntimeOptions
): Effect.Effect<ProviderRuntime, ValidationError, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.HttpClient, (client) =>
    Either.mapBoth(Either.all([checkBrowser(options), Endpoint.make(options), authOf(options), sizesOf(options)]), {
      onLeft: (problem) =>
        new ValidationError({ provider: options.provider, model: "", message: `${options.provider}: ${problem}` }),
      onRight: ([, endpoint, auth, sizeLimits]) => ({
        provider: options.provider,
        hasPlainModelIds: options.hasPlainModelIds ?? false,
        endpoint,
        auth,
        client,
        propagateTraceContext: options.propagateTraceContext === true,
        identity: identityOf(options, endpoint),
        secrets: new Secrets([...Auth.constantKeys(options.apiKey), ...secretHeaders(endpoint)]),
        sizeLimits
      })
    })
  )

// Headers can name an organization or contain a key.
const identityOf = (
  options: ProviderRuntimeOptions,
  endpoint: Endpoint.Endpoint
): Effect.Effect<string, LLMError> | undefined => {
  const account = Auth.accountOf(options.apiKey)
  const parts = [options.provider, endpoint.urlOf("", ""), Object.entries(endpoint.headers).sort()]
  // Suspended: printing a provider shows the values that an effect holds, but not those in the scope of a function.
  return account && Effect.suspend(() => Effect.flatMap(account, (known) => sha256(JSON.stringify([...parts, known]))))
}

const sizesOf = ({
  maxEventSize = defaultSizeLimits.maxEventSize,
  maxResponseBytes = defaultSizeLimits.maxResponseBytes
}: ProviderRuntimeOptions): Either.Either<SizeLimits, string> => {
  const problem = countProblem("maxEventSize", maxEventSize) ?? countProblem("maxResponseBytes", maxResponseBytes)
  return problem === undefined ? Either.right({ maxEventSize, maxResponseBytes }) : Either.left(problem)
}

const authOf = ({
  apiKey,
  requiresKey = false,
  provider,
  keyHeaders
}: ProviderRuntimeOptions): Either.Either<Auth.Auth, string> =>
  apiKey === undefined && requiresKey ? Either.left(Auth.noKey) : Auth.fromCredentials(apiKey, provider, keyHeaders)

// Shorter values are words, which an error may repeat, as it may the values of these headers.
const publicHeaders = /^(?:accept.*|content-type|user-agent|.*referer|x-title|.*-(?:version|beta))$/

const secretHeaders = ({ headers }: Endpoint.Endpoint): ReadonlyArray<string> =>
  Object.entries(headers).flatMap(([name, value]) => (value.length >= 8 && !publicHeaders.test(name) ? [value] : []))

const isBrowser = (): boolean => "window" in globalThis && "document" in globalThis

const checkBrowser = (options: ProviderRuntimeOptions): Either.Either<void, string> =>
  options.apiKey !== undefined && options.dangerouslyAllowBrowser !== true && isBrowser()
    ? Either.left(
        "everyone who opens the page can read a key in a browser; send requests through your own server, or set dangerouslyAllowBrowser"
      )
    : Either.void
