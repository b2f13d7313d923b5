/** Ledgers of budgets in Redis: reservations are leases on its clock, in whole nano-dollars. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import {
  type Budget,
  BudgetAccounts,
  type BudgetKey,
  type Charge,
  type Excess,
  type SpendSummary,
  summaryOf
} from "../../policy/spending/SpendLedger.js"
import { type Hold, type Ledger, memoryLedger, SpendLedgers } from "../../policy/spending/SpendLedgers.js"
import * as scripts from "./ledgerScripts.js"
import { RedisStore, type RedisStoreService } from "./RedisStore.js"
import { unexpected } from "./ScriptRunner.js"

/** Shares the ledgers through Redis. */
export const layer: Layer.Layer<SpendLedgers, never, RedisStore> = Layer.scoped(
  SpendLedgers,
  Effect.zipWith(RedisStore, Effect.scope, (store, scope) => ({
    open: (name: string, budget: Budget) => Effect.sync(() => ledgerOf({ store, scope }, name, budget))
  }))
)

/** What the ledgers of a layer share. */
interface Shared {
  readonly store: RedisStoreService
  /** Ends with the connection. */
  readonly scope: Scope.Scope
}

// The lease is renewed three times in this time, so that two lost renewals do not matter.
const lease = Duration.minutes(1)

// While Redis is down, others find that out once in a second, so that a second try at once would not be sent.
const retryInterval = Duration.seconds(2)
const untilExpired = Schedule.intersect(
  Schedule.spaced(retryInterval),
  Schedule.recurs(Duration.toMillis(lease) / Duration.toMillis(retryInterval))
)

const ledgerOf = ({ store, scope }: Shared, name: string, budget: Budget): Ledger => {
  const shared = new SharedLedger(store, scope, `budget:${name}`, budget)
  const local = memoryLedger(budget)
  const open: Hold = { move: () => Effect.succeed(undefined), commit: () => Effect.void }
  let known: SpendSummary = summaryOf([])
  return {
    isLimited: (key) => shared.isLimited(key),
    reserve: (key, amount) =>
      shared
        .reserve(key, amount)
        .pipe(store.orElse<Hold | Excess>({ open: Effect.succeed(open), local: local.reserve(key, amount) })),
    summary: Effect.matchEffect(shared.summary, {
      onFailure: () => Effect.sync(() => known),
      onSuccess: (summary) =>
        Effect.sync(() => {
          known = summary
          return summary
        })
    })
  }
}

/** Lua numbers are doubles, which hold whole nano-dollars up to nine million dollars. Rounds up. */
const nanosOf = (amount: bigint): string => ((amount + 999_999n) / 1_000_000n).toString()

const dollarsOf = (nanos: number): number => Number((nanos / 1e9).toFixed(9))

class SharedLedger {
  private readonly accounts: BudgetAccounts

  constructor(
    private readonly store: RedisStoreService,
    private readonly scope: Scope.Scope,
    private readonly group: string,
    private readonly budget: Budget
  ) {
    this.accounts = new BudgetAccounts(budget)
  }

  isLimited(key: BudgetKey): boolean {
    return this.accounts.isLimited(key)
  }

  reserve(key: BudgetKey, amount: bigint): Effect.Effect<Hold | Excess, StateUnavailable> {
    return Effect.suspend(() => {
      const id = crypto.randomUUID()
      const limits = this.limitsOf(key)
      const args = [id, nanosOf(amount), Duration.toMillis(lease), ...limits]
      return Effect.map(this.run(scripts.reserve, args), (reply) => excessOf(reply, limits) ?? this.holdOf(id, amount))
    })
  }

  readonly summary: Effect.Effect<SpendSummary, StateUnavailable> = Effect.suspend(() =>
    Effect.flatMap(this.run(scripts.summary, []), (reply) =>
      Array.isArray(reply) ? Effect.succeed(readSummary(reply.map(String))) : Effect.fail(unexpected)
    )
  )

  private holdOf(id: string, first: bigint): Hold {
    let held = first
    return {
      move: (key, amount) => {
        const limits = this.limitsOf(key)
        const args = [id, nanosOf(amount), Duration.toMillis(lease), ...limits]
        return Effect.map(this.run(scripts.move, args), (reply) => {
          const excess = excessOf(reply, limits)
          if (excess === undefined) held = amount
          return excess
        })
      },
      commit: (answered, charge) =>
        Effect.catchAll(this.commit(id, held, answered, charge), () =>
          Effect.asVoid(Effect.forkIn(this.commitLater(id, held, answered, charge), this.scope))
        ),
      renew: {
        every: Duration.times(lease, 1 / 3),
        run: Effect.ignore(this.run(scripts.renew, [id, Duration.toMillis(lease)]))
      }
    }
  }

  private commit(id: string, held: bigint, answered: BudgetKey, { cost, isExact }: Charge) {
    const names = this.accounts.namesOf(answered)
    const counts = [cost === null ? "unpriced" : isExact ? "" : "estimated", nanosOf(cost ?? 0n), nanosOf(held)]
    return this.run(scripts.commit, [id, ...counts, ...names])
  }

  /** Commits when Redis is back. If the lease expires before, the reservation counts as spent. */
  private commitLater(...commit: Parameters<SharedLedger["commit"]>): Effect.Effect<void> {
    const again = Effect.retry(this.commit(...commit), untilExpired)
    // A commit runs where nothing interrupts it, and what is forked there would keep the scope from closing.
    return Effect.interruptible(Effect.ignore(Effect.delay(again, retryInterval)))
  }

  private limitsOf(key: BudgetKey): ReadonlyArray<string> {
    return this.accounts.namesOf(key).flatMap((name) => {
      const limit = this.accounts.limitOf(name)
      return [name, limit === undefined ? "-1" : String(Math.round(limit * 1e9))]
    })
  }

  private run(script: scripts.Script, args: ReadonlyArray<string | number>) {
    return this.store.run(script, {
      group: this.group,
      names: ["sums", "leases", "held"],
      args: [this.budget.per ?? "", ...args]
    })
  }
}

const excessOf = (reply: unknown, limits: ReadonlyArray<string>): Excess | undefined => {
  if (!Array.isArray(reply) || reply.length < 3) return undefined
  const [index, spent, reserved] = reply.map(Number)
  const at = 2 * ((index ?? 1) - 1)
  return {
    name: limits[at] ?? "",
    budget: dollarsOf(Number(limits[at + 1])),
    spent: dollarsOf(spent ?? 0),
    reserved: dollarsOf(reserved ?? 0)
  }
}

interface Sums {
  [kind: string]: number
}

/** Reads the fields of the hash, whose names are a letter and an account. */
const readSummary = (fields: ReadonlyArray<string>): SpendSummary => {
  const accounts = new Map<string, Sums>()
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const field = fields[index] ?? ""
    if (field === "period") continue
    const sums = accounts.get(field.slice(1)) ?? {}
    sums[field.slice(0, 1)] = Number(fields[index + 1])
    accounts.set(field.slice(1), sums)
  }
  return summaryOf(
    Array.from(accounts, ([name, { s = 0, n = 0, e = 0, u = 0, x = 0 }]) => [
      name,
      {
        dollars: dollarsOf(s),
        requests: n,
        estimated: e,
        unpriced: u,
        ...(x === 0 ? {} : { expired: dollarsOf(x) })
      }
    ])
  )
}
