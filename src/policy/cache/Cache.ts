/** Answers equal requests from a cache, and sends equal requests that come at the same time once. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { Opening, Pull } from "../../domain/ChatStream.js"
import { amountProblem, checkOptions } from "../../domain/checkOptions.js"
import { positiveDurationProblem } from "../../domain/durationProblem.js"
import type { ValidationError } from "../../domain/LLMError.js"
import type { CallObserver } from "../../provider/CallObserver.js"
import { type CallOptions, type OpenOptions, type Policy, Provider } from "../../provider/Provider.js"
import { refusedByStore } from "../StateUnavailable.js"
import { asCached, decode, encode, isComplete, type Reads, sinceReset } from "./entry.js"
import { Flight, type FlightOpening } from "./Flight.js"
import { cacheKey } from "./key.js"
import { ResponseCache, type ResponseCacheService } from "./ResponseCache.js"

/**
 * Which calls may share responses: all of them (`"shared"`), or those for which a function gives the same text, such as
 * the tenant. Responses can contain what only one caller may read, so there is no default.
 */
export type CacheScope = "shared" | ((request: ChatRequest, options: CallOptions) => string)

/** The options of `Policy.singleFlight`. */
export interface SingleFlightOptions {
  /** Which calls may share responses. */
  readonly scope: CacheScope
}

/** The options of `Policy.cache`. */
export interface CacheOptions extends SingleFlightOptions {
  /** How long a response is used. */
  readonly ttl: Duration.DurationInput
  /** The longest entry in UTF-16 code units, 1 Mi by default. Longer responses are not stored, and longer entries not read. */
  readonly maxEntrySize?: number | undefined
}

/**
 * Answers a request from the cache if the same one was answered before: of the same account, endpoint and scope, with the
 * same fields. The response streams as it did, with its reasoning, tool calls and provider metadata, and without
 * `rawChunk`; its last chunk has `fromCache: true` and `cost: 0`. Only complete responses are stored. Equal requests at the
 * same time are sent once, with the options of the first; a caller who leaves does not end it for the others, and when all
 * have left, it ends. Put it outside of `Spending`, `fallback` and `retry`. Embeddings are not cached.
 *
 * The store holds responses to prompts. Protect it as you protect those, and choose the `scope` accordingly. Options that
 * cannot be right are a `ValidationError` of the layer.
 *
 * ```ts
 * const cached = Policy.cache({ ttl: "1 hour", scope: (_, { caller }) => caller ?? "anonymous" })
 * LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [cached, Policy.retry()] }).pipe(
 *   Layer.provide(ResponseCache.memory)
 * )
 * ```
 */
export const cache = (options: CacheOptions): Effect.Effect<Policy, ValidationError, ResponseCache> =>
  Effect.gen(function* () {
    const { ttl, scope, maxEntrySize = 1024 * 1024 } = options
    yield* checkOptions("the cache", [positiveDurationProblem("ttl", ttl), amountProblem("maxEntrySize", maxEntrySize)])
    const store = yield* ResponseCache
    return sharing(scope, { store, ttlMillis: Duration.toMillis(ttl), maxEntrySize })
  })

/**
 * Sends equal requests that are in progress at the same time once, and stores nothing. It shares as `Policy.cache` does.
 *
 * ```ts
 * LLMClient.layer({
 *   model: "openai/gpt-4o-mini",
 *   policies: [Policy.singleFlight({ scope: "shared" }), Policy.retry()]
 * })
 * ```
 */
export const singleFlight = ({ scope }: SingleFlightOptions): Effect.Effect<Policy> =>
  Effect.sync(() => sharing(scope, undefined))

interface Storage {
  readonly store: ResponseCacheService
  readonly ttlMillis: number
  readonly maxEntrySize: number
}

const sharing = (scope: CacheScope, storage: Storage | undefined): Policy => {
  const flights = new Map<string, Flight>()
  return (provider) => {
    // A provider without an identity shares only with itself.
    const identity = provider.identity ?? Effect.succeed(`${provider.name} ${globalThis.crypto.randomUUID()}`)
    const keyOf = (request: ChatRequest, options: CallOptions) =>
      Effect.flatMap(identity, (known) =>
        cacheKey(request, {
          identity: known,
          scope: scope === "shared" ? "shared" : `own ${scope(request, options)}`
        })
      )
    return Provider.make({
      ...provider,
      open: (request, options = {}) =>
        Effect.flatMap(
          Effect.orElseSucceed(keyOf(request, options), () => undefined),
          (key) => {
            if (key === undefined) return provider.open(request, options)
            const opening = provider.open(request, withoutHooks(options))
            return joined(
              flights,
              key,
              options,
              storage === undefined
                ? unstored(opening)
                : stored(opening, key, storage, { provider: provider.name, observer: options.observer }),
              storage
            )
          }
        )
    })
  }
}

/** A shared request can outlast the call that began it, so it must not use that call's budget. */
const withoutHooks = ({ onTarget: _, onExtraRequest: __, onWait: ___, ...options }: OpenOptions): OpenOptions => options

const joined = (
  flights: Map<string, Flight>,
  key: string,
  { stream = true, observer }: OpenOptions,
  opening: FlightOpening,
  storage: Storage | undefined
): Opening =>
  Effect.uninterruptible(
    Effect.suspend(() => {
      const name = `${key} ${stream}`
      const known = flights.get(name)
      if (known !== undefined) {
        observer?.onEvent({ type: "cache-lookup", result: "joined" })
        return known.join
      }
      const flight: Flight = new Flight(() => {
        if (flights.get(name) === flight) flights.delete(name)
      })
      flights.set(name, flight)
      const store = (reads: Reads, isCached: boolean) =>
        storage === undefined || isCached ? Effect.void : save(storage, key, reads)
      return Effect.zipLeft(flight.join, flight.start(opening, store))
    })
  )

const save = ({ store, ttlMillis, maxEntrySize }: Storage, key: string, reads: Reads): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!isComplete(reads)) return Effect.void
    const entry = encode(key, sinceReset(reads))
    return entry.length > maxEntrySize ? Effect.void : store.set(key, entry, ttlMillis)
  })

const unstored = (opening: Opening): FlightOpening => Effect.map(opening, (pull) => ({ pull, isCached: false }))

/** Reads the entry of a key, or else requests the response. */
const stored = (
  opening: Opening,
  key: string,
  { store, maxEntrySize }: Storage,
  { provider, observer }: { readonly provider: string; readonly observer: CallObserver | undefined }
): FlightOpening =>
  Effect.flatMap(Effect.mapError(store.get(key), refusedByStore(provider, "")), (entry) => {
    const reads = entry === undefined ? undefined : decode(key, entry, maxEntrySize)
    observer?.onEvent({ type: "cache-lookup", result: reads === undefined ? "miss" : "hit" })
    return reads === undefined ? unstored(opening) : Effect.succeed({ pull: replay(reads), isCached: true })
  })

const replay = (reads: Reads): Pull => {
  let position = 0
  return Effect.sync(() => asCached(reads[position++] ?? []))
}
