/** Runs scripts on Redis: in bounded time, on the server's clock, and on one node of a cluster. */
import { createHash } from "node:crypto"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { StateUnavailable } from "../../policy/StateUnavailable.js"
import type { RedisClient } from "./RedisClient.js"
import type { Script } from "./Script.js"
import { Waiting } from "./Waiting.js"

/** What a script is run on. */
export interface ScriptCall {
  /** What the keys belong to: it is the hash tag of all of them, so that one node has them all. */
  readonly group: string
  /** The keys inside the group, in letters; one key without a name by default. */
  readonly names?: ReadonlyArray<string> | undefined
  readonly args: ReadonlyArray<string | number>
}

interface ScriptRunnerOptions {
  /** The beginning of every key. */
  readonly prefix: string
  /** How long a reply may take. */
  readonly timeout: Duration.Duration
  /** While Redis is down, one call in this time finds that out, and the others do not wait for it. */
  readonly recheckMillis: number
}

/** Makes the result of a reply. */
type Decode<A> = (reply: unknown) => Effect.Effect<A, StateUnavailable>

/** Ends a call without a reply. */
type Resume = (failure: Effect.Effect<never, StateUnavailable>) => void

/** Redis as this process knows it. Mutable, as every command tells whether it is there and what time it has. */
export class ScriptRunner {
  /** The server's time at a local time, both in milliseconds; a little late at most, never early. */
  private seen: { readonly server: number; readonly local: number } | undefined
  private downUntil = Number.NEGATIVE_INFINITY
  private reason = ""
  private readonly timeoutMillis: number
  private readonly waiting: Waiting<Resume>

  constructor(
    private readonly client: RedisClient,
    private readonly options: ScriptRunnerOptions
  ) {
    this.timeoutMillis = Duration.toMillis(options.timeout)
    this.waiting = new Waiting(this.timeoutMillis, (resume) => resume(this.fail(this.late)))
  }

  /** Runs a script. */
  readonly run = (script: Script, { group, names, args }: ScriptCall): Effect.Effect<unknown, StateUnavailable> =>
    this.runOn(script, this.keysOf(group, names), args, Effect.succeed)

  /**
   * Runs a script on keys that `keysOf` gave. Callbacks instead of fibers that race, one effect, and nothing to do for an
   * interruption, as every network read of a run is written: a finalizer doubles what the garbage collector keeps.
   */
  runOn<A>(
    script: Script,
    keys: ReadonlyArray<string>,
    args: ReadonlyArray<string | number>,
    decode: Decode<A>
  ): Effect.Effect<A, StateUnavailable> {
    return Effect.async((resume) => {
      const sent = performance.now()
      if (sent < this.downUntil) return resume(Effect.fail(new StateUnavailable({ reason: this.reason })))
      // Others do not wait while this call finds out whether the server is back.
      if (this.reason !== "") this.downUntil = sent + this.options.recheckMillis
      const call = this.waiting.add(sent, resume)
      const replied = (reply: unknown) => {
        this.waiting.remove(call)
        resume(this.isReply(reply, sent) ? decode(reply[1] ?? null) : this.fail(unexpected))
      }
      const command = [...keys, this.deadline(sent), ...args]
      this.client.evalsha(script.sha, keys.length, ...command).then(replied, (cause) => {
        const failed = (reason: unknown) => {
          this.waiting.remove(call)
          resume(this.fail(new StateUnavailable({ reason: reasonOf(reason) })))
        }
        if (!/^NOSCRIPT/.test(messageOf(cause))) return failed(cause)
        this.client.eval(script.lua, keys.length, ...command).then(replied, failed)
      })
    })
  }

  /** The full name of a group, which is the beginning of its keys. */
  nameOf(group: string): string {
    return `${this.options.prefix}{${keyOf(group)}}`
  }

  /** The keys of a group: one for each name, or one without a name. */
  keysOf(group: string, names?: ReadonlyArray<string>): ReadonlyArray<string> {
    const name = this.nameOf(group)
    return names === undefined ? [name] : names.map((key) => `${name}:${key}`)
  }

  /** Notes a failure and fails. */
  private fail(failure: StateUnavailable): Effect.Effect<never, StateUnavailable> {
    this.downUntil = performance.now() + this.options.recheckMillis
    this.reason = failure.reason
    return Effect.zipRight(Effect.logDebug(`Redis: ${failure.reason}`), Effect.fail(failure))
  }

  /** Whether this is a reply of a script. A script without a result gives an array of one. */
  private isReply(reply: unknown, sent: number): reply is ReadonlyArray<unknown> {
    const micros = Array.isArray(reply) ? Number(reply[0]) : Number.NaN
    if (Number.isNaN(micros)) return false
    this.seen = { server: micros / 1000, local: sent }
    this.reason = ""
    this.downUntil = Number.NEGATIVE_INFINITY
    return true
  }

  /** When this process no longer waits, on the server's clock. */
  private deadline(sent: number): number | "inf" {
    return this.seen === undefined ? "inf" : Math.ceil(this.seen.server + (sent - this.seen.local) + this.timeoutMillis)
  }

  private get late(): StateUnavailable {
    return new StateUnavailable({ reason: `no reply within ${this.timeoutMillis} ms` })
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
