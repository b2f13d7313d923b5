/** Runs scripts on Redis: in bounded time, on the server's clock, and on one node of a cluster. */
import { createHash } from "node:crypto"
import { Context, Duration, Effect, Layer } from "effect"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import { monotonicMillis } from "../../policy/monotonic.js"
import { StateUnavailable } from "../../policy/StateUnavailable.js"
import * as RedisClient from "./RedisClient.js"
import type { Script } from "./Script.js"

/**
 * What policies do while Redis cannot be reached: admit every call (`open`), fail every call with a `NetworkError`
 * (`closed`), or apply the limits to this process alone (`local`).
 */
export type OnUnavailable = "open" | "closed" | "local"

/** How policies use Redis. */
export interface RedisOptions extends RedisClient.RedisAddress {
  /** The beginning of every key, `llm:` by default. Programs with the same prefix share their state. */
  readonly keyPrefix?: string | undefined
  /** What policies do while Redis cannot be reached. */
  readonly onUnavailable: OnUnavailable
  /** How long a command may take, 250 ms by default; then Redis counts as unavailable for a second. */
  readonly commandTimeout?: Duration.DurationInput | undefined
}

/** What a script is run on. */
export interface ScriptCall {
  /** What the keys belong to: it is the hash tag of all of them, so that one node has them all. */
  readonly group: string
  /** The keys inside the group; one key without a name by default. */
  readonly names?: ReadonlyArray<string> | undefined
  readonly args: ReadonlyArray<string | number>
}

/** Runs scripts. */
export interface RedisStoreService {
  readonly run: (script: Script, call: ScriptCall) => Effect.Effect<unknown, StateUnavailable>
  /** What to do instead while Redis cannot be reached. Without either it fails, as `closed` does. */
  readonly orElse: <A>(instead: {
    readonly open: Effect.Effect<A, StateUnavailable>
    readonly local: Effect.Effect<A, StateUnavailable>
  }) => (shared: Effect.Effect<A, StateUnavailable>) => Effect.Effect<A, StateUnavailable>
}

/** The connection that the stores of all policies share. */
export class RedisStore extends Context.Tag("llm-connectivity/redis/RedisStore")<RedisStore, RedisStoreService>() {
  static readonly layer = (options: RedisOptions): Layer.Layer<RedisStore, MissingPeerError> =>
    Layer.scoped(RedisStore, make(options))
}

// While Redis is down, one call in a second finds that out, and the others do not wait for it.
const recheckMillis = 1000

const make = (options: RedisOptions) =>
  Effect.gen(function* () {
    const timeout = Duration.decode(options.commandTimeout ?? "250 millis")
    const client = yield* RedisClient.open(options, Duration.seconds(2))
    const server = new Server(client, options.keyPrefix ?? "llm:", timeout)
    const choose: RedisStoreService["orElse"] = ({ open, local }) =>
      Effect.catchAll((failure) =>
        options.onUnavailable === "open" ? open : options.onUnavailable === "local" ? local : Effect.fail(failure)
      )
    return { run: (script: Script, call: ScriptCall) => server.run(script, call), orElse: choose }
  })

/** The server as this process knows it. Mutable, as every command tells whether it is there and what time it has. */
class Server {
  /** The server's time at a local time, both in milliseconds; a little late at most, never early. */
  private seen: { readonly server: number; readonly local: number } | undefined
  private downUntil = Number.NEGATIVE_INFINITY
  private reason = ""

  constructor(
    private readonly client: RedisClient.RedisClient,
    private readonly prefix: string,
    private readonly timeout: Duration.Duration
  ) {}

  readonly run = (script: Script, call: ScriptCall): Effect.Effect<unknown, StateUnavailable> =>
    Effect.flatMap(monotonicMillis, (sent) => {
      if (sent < this.downUntil) return Effect.fail(new StateUnavailable({ reason: this.reason }))
      // Others do not wait while this call finds out whether the server is back.
      if (this.reason !== "") this.downUntil = sent + recheckMillis
      return this.send(script, call, sent).pipe(
        // Policies book in regions that cannot be interrupted, and the timeout has to interrupt.
        Effect.interruptible,
        Effect.timeoutFail({
          duration: this.timeout,
          onTimeout: () => new StateUnavailable({ reason: `no reply within ${Duration.toMillis(this.timeout)} ms` })
        }),
        Effect.tapError((failure) => this.isDown(failure)),
        Effect.tapError((failure) => Effect.logDebug(`Redis: ${failure.reason}`))
      )
    })

  private isDown({ reason }: StateUnavailable): Effect.Effect<void> {
    return Effect.map(monotonicMillis, (now) => {
      this.downUntil = now + recheckMillis
      this.reason = reason
    })
  }

  private send(script: Script, { group, names, args }: ScriptCall, sent: number) {
    const tag = `${this.prefix}{${keyOf(group)}}`
    const keys = names === undefined ? [tag] : names.map((name) => `${tag}:${keyOf(name)}`)
    const all = [...keys, this.deadline(sent), ...args]
    return Effect.tryPromise({
      try: () =>
        this.client
          .evalsha(script.sha, keys.length, ...all)
          .catch((cause: unknown) =>
            /^NOSCRIPT/.test(messageOf(cause))
              ? this.client.eval(script.lua, keys.length, ...all)
              : Promise.reject(cause)
          ),
      catch: (cause) => new StateUnavailable({ reason: reasonOf(cause) })
    }).pipe(
      Effect.flatMap((reply) => {
        const now = Array.isArray(reply) ? Number(reply[0]) : Number.NaN
        if (!Array.isArray(reply) || Number.isNaN(now)) return Effect.fail(unexpected)
        this.seen = { server: now, local: sent }
        this.reason = ""
        this.downUntil = Number.NEGATIVE_INFINITY
        const result: unknown = reply[1]
        return Effect.succeed(result)
      })
    )
  }

  /** When this process no longer waits, on the server's clock. */
  private deadline(sent: number): string {
    return this.seen === undefined
      ? "inf"
      : (this.seen.server + (sent - this.seen.local) + Duration.toMillis(this.timeout)).toFixed(3)
  }
}

/** A reply that no script gives. */
export const unexpected = new StateUnavailable({ reason: "an unexpected reply; another program may use the same keys" })

// Longer names come from callers, and would make keys as long as they like.
const maxKeyLength = 120

const keyOf = (name: string): string => {
  const escaped = name.replace(/[{}%\s]/g, encodeURIComponent)
  return escaped.length <= maxKeyLength ? escaped : createHash("sha256").update(name).digest("base64url")
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : "")

/** Keeps the code of an error, such as `NOAUTH` or `ECONNREFUSED`: its message may quote a command and with it content. */
const reasonOf = (cause: unknown): string => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  const word = /^[A-Z]{3,20}\b/.exec(messageOf(cause))?.[0] ?? ""
  return code || word || "the connection is down"
}
