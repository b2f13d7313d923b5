/** Where requests are sent: a checked base URL, query parameters, and the headers of every request. */
import * as Either from "effect/Either"
import { isLoopback } from "../http/loopback.js"
import type { ServerAddress } from "./CallObserver.js"

/** The options of an endpoint. */
export interface EndpointOptions {
  /** The URL before the protocol's own path, such as `https://api.openai.com/v1`, without a query. */
  readonly baseUrl: string
  /** Headers to add to every request. */
  readonly headers?: { readonly [name: string]: string | undefined } | undefined
  /** Parameters to add to every URL, such as Azure's `api-version`. They may appear in logs: put no key here. */
  readonly query?: { readonly [name: string]: string } | undefined
  /** Rewrites the protocol's path for one model, where a vendor serves the protocol under other paths. */
  readonly pathOf?: ((path: string, model: string) => string) | undefined
  /** Allows plain `http` to another machine, where anyone on the network can read the key and the prompts. */
  readonly allowPlainHttp?: boolean | undefined
}

/** A checked endpoint. */
export interface Endpoint {
  /** Writes the URL for a protocol's path and a model. */
  readonly urlOf: (path: string, model: string) => string
  /** The headers of every request, names in lower case. */
  readonly headers: { readonly [name: string]: string }
  /** The host and port of the base URL. */
  readonly server: ServerAddress
  /** The origin of a base URL on this machine, such as `http://localhost:11434`. */
  readonly localUrl: string | undefined
}

/** Checks the options; the error says what to change. */
export const make = (options: EndpointOptions): Either.Either<Endpoint, string> =>
  Either.gen(function* () {
    const baseUrl = yield* checkBaseUrl(options.baseUrl, options.allowPlainHttp === true)
    const headers = yield* checkHeaders(options.headers ?? {})
    const { pathOf = (path) => path } = options
    const query = new URLSearchParams(options.query).toString()
    const withQuery = (url: string): string => (query === "" ? url : `${url}${url.includes("?") ? "&" : "?"}${query}`)
    const { hostname, origin } = new URL(baseUrl)
    return {
      urlOf: (path, model) => withQuery(`${baseUrl}${pathOf(path, model)}`),
      headers,
      server: serverOf(baseUrl),
      localUrl: isLoopback(hostname) ? origin : undefined
    }
  })

const serverOf = (baseUrl: string): ServerAddress => {
  const { hostname, port, protocol } = new URL(baseUrl)
  return { address: hostname, port: port === "" ? (protocol === "http:" ? 80 : 443) : Number(port) }
}

const checkBaseUrl = (baseUrl: string, allowPlainHttp: boolean): Either.Either<string, string> => {
  if (!URL.canParse(baseUrl))
    return Either.left(
      "baseUrl, or the variable that sets it, is not a URL; write one such as https://api.example.com/v1"
    )
  const url = new URL(baseUrl)
  if (url.protocol !== "https:" && url.protocol !== "http:") return Either.left("baseUrl must begin with https://")
  if (url.username !== "" || url.password !== "") {
    return Either.left("baseUrl must not contain a user name or password; put them in headers")
  }
  if (url.search !== "" || url.hash !== "") {
    return Either.left("baseUrl must end before ? and #; put the parameters of every request in the option query")
  }
  const path = /\/(?:chat\/completions|messages|responses)\/*$/.exec(url.pathname)?.[0]
  if (path !== undefined) return Either.left(`baseUrl must end before ${path}, which is added to it`)
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !allowPlainHttp) {
    return Either.left(
      "baseUrl is plain http, where anyone on the network can read the key and the prompts; use https, or set allowPlainHttp"
    )
  }
  // Without the blanks that `URL` ignores around an address, such as the line end of a file.
  return Either.right(url.href.replace(/\/+$/, ""))
}

/** Checks headers and writes their names in lower case; the error names the header that cannot be sent. */
export const checkHeaders = (headers: {
  readonly [name: string]: string | undefined
}): Either.Either<{ readonly [name: string]: string }, string> => {
  const defined = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const]
  )
  const invalid = defined.find(
    ([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e]*$/.test(value)
  )
  return invalid === undefined
    ? Either.right(Object.fromEntries(defined.map(([name, value]) => [name.toLowerCase(), value])))
    : Either.left(`the header ${JSON.stringify(invalid[0])} contains a character that headers must not have; remove it`)
}
