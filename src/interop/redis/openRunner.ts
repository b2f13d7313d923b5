/** Opens a connection to Redis with what runs scripts on it. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { checkOptions } from "../../domain/checkOptions.js"
import { positiveDurationProblem } from "../../domain/durationProblem.js"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import * as RedisClient from "./RedisClient.js"
import { ScriptRunner } from "./ScriptRunner.js"

/** How all stores use Redis. */
export interface ConnectionOptions extends RedisClient.RedisAddress {
  readonly keyPrefix?: string | undefined
  readonly commandTimeout?: Duration.DurationInput | undefined
}

/** What differs between stores. */
export interface RunnerDefaults {
  readonly commandTimeout: Duration.DurationInput
  /** While Redis is down, one call in this time finds that out, and the others do not wait for it. */
  readonly recheckMillis: number
}

/** Connects. A server that cannot be reached is waited for during two seconds, and tried again and again. */
export const openRunner = (
  { keyPrefix = "llm:", commandTimeout, ...address }: ConnectionOptions,
  defaults: RunnerDefaults
): Effect.Effect<
  { readonly client: RedisClient.RedisClient; readonly runner: ScriptRunner },
  MissingPeerError | ValidationError,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const chosen = commandTimeout ?? defaults.commandTimeout
    yield* checkOptions("Redis", [positiveDurationProblem("commandTimeout", chosen)])
    const client = yield* RedisClient.open(address, Duration.seconds(2))
    const options = { prefix: keyPrefix, timeout: Duration.decode(chosen), recheckMillis: defaults.recheckMillis }
    return { client, runner: new ScriptRunner(client, options) }
  })
