/** Circuit breakers in Redis, on its clock. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Breakers, type BreakersService, memoryBreakers } from "../../policy/breaker/Breakers.js"
import type { Admission, BreakerSettings, Decision, Outcome } from "../../policy/breaker/state.js"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import type { CircuitState } from "../../provider/CallObserver.js"
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
          store.orElse({ open: Effect.succeed(undefined), local: local.report(name, settings, outcome) }),
          Effect.orElseSucceed(() => undefined)
        )
    })
  )
)

// Watched, so that an outcome is reported as soon as Redis is back.
const admitted: Admission = { type: "admitted", isWatched: true, state: "closed" }

const callOf = (name: string, settings: BreakerSettings, ...more: ReadonlyArray<string | number>) => ({
  group: `breaker:${name}`,
  args: [settings.failures, settings.coolDownMillis, settings.rampMillis, settings.probeMillis, ...more]
})

const admit = (
  store: RedisStoreService,
  name: string,
  settings: BreakerSettings
): Effect.Effect<Admission, StateUnavailable> =>
  Effect.flatMap(store.run(scripts.admit, callOf(name, settings)), (reply) => {
    const [isAdmitted, isWatched, reason, wait, state] = Array.isArray(reply) ? reply.map(String) : []
    const decision = isAdmitted === "1" ? { ...admitted, isWatched: isWatched === "1" } : rejected(reason, Number(wait))
    return decision !== undefined && isCircuitState(state)
      ? Effect.succeed({ ...decision, state })
      : Effect.fail(unexpected)
  })

const rejected = (reason: string | undefined, waitMillis: number): Decision | undefined =>
  (reason === "open" || reason === "limited") && Number.isFinite(waitMillis)
    ? { type: "rejected", reason, waitMillis }
    : undefined

const report = (store: RedisStoreService, name: string, settings: BreakerSettings, outcome: Outcome) =>
  Effect.map(
    store.run(scripts.report, callOf(name, settings, outcome.type, "waitMillis" in outcome ? outcome.waitMillis : 0)),
    (reply) => (isCircuitState(reply) ? reply : undefined)
  )

const isCircuitState = (text: unknown): text is CircuitState =>
  text === "closed" || text === "half-open" || text === "open"
