/** The service that holds what was spent and reserved: in this process, or in Redis for several processes. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { StateUnavailable } from "../StateUnavailable.js"
import { type Budget, type BudgetKey, type Charge, type Excess, SpendLedger, type SpendSummary } from "./SpendLedger.js"

/** How a reservation stays alive. */
export interface Renewal {
  /** How often to renew it. */
  readonly every: Duration.Duration
  /** Renews it once. */
  readonly run: Effect.Effect<void>
}

/** What a request holds of the budgets, until it commits what it has cost. */
export interface Hold {
  /** Moves it to another model and amount, or returns the budget that it could exceed and moves nothing. */
  readonly move: (key: BudgetKey, amount: bigint) => Effect.Effect<Excess | undefined, StateUnavailable>
  /** Replaces it by what the request has cost. Never fails: what cannot be committed counts as spent when it expires. */
  readonly commit: (answered: BudgetKey, charge: Charge) => Effect.Effect<void>
  /** Renews it while the request is in progress, where it would expire otherwise. */
  readonly renew?: Renewal | undefined
}

/** The sums and reservations of one set of budgets. Amounts are in 10⁻¹⁵ dollars. */
export interface Ledger {
  /** Checks whether any budget applies. */
  readonly isLimited: (key: BudgetKey) => boolean
  /** Reserves an amount, or returns the budget that it could exceed and reserves nothing. */
  readonly reserve: (key: BudgetKey, amount: bigint) => Effect.Effect<Hold | Excess, StateUnavailable>
  /** All sums; the last known ones while they cannot be read. */
  readonly summary: Effect.Effect<SpendSummary>
}

/** Opens ledgers. */
export interface SpendLedgersService {
  /** Opens the ledger of a name; processes that use the same name share it. */
  readonly open: (name: string, budget: Budget) => Effect.Effect<Ledger>
}

/** Makes a ledger of this process. */
export const memoryLedger = (budget: Budget): Ledger => {
  const sums = new SpendLedger(budget)
  const current = Effect.map(Clock.currentTimeMillis, (now) => {
    sums.begin(now)
    return sums
  })
  const holdOf = (first: BudgetKey, reserved: bigint): Hold => {
    let held = { ...first, amount: reserved, period: sums.period }
    return {
      move: (key, amount) =>
        Effect.map(current, (ledger) => {
          const excess = ledger.move(held, key, amount)
          if (excess === undefined) held = { ...key, amount, period: ledger.period }
          return excess
        }),
      commit: (answered, charge) => Effect.map(current, (ledger) => ledger.commit(held, answered, charge))
    }
  }
  return {
    isLimited: (key) => sums.isLimited(key),
    reserve: (key, amount) => Effect.map(current, (ledger) => ledger.reserve(key, amount) ?? holdOf(key, amount)),
    summary: Effect.map(current, (ledger) => ledger.summary())
  }
}

/** The ledgers of all budgets, required by `Spending.layerShared`; `PolicyState.memory` and `Redis.layer` provide it. */
export class SpendLedgers extends Context.Tag("llm-connectivity/SpendLedgers")<SpendLedgers, SpendLedgersService>() {
  /** Holds the ledgers in this process. */
  static readonly memory: Layer.Layer<SpendLedgers> = Layer.sync(SpendLedgers, () => {
    const ledgers = new Map<string, Ledger>()
    return {
      open: (name, budget) =>
        Effect.sync(() => {
          const ledger = ledgers.get(name) ?? memoryLedger(budget)
          ledgers.set(name, ledger)
          return ledger
        })
    }
  })
}

/** Checks whether a reservation was refused. */
export const isExcess = (result: Hold | Excess): result is Excess => "budget" in result
