/** The rules of circuit breakers: pure functions of a state and the time. The scripts for Redis follow the same rules. */
import type { CircuitState } from "../../provider/CallObserver.js"

/** The settings of a breaker, in milliseconds. */
export interface BreakerSettings {
  /** How many failures in a row open it. */
  readonly failures: number
  /** How long nothing is sent before a probe. */
  readonly coolDownMillis: number
  /** How long the admitted requests grow after a probe. */
  readonly rampMillis: number
  /** How long a probe may go without a result before another one is sent. */
  readonly probeMillis: number
}

/** Whether a request may be sent, and the state after this decision. */
export type Admission = Decision & {
  /** The name of the state. */
  readonly state: CircuitState
}

/** Whether a request may be sent. */
export type Decision =
  | {
      readonly type: "admitted"
      /** Whether the success of the request must be reported; failures always are. */
      readonly isWatched: boolean
    }
  | ({
      readonly type: "rejected"
      /** Whether the provider is down, or limits the rate. */
      readonly reason: "open" | "limited"
    } & Wait)

/** A wait. */
export interface Wait {
  /** In milliseconds. */
  readonly waitMillis: number
}

/** How a request ended for the breaker. `waitMillis` is what the provider asked for; 0 if it asked for nothing. */
export type Outcome =
  | { readonly type: "success" }
  | ({ readonly type: "failure" } & Wait)
  | ({ readonly type: "limited" } & Wait)
  | ({ readonly type: "ejected" } & Wait)
  /** The request ended without saying anything about the provider: its caller left, for instance. */
  | { readonly type: "abandoned" }

/** The state of a breaker; times are milliseconds, 0 for never. */
export interface BreakerState {
  readonly failures: number
  readonly failedAt: number
  readonly isOpen: boolean
  readonly openUntil: number
  readonly probeUntil: number
  readonly limitedUntil: number
  /** When the breaker closed, and how many requests were admitted since, while that matters. */
  readonly rampAt: number
  readonly admitted: number
}

/** The state of a breaker that knows nothing. */
export const initial: BreakerState = {
  failures: 0,
  failedAt: 0,
  isOpen: false,
  openUntil: 0,
  probeUntil: 0,
  limitedUntil: 0,
  rampAt: 0,
  admitted: 0
}

/** Failures that are older do not count as in a row. */
const failureMemoryMillis = 30_000

// The requests that are admitted during the ramp double ten times: 1,024 at its end.
const doublings = 10

/** The name of a state at a time. */
export const circuitState = (state: BreakerState, { rampMillis }: BreakerSettings, now: number): CircuitState => {
  if (state.isOpen) return now < state.probeUntil ? "half-open" : "open"
  return isRamping(state, rampMillis, now) ? "half-open" : "closed"
}

const isRamping = ({ rampAt }: BreakerState, rampMillis: number, now: number): boolean =>
  rampAt > 0 && now < rampAt + rampMillis

/** Decides about one request. */
export const admit = (
  state: BreakerState,
  settings: BreakerSettings,
  now: number
): readonly [Admission, BreakerState] => {
  const [decision, next] = decide(state, settings, now)
  return [{ ...decision, state: circuitState(next, settings, now) }, next]
}

const decide = (state: BreakerState, settings: BreakerSettings, now: number): readonly [Decision, BreakerState] => {
  const { isOpen, limitedUntil, rampAt, admitted } = state
  const reject = (reason: "open" | "limited", until: number): readonly [Decision, BreakerState] => [
    { type: "rejected", reason, waitMillis: Math.max(1, Math.ceil(until - now)) },
    state
  ]
  if (now < limitedUntil) return reject("limited", limitedUntil)
  if (isOpen) {
    const until = Math.max(state.openUntil, Math.min(state.probeUntil, now + settings.coolDownMillis))
    if (now < state.openUntil || now < state.probeUntil) return reject("open", until)
    return [
      { type: "admitted", isWatched: true },
      { ...state, probeUntil: now + settings.probeMillis }
    ]
  }
  if (isRamping(state, settings.rampMillis, now)) {
    const step = settings.rampMillis / doublings
    const doubled = Math.floor((now - rampAt) / step)
    if (admitted >= 2 ** doubled) return reject("open", rampAt + (doubled + 1) * step)
    return [
      { type: "admitted", isWatched: true },
      { ...state, admitted: admitted + 1 }
    ]
  }
  return [{ type: "admitted", isWatched: state.failures > 0 || rampAt > 0 }, state]
}

/** Takes the outcome of a request. */
export const report = (state: BreakerState, settings: BreakerSettings, outcome: Outcome, now: number): BreakerState => {
  switch (outcome.type) {
    case "success":
      return state.isOpen
        ? { ...initial, limitedUntil: state.limitedUntil, rampAt: now, admitted: 1 }
        : { ...state, failures: 0, rampAt: now < state.rampAt + settings.rampMillis ? state.rampAt : 0 }
    case "failure":
      return failed(state, settings, outcome.waitMillis, now)
    case "limited":
      // The provider answers, so a probe has succeeded.
      return { ...initial, limitedUntil: Math.max(state.limitedUntil, now + outcome.waitMillis) }
    case "ejected":
      return opened(state, Math.max(outcome.waitMillis, settings.coolDownMillis), now)
    case "abandoned":
      return { ...state, probeUntil: 0 }
  }
}

const opened = (state: BreakerState, millis: number, now: number): BreakerState => ({
  ...initial,
  limitedUntil: state.limitedUntil,
  failures: state.failures,
  failedAt: now,
  isOpen: true,
  openUntil: Math.max(state.openUntil, now + millis)
})

const failed = (state: BreakerState, settings: BreakerSettings, waitMillis: number, now: number): BreakerState => {
  const isProbe = state.isOpen && now < state.probeUntil
  // Requests that were sent before it opened end late. They say nothing new, or each would begin another cool-down.
  if (state.isOpen && !isProbe && waitMillis === 0) return state
  const isRecent = now - state.failedAt <= failureMemoryMillis
  const failures = isRecent ? state.failures + 1 : 1
  const next = { ...state, failures, failedAt: now }
  return state.isOpen || isRamping(state, settings.rampMillis, now) || failures >= settings.failures
    ? opened(next, Math.max(waitMillis, settings.coolDownMillis), now)
    : next
}

/** Until when a state matters. */
export const expiresAt = (state: BreakerState, settings: BreakerSettings): number =>
  Math.max(
    state.failedAt + failureMemoryMillis,
    state.openUntil + failureMemoryMillis,
    state.probeUntil,
    state.limitedUntil,
    state.rampAt + settings.rampMillis
  )
