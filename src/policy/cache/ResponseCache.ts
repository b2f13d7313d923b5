/** The service that holds cached responses: in this process, in a `KeyValueStore`, or in Redis. */
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { amountProblem, checkOptions } from "../../domain/checkOptions.js"
import { durationProblem } from "../../domain/durationProblem.js"
import type { ValidationError } from "../../domain/LLMError.js"
import { currentMonotonicMillis } from "../../domain/monotonic.js"
import { isObject, parseJson } from "../../http/Json.js"
import type { StateUnavailable } from "../StateUnavailable.js"

/** Holds entries by their key, which is a hash. An entry is text that contains a response to a prompt. */
export interface ResponseCacheService {
  /** Gives an entry that has not expired. */
  readonly get: (key: string) => Effect.Effect<string | undefined, StateUnavailable>
  /** Stores an entry for some milliseconds. Never fails. */
  readonly set: (key: string, entry: string, ttlMillis: number) => Effect.Effect<void>
}

/** The options of a cache in memory. */
export interface MemoryCacheOptions {
  /** The most bytes of entries and keys, 64 MiB by default; the entry that was unused for longest goes first. */
  readonly maxBytes?: number | undefined
}

/** Makes a cache of this process, on the monotonic time of its `Clock`. */
export const memoryCache = ({
  maxBytes = 64 * 1024 * 1024
}: MemoryCacheOptions = {}): Effect.Effect<ResponseCacheService> =>
  Effect.sync(() => {
    const entries = new MemoryEntries(maxBytes)
    return {
      get: (key) => Effect.map(currentMonotonicMillis, (now) => entries.get(key, now)),
      set: (key, text, ttlMillis) =>
        Effect.map(currentMonotonicMillis, (now) => entries.set(key, text, now + ttlMillis))
    }
  })

// A store that does not respond must not delay the request for longer.
const defaultTimeout: Duration.DurationInput = "1 second"

const inKeyValueStore = (
  store: KeyValueStore.KeyValueStore,
  { timeout = defaultTimeout }: KeyValueCacheOptions
): ResponseCacheService => {
  const get = (key: string) =>
    store.get(key).pipe(
      Effect.timeout(timeout),
      Effect.orElseSucceed(() => Option.none<string>()),
      Effect.flatMap((found) =>
        Effect.map(Clock.currentTimeMillis, (now) => unexpired(Option.getOrUndefined(found), now))
      )
    )
  const set = (key: string, entry: string, ttlMillis: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      store.set(key, JSON.stringify({ expires: now + ttlMillis, entry })).pipe(Effect.timeout(timeout), Effect.ignore)
    )
  return { get, set }
}

const unexpired = (text: string | undefined, now: number): string | undefined => {
  const json = text === undefined ? undefined : parseJson(text)
  if (!isObject(json)) return undefined
  const { expires, entry } = json
  return typeof expires === "number" && expires > now && typeof entry === "string" ? entry : undefined
}

/** The options of a cache in a `KeyValueStore`. */
export interface KeyValueCacheOptions {
  /** How long a read or a write may take, 1 second by default; then the call goes on without the cache. */
  readonly timeout?: Duration.DurationInput | undefined
}

/** The cached responses, required by `Policy.cache`. Protect the store, because it contains responses to prompts. */
export class ResponseCache extends Context.Tag("llm-connectivity/ResponseCache")<
  ResponseCache,
  ResponseCacheService
>() {
  /** Holds at most 64 MiB in this process. */
  static readonly memory: Layer.Layer<ResponseCache> = Layer.effect(ResponseCache, memoryCache())

  /** Holds at most `maxBytes` in this process; a negative number is a `ValidationError`. */
  static readonly memoryWith = (options: MemoryCacheOptions): Layer.Layer<ResponseCache, ValidationError> =>
    Layer.effect(
      ResponseCache,
      Effect.zipRight(
        checkOptions("the cache in memory", [amountProblem("maxBytes", options.maxBytes ?? 0)]),
        memoryCache(options)
      )
    )

  /**
   * Holds entries in the `KeyValueStore` in context, a folder for instance. Expired entries are not deleted until they are
   * written again.
   */
  static readonly keyValueStore = (
    options: KeyValueCacheOptions = {}
  ): Layer.Layer<ResponseCache, ValidationError, KeyValueStore.KeyValueStore> =>
    Layer.effect(
      ResponseCache,
      Effect.zipWith(
        checkOptions("the cache", [durationProblem("timeout", options.timeout ?? 0)]),
        KeyValueStore.KeyValueStore,
        (_, store) => inKeyValueStore(store, options)
      )
    )
}

interface MemoryEntry {
  readonly text: string
  readonly expires: number
  readonly bytes: number
}

/** The entry that was unused for longest is the first of the map. Mutable, as every call reads it. */
class MemoryEntries {
  private readonly entries = new Map<string, MemoryEntry>()
  private bytes = 0

  constructor(private readonly maxBytes: number) {}

  get(key: string, now: number): string | undefined {
    const entry = this.entries.get(key)
    if (entry === undefined) return undefined
    this.delete(key)
    if (entry.expires <= now) return undefined
    this.put(key, entry)
    return entry.text
  }

  set(key: string, text: string, expires: number): void {
    this.delete(key)
    // V8 stores text in at most two bytes per code unit.
    const entry = { text, expires, bytes: 2 * (key.length + text.length) }
    if (entry.bytes > this.maxBytes) return
    this.put(key, entry)
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.maxBytes) return
      this.delete(oldest)
    }
  }

  private put(key: string, entry: MemoryEntry): void {
    this.entries.set(key, entry)
    this.bytes += entry.bytes
  }

  private delete(key: string): void {
    this.bytes -= this.entries.get(key)?.bytes ?? 0
    this.entries.delete(key)
  }
}
