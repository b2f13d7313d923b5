/** Authenticates requests: by a key in a header, a token that refreshes, or a signature over the request. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { AuthenticationError, type NetworkError } from "../domain/LLMError.js"

/** A key, hidden from logs. A plain string is accepted and hidden at once. */
export type ApiKey = Redacted.Redacted<string> | string

/**
 * What a provider's layer takes as its `apiKey`: a key; an effect that gives the key of each request, so that keys can
 * rotate; or an `Auth` that signs each request.
 */
export type Credentials = ApiKey | Effect.Effect<ApiKey, AuthenticationError | NetworkError> | Auth

/** A request that is about to be sent. */
export interface SignableRequest {
  /** The HTTP method. */
  readonly method: "GET" | "POST"
  /** The complete URL, query included. */
  readonly url: string
  /** The headers set so far, names in lower case. */
  readonly headers: { readonly [name: string]: string }
  /** The bytes of the body. */
  readonly body: Uint8Array
}

/** The result of signing a request. */
export interface Signature {
  /** Headers to add, names in lower case. They are never logged or traced. */
  readonly headers: { readonly [name: string]: string }
  /** What errors must not contain: the key or token in plain text. */
  readonly secrets: ReadonlyArray<string>
}

/**
 * Authenticates each request.
 *
 * ```ts
 * const withToken = (token: Ref.Ref<string>, refresh: Effect.Effect<string>) =>
 *   OpenAI.layer({
 *     apiKey: {
 *       sign: () => Effect.map(token, (value) => ({ headers: { authorization: `Bearer ${value}` }, secrets: [value] })),
 *       onUnauthorized: Effect.flatMap(refresh, (value) => Ref.set(token, value))
 *     }
 *   })
 * ```
 */
export interface Auth {
  /**
   * Makes the headers for one request, computed over the bytes that are sent. A value that cannot stand in a header, such as
   * one with a line end, is an `AuthenticationError`.
   */
  readonly sign: (request: SignableRequest) => Effect.Effect<Signature, AuthenticationError | NetworkError>
  /** Runs after a 401, to refresh a token for instance; the request is then signed and sent once more. */
  readonly onUnauthorized?: Effect.Effect<void, AuthenticationError | NetworkError> | undefined
  /**
   * Names the account that it signs for, without secrets. Programs that name the same one share cached responses; without
   * it, a cache shares nothing with other clients.
   */
  readonly account?: string | undefined
}

/** Requests without credentials. */
const anonymous: Auth = { sign: () => Effect.succeed({ headers: {}, secrets: [] }) }

/**
 * Makes the `Auth` of a provider from its credentials. `headersOf` writes the headers of a key. A constant key is checked
 * here, a key from an effect for each request. The error says what is wrong with the key.
 */
export const fromCredentials = (
  credentials: Credentials | undefined,
  provider: string,
  headersOf: (key: string) => { readonly [name: string]: string }
): Either.Either<Auth, string> => {
  if (credentials === undefined) return Either.right(anonymous)
  if (isAuth(credentials)) return Either.right(credentials)
  const signatureOf = (apiKey: ApiKey): Either.Either<Signature, string> =>
    Either.map(checkKey(apiKey), (key) => ({ headers: headersOf(key), secrets: [key] }))
  if (Effect.isEffect(credentials)) {
    const sign = Effect.flatMap(credentials, (apiKey) =>
      Either.mapLeft(
        signatureOf(apiKey),
        (problem) => new AuthenticationError({ provider, model: "", message: `${provider}: ${problem}` })
      )
    )
    return Either.right({ sign: () => sign })
  }
  return Either.map(signatureOf(credentials), (signature) => {
    const sign = Effect.succeed(signature)
    return { sign: () => sign }
  })
}

/** The key that credentials have from the beginning, if they do. */
export const constantKeys = (credentials: Credentials | undefined): ReadonlyArray<string> =>
  credentials === undefined || isAuth(credentials) || Effect.isEffect(credentials) ? [] : [plainKey(credentials)]

/** What tells accounts apart, which may be a secret; `undefined` where only the `Auth` knows it. */
export const accountOf = (
  credentials: Credentials | undefined
): Effect.Effect<string, AuthenticationError | NetworkError> | undefined => {
  if (credentials === undefined) return Effect.succeed("")
  if (isAuth(credentials)) {
    return credentials.account === undefined ? undefined : Effect.succeed(`account ${credentials.account}`)
  }
  const apiKey = Effect.isEffect(credentials) ? credentials : Effect.succeed(credentials)
  return Effect.map(apiKey, (key) => `key ${plainKey(key)}`)
}

const plainKey = (apiKey: ApiKey): string => (Redacted.isRedacted(apiKey) ? Redacted.value(apiKey) : apiKey)

const isAuth = (credentials: Credentials): credentials is Auth =>
  typeof credentials === "object" && credentials !== null && "sign" in credentials

/** What is wrong without a key. */
export const noKey = "the API key is empty; set it to the key of your account"

const checkKey = (apiKey: ApiKey): Either.Either<string, string> => {
  const key = plainKey(apiKey)
  // JavaScript programs may pass an environment variable that is not set.
  if (typeof key !== "string" || key === "") return Either.left(noKey)
  return isSendable(key) ? Either.right(key) : Either.left(`the API key ${unsendable}`)
}

/** Whether a key can stand in a header. */
export const isSendable = (key: string): boolean => /^[\x21-\x7e]+$/.test(key)

/** What is wrong with any other key. */
export const unsendable =
  "contains a space, a line end or another character that keys do not contain; copy the key again"
