/** Finds the caller of a request by its bearer token. With `allowAnyone`, checks that it comes from this machine. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { isLoopback } from "../../http/loopback.js"
import { sha256 } from "../../http/sha256.js"
import type { AllowAnyone, Authorize, GatewayCaller } from "./Caller.js"
import { badRequest, type Rejection, rejectionOf, serverFailure } from "./Rejection.js"

type Request = HttpServerRequest.HttpServerRequest

/** Finds the caller, or rejects the request. */
export const callerOf = <R>(
  request: Request,
  authorize: Authorize<R> | AllowAnyone
): Effect.Effect<GatewayCaller, Rejection, R> => {
  if (typeof authorize !== "function") return isFromHere(request) ? Effect.succeed(anyone) : Effect.fail(notFromHere)
  const token = tokenOf(request.headers["authorization"])
  if (token === undefined) return Effect.fail(withoutKey)
  return authorize(Redacted.make(token)).pipe(
    Effect.mapError((error): Rejection => {
      const isLimit = error._tag === "RateLimitError" || error._tag === "InsufficientCreditsError"
      return isLimit ? rejectionOf(error, "") : { ...serverFailure, hidden: error }
    }),
    Effect.filterOrFail(
      (caller) => caller !== undefined,
      () => wrongKey
    )
  )
}

const anyone: GatewayCaller = { name: "anyone" }

// Characters; no key is longer.
const maxTokenLength = 4096

const tokenOf = (header: string | undefined): string | undefined =>
  header === undefined || header.length > maxTokenLength ? undefined : /^bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1]

const withoutKey: Rejection = {
  kind: "authentication",
  message: "You didn't provide an API key. Send it in the header 'Authorization: Bearer YOUR_KEY'.",
  code: "missing_api_key"
}

const wrongKey: Rejection = { kind: "authentication", message: "Incorrect API key provided." }

/**
 * Whether a program of this machine sends the request. A web page that runs here does not count: pages send their origin,
 * and one that let its own name resolve to loopback would send that name as the host. Nor does a proxy.
 */
const isFromHere = (request: Request): boolean =>
  Option.exists(request.remoteAddress, isLoopback) &&
  isLoopback(hostOf(request.headers["host"] ?? "")) &&
  ["origin", "forwarded", "x-forwarded-for"].every((name) => request.headers[name] === undefined)

const hostOf = (host: string): string => host.replace(/:\d{1,5}$/, "")

const notFromHere: Rejection = {
  ...badRequest(
    "This server answers without keys, and so only programs on its own machine. Start it with keys to reach it from " +
      "elsewhere or from web pages.",
    403
  ),
  code: "loopback_only"
}

/** A key and the caller that has it. */
export interface CallerKey {
  /** The bearer token. */
  readonly key: Redacted.Redacted<string>
  /** The caller that sends it. */
  readonly caller: GatewayCaller
}

/** Finds callers by the hashes of their keys, so that the time of a look-up reveals nothing about a key. */
export const authorizeKeys = (keys: ReadonlyArray<CallerKey>): Effect.Effect<Authorize> =>
  Effect.map(
    Effect.forEach(keys, ({ key, caller }) =>
      Effect.map(sha256(Redacted.value(key)), (hash) => [hash, caller] as const)
    ),
    (entries) => {
      const callers = new Map(entries)
      return (token) => Effect.map(sha256(Redacted.value(token)), (hash) => callers.get(hash))
    }
  )
