/** Circuit breakers in Redis, on its clock. */
import { Effect, Layer } from "effect"
import { Breakers, type BreakersService, memoryBreakers } from "../../policy/Breakers.js"
import type { Admission, BreakerSettings, Outcome } from "../../policy/breakerState.js"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import * as scripts from "./breakerScripts.js"
import { RedisStore, type RedisStoreService } from "./RedisStore.js"
import { unexpected } from "./ScriptRunner.js"

/** Shares the breakers through Redis. */
export const layer: Layer.Layer<Breakers, never, RedisStore> = Layer.effect(
  Breakers,
  Effect.zipWith(
    RedisStore,
    memoryBreakers,
    (store, local): BreakersService => ({
      admit: (name, settings) =>
        admit(store, name, settings).pipe(
          store.orElse({ open: Effect.succeed(admitted), local: local.admit(name, settings) })
        ),
      report: (name, settings, outcome) =>
        report(store, name, settings, outcome).pipe(
          store.orElse({ open: Effect.void, local: local.report(name, settings, outcome) }),
          Effect.ignore
        )
    })
  )
)

// Watched, so that an outcome is reported as soon as Redis is back.
const admitted: Admission = { type: "admitted", isWatched: true }

const callOf = (name: string, settings: BreakerSettings, ...more: ReadonlyArray<string | number>) => ({
  group: `breaker:${name}`,
  args: [settings.failures, settings.coolDownMillis, settings.rampMillis, settings.probeMillis, ...more]
})

const admit = (
  store: RedisStoreService,
  name: string,
  settings: BreakerSettings
): Effect.Effect<Admission, StateUnavailable> =>
  Effect.flatMap(
    store.run(scripts.admit, callOf(name, settings)),
    (reply): Effect.Effect<Admission, StateUnavailable> => {
      const [isAdmitted, isWatched, reason, wait] = Array.isArray(reply) ? reply.map(String) : []
      const waitMillis = Number(wait)
      if (isAdmitted === "1") return Effect.succeed({ type: "admitted", isWatched: isWatched === "1" })
      return (reason === "open" || reason === "limited") && Number.isFinite(waitMillis)
        ? Effect.succeed({ type: "rejected", reason, waitMillis })
        : Effect.fail(unexpected)
    }
  )

const report = (store: RedisStoreService, name: string, settings: BreakerSettings, outcome: Outcome) =>
  Effect.asVoid(
    store.run(scripts.report, callOf(name, settings, outcome.type, "waitMillis" in outcome ? outcome.waitMillis : 0))
  )
