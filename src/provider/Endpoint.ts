/** Where a provider is and how it is asked: an address and headers that have been checked once. */
import { Either, Redacted } from "effect"
import { ValidationError } from "../domain/LLMError.js"
import { defaultMaxEventSize } from "../http/ServerSentEvents.js"

/** A key, hidden from logs. A plain string is accepted and hidden at once. */
export type ApiKey = Redacted.Redacted<string> | string

/** What every provider's layer lets a caller decide. */
export interface Access {
  /** Headers to add to every request. */
  readonly headers?: { readonly [name: string]: string | undefined } | undefined
  /** Allows a base URL of plain `http` to another machine, over which anyone between can read key and prompts. */
  readonly allowPlainHttp?: boolean | undefined
  /** The largest event of a stream in UTF-16 code units, 8 Mi by default; a larger one is a `ProviderError`. */
  readonly maxEventSize?: number | undefined
  /** The largest answer in bytes, 1 GiB by default; a larger one is a `ProviderError`. */
  readonly maxAnswerBytes?: number | undefined
  /** Allows a key in a browser, where everyone who opens the page can read it. */
  readonly dangerouslyAllowBrowser?: boolean | undefined
}

/** What a connection is made of. */
export interface ConnectionOptions extends Access {
  readonly provider: string
  readonly baseUrl: string
  readonly apiKey?: ApiKey | undefined
  /** The headers that carry the key. */
  readonly authorization: (key: string) => { readonly [name: string]: string }
}

/** How much is read of what a provider sends. */
export interface SizeLimits {
  /** In UTF-16 code units. */
  readonly maxEventSize: number
  readonly maxAnswerBytes: number
}

/** A checked connection. */
export interface Connection {
  readonly provider: string
  /** Without a slash at its end. */
  readonly baseUrl: string
  /** All headers, hidden: they carry the key, and the caller's own may carry others. */
  readonly headers: Redacted.Redacted<{ readonly [name: string]: string }>
  readonly sizeLimits: SizeLimits
  /** What must not appear in any message. */
  readonly secrets: Redacted.Redacted<ReadonlyArray<string>>
}

/** Checks what a connection is made of; the error says what to change and quotes no key. */
export const make = (options: ConnectionOptions): Either.Either<Connection, ValidationError> =>
  Either.mapLeft(
    Either.gen(function* () {
      if (options.apiKey !== undefined && options.dangerouslyAllowBrowser !== true && isBrowser()) {
        return yield* Either.left(
          "a key in a browser can be read by everyone who opens the page; prepareRequest through a server of your own, or set dangerouslyAllowBrowser"
        )
      }
      const baseUrl = yield* checkBaseUrl(options.baseUrl, options.allowPlainHttp === true)
      const key = options.apiKey === undefined ? undefined : yield* checkKey(options.apiKey)
      const own = yield* checkHeaders(options.headers ?? {})
      return {
        provider: options.provider,
        baseUrl,
        sizeLimits: {
          maxEventSize: options.maxEventSize ?? defaultMaxEventSize,
          maxAnswerBytes: options.maxAnswerBytes ?? 1024 ** 3
        },
        headers: Redacted.make({ ...(key === undefined ? {} : options.authorization(key)), ...own }),
        secrets: Redacted.make([...(key === undefined ? [] : [key]), ...Object.values(own).filter(isLong)])
      }
    }),
    (problem) =>
      new ValidationError({ provider: options.provider, model: "", message: `${options.provider}: ${problem}` })
  )

// Shorter header values are words such as a version, which an error may well repeat.
const isLong = (value: string): boolean => value.length >= 8

const isLoopback = (hostname: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)

const isBrowser = (): boolean => "window" in globalThis && "document" in globalThis

const checkBaseUrl = (baseUrl: string, allowsPlainHttp: boolean): Either.Either<string, string> => {
  if (!URL.canParse(baseUrl)) return Either.left("baseUrl is no URL; write one such as https://api.example.com/v1")
  const url = new URL(baseUrl)
  if (url.protocol !== "https:" && url.protocol !== "http:") return Either.left("baseUrl must begin with https://")
  if (url.username !== "" || url.password !== "") {
    return Either.left("baseUrl must hold no user name or password; put them in headers")
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowsPlainHttp) {
    return Either.left(
      "baseUrl is plain http, over which anyone can read the key and the prompts; use https, or set allowPlainHttp"
    )
  }
  return Either.right(baseUrl.replace(/\/+$/, ""))
}

const checkKey = (apiKey: ApiKey): Either.Either<string, string> => {
  const key = Redacted.isRedacted(apiKey) ? Redacted.value(apiKey) : apiKey
  if (key === "") return Either.left("the API key is empty")
  return /^[\x21-\x7e]+$/.test(key)
    ? Either.right(key)
    : Either.left("the API key has a space, a line end or another character that no key has; copy it again")
}

const checkHeaders = (headers: {
  readonly [name: string]: string | undefined
}): Either.Either<{ readonly [name: string]: string }, string> => {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const]
  )
  const wrong = given.find(([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e]*$/.test(value))
  return wrong === undefined
    ? Either.right(Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])))
    : Either.left(`the header ${JSON.stringify(wrong[0])} has a character that no header may have`)
}
