/** The service that holds the state of circuit breakers: in this process, or in Redis for several processes. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { currentMonotonicMillis } from "../../domain/monotonic.js"
import type { CircuitState } from "../../provider/CallObserver.js"
import type { StateUnavailable } from "../StateUnavailable.js"
import * as breaker from "./state.js"

/** Opens and closes breakers. */
export interface BreakersService {
  /** Decides whether a request may be sent to what a name stands for. */
  readonly admit: (
    name: string,
    settings: breaker.BreakerSettings
  ) => Effect.Effect<breaker.Admission, StateUnavailable>
  /** Takes the outcome of a request, and gives the state after it; `undefined` if that is not known. Never fails. */
  readonly report: (
    name: string,
    settings: breaker.BreakerSettings,
    outcome: breaker.Outcome
  ) => Effect.Effect<CircuitState | undefined>
}

/** Makes breakers of this process, on the monotonic time of its `Clock`. */
export const memoryBreakers: Effect.Effect<BreakersService> = Effect.sync(() => {
  const states = new MemoryStates()
  return {
    admit: (name, settings) =>
      Effect.map(currentMonotonicMillis, (now) => {
        const [admission, next] = breaker.admit(states.get(name), settings, now)
        states.set(name, next, settings, now)
        return admission
      }),
    report: (name, settings, outcome) =>
      Effect.map(currentMonotonicMillis, (now) => {
        const next = breaker.report(states.get(name), settings, outcome, now)
        states.set(name, next, settings, now)
        return breaker.circuitState(next, settings, now)
      })
  }
})

/** The breakers, required by `Policy.circuitBreaker` and `Policy.loadBalance`. */
export class Breakers extends Context.Tag("llm-connectivity/Breakers")<Breakers, BreakersService>() {
  /** Holds the breakers in this process. */
  static readonly memory: Layer.Layer<Breakers> = Layer.effect(Breakers, memoryBreakers)
}

// The names of models can come from callers, so breakers that no longer matter are dropped now and then.
const changesBetweenSweeps = 1000

/** Mutable, as calls change it; breakers that know nothing are not stored. */
class MemoryStates {
  private readonly states = new Map<string, { readonly state: breaker.BreakerState; readonly expires: number }>()
  private changes = 0

  get(name: string): breaker.BreakerState {
    return this.states.get(name)?.state ?? breaker.initial
  }

  set(name: string, state: breaker.BreakerState, settings: breaker.BreakerSettings, now: number): void {
    if (state === this.get(name)) return
    this.states.set(name, { state, expires: breaker.expiresAt(state, settings) })
    this.changes += 1
    if (this.changes % changesBetweenSweeps !== 0) return
    for (const [each, { expires }] of this.states) if (expires < now) this.states.delete(each)
  }
}
