/** The approvals that were used, in Redis. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import type { ApprovalStore } from "../../policy/ApprovalStore.js"
import { openRunner } from "./openRunner.js"
import type * as RedisClient from "./RedisClient.js"
import { script } from "./Script.js"
import { unexpected } from "./ScriptRunner.js"

/** How used approvals are stored in Redis. */
export interface ApprovalStoreOptions extends RedisClient.RedisAddress {
  /** The beginning of every key, `llm:` by default. Programs with the same prefix share their approvals. */
  readonly keyPrefix?: string | undefined
  /** How long a command may take, 2 seconds by default; then it fails with `StateUnavailable`. */
  readonly commandTimeout?: Duration.DurationInput | undefined
}

// Ids stay longer than they are valid, as the clocks of the processes and of the server differ.
const keptAfterExpiry = Duration.toMillis("1 day")

/** Arguments: the time at which the approval expires, and for how many milliseconds its id stays after that. */
const consume = script(`
local left = math.max(tonumber(arg[1]) - now, 0) + tonumber(arg[2])
return redis.call('SET', keys[1], '', 'NX', 'PX', string.format('%.0f', left)) and 1 or 0`)

/** Makes the store. Its connection closes with the scope. */
export const make = (
  options: ApprovalStoreOptions
): Effect.Effect<ApprovalStore, MissingPeerError | ValidationError, Scope.Scope> =>
  Effect.gen(function* () {
    const { runner } = yield* openRunner(options, { commandTimeout: "2 seconds", recheckMillis: 50 })
    return {
      consume: (id, expiresAt) =>
        runner
          .run(consume, { group: `approval:${id}`, args: [expiresAt, keptAfterExpiry] })
          .pipe(
            Effect.flatMap((reply) =>
              reply === 1 || reply === 0 ? Effect.succeed(reply === 1) : Effect.fail(unexpected)
            )
          )
    }
  })
