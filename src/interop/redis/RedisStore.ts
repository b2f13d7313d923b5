/** The connection of the state of policies, and what they do without it. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import { openRunner } from "./openRunner.js"
import type * as RedisClient from "./RedisClient.js"
import type { Script } from "./Script.js"
import type { ScriptCall } from "./ScriptRunner.js"

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
  static readonly layer = (options: RedisOptions): Layer.Layer<RedisStore, MissingPeerError | ValidationError> =>
    Layer.scoped(RedisStore, make(options))
}

const make = (options: RedisOptions) =>
  Effect.gen(function* () {
    const { runner } = yield* openRunner(options, { commandTimeout: "250 millis", recheckMillis: 1000 })
    const choose: RedisStoreService["orElse"] = ({ open, local }) =>
      Effect.catchAll((failure) =>
        options.onUnavailable === "open" ? open : options.onUnavailable === "local" ? local : Effect.fail(failure)
      )
    return { run: (script: Script, call: ScriptCall) => runner.run(script, call), orElse: choose }
  })
