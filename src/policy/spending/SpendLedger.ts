/** Sums what was spent and reserved, exactly, in total and by provider and model. */
import { fromDollars, toDollars } from "../../catalog/price.js"

/** The most US dollars that may be spent: in total, on a provider, and on a model. */
export interface Budget {
  /** On all requests together. */
  readonly total?: number | undefined
  /** By the provider's name, such as `openai`. */
  readonly providers?: { readonly [provider: string]: number } | undefined
  /** By names such as `openai/gpt-4o-mini`, without the dates that providers add. */
  readonly models?: { readonly [model: string]: number } | undefined
  /** For each caller, by `CallOptions.caller`: one amount for every caller, or amounts by name. */
  readonly callers?: number | { readonly [caller: string]: number } | undefined
  /** Begins anew with each day or month, in UTC. Without it the budgets never begin anew. */
  readonly per?: "day" | "month" | undefined
}

/** What was spent. */
export interface Spent {
  /** US dollars. */
  readonly dollars: number
  /** How many requests were sent. */
  readonly requests: number
  /** For how many of them the provider reported no final usage, so that their cost is an estimate. */
  readonly estimated: number
  /** How many of them have no price and are not in `dollars`. */
  readonly unpriced: number
  /**
   * US dollars, included in `dollars`, that requests had reserved whose process ended or was cut off before it knew what
   * they cost. Only a shared ledger has them.
   */
  readonly expired?: number | undefined
}

/** What was spent, in total and by provider and model. */
export interface SpendSummary {
  /** On all requests together. */
  readonly total: Spent
  /** By the provider's name, such as `openai`. */
  readonly providers: { readonly [provider: string]: Spent }
  /** By names such as `openai/gpt-4o-mini`, without the dates that providers add. */
  readonly models: { readonly [model: string]: Spent }
  /** By `CallOptions.caller`, where the budget has callers. */
  readonly callers?: { readonly [caller: string]: Spent } | undefined
}

/** The provider and model whose budgets a request uses. */
export interface BudgetKey {
  /** The name of the provider. */
  readonly provider: string
  /** The name of the model in sums, without a date. */
  readonly model: string
  /** Whose request it is. */
  readonly caller?: string | undefined
}

/** What a request has cost. */
export interface Charge {
  /** In 10⁻¹⁵ dollars; `null` where the price is unknown. */
  readonly cost: bigint | null
  /** Whether the cost comes from the provider's final usage. */
  readonly isExact: boolean
}

interface Account {
  spent: bigint
  reserved: bigint
  requests: number
  estimated: number
  unpriced: number
}

/** The budget that a request could exceed, in dollars. */
export interface Excess {
  /** What the budget covers: `""` for all requests, otherwise a provider or a model. */
  readonly name: string
  /** The budget, in dollars. */
  readonly budget: number
  /** What was spent of it. */
  readonly spent: number
  /** What requests in progress have reserved of it. */
  readonly reserved: number
}

// Beyond this a budget is a mistake, and the sum would lose its exactness.
const maxBudget = 1e9

const budgetFields = ["total", "providers", "models", "callers", "per"]

/** Says which budget cannot be right, and what to write; `undefined` where all can. A budget must not be ignored silently. */
export const budgetProblem = (budget: Budget): string | undefined => {
  if (typeof budget !== "object") return `the budget is ${shown(budget)}; write US dollars such as { total: 5 }`
  const { total, providers = {}, models = {}, callers = {} } = budget
  const unknown = Object.keys(budget).find((field) => !budgetFields.includes(field))
  if (unknown !== undefined) return `${unknown} is not a field of a budget; write one of ${budgetFields.join(", ")}`
  const bare = Object.keys(models).find((name) => !name.includes("/"))
  if (bare !== undefined)
    return `the budget for the model ${bare} lacks its provider; write one such as "openai/${bare}"`
  const perCaller = typeof callers === "number" ? { "each caller": callers } : callers
  const wrong = Object.entries({ total: total ?? 0, ...providers, ...models, ...perCaller }).find(
    ([, dollars]) => !(Number.isFinite(dollars) && dollars >= 0 && dollars <= maxBudget)
  )
  return wrong === undefined
    ? undefined
    : `the budget for ${wrong[0]} is ${shown(wrong[1])}; write US dollars from 0 to ${maxBudget}, or leave it out for no limit`
}

// With quotes around a string, which a program in JavaScript reads from a variable. JSON has no NaN.
const shown = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value))

/** Names the accounts of a request and their budgets in dollars, the narrowest first. */
export class BudgetAccounts {
  private readonly limits: ReadonlyMap<string, number>

  constructor(private readonly budget: Budget) {
    const { total, providers = {}, models = {} } = budget
    this.limits = new Map([
      ...(total === undefined ? [] : [[allRequests, total] as const]),
      ...Object.entries(providers),
      ...Object.entries(models)
    ])
  }

  /** The accounts of a request. An error reports the first one that is exceeded, so the narrowest comes first. */
  namesOf({ provider, model, caller }: BudgetKey): ReadonlyArray<string> {
    const names = [`${provider}/${model}`, provider, allRequests]
    return this.budget.callers === undefined || caller === undefined ? names : [callerPrefix + caller, ...names]
  }

  /** The budget of an account, in dollars. */
  limitOf(name: string): number | undefined {
    const { callers } = this.budget
    if (!name.startsWith(callerPrefix)) return this.limits.get(name)
    if (typeof callers !== "object") return callers
    const caller = name.slice(callerPrefix.length)
    return Object.hasOwn(callers, caller) ? callers[caller] : undefined
  }

  /** Checks whether any budget applies. */
  isLimited(key: BudgetKey): boolean {
    return this.namesOf(key).some((name) => this.limitOf(name) !== undefined)
  }
}

/** Puts the sums of accounts into their places. */
export const summaryOf = (accounts: Iterable<readonly [name: string, spent: Spent]>): SpendSummary => {
  const all = Array.from(accounts).filter(([, { requests }]) => requests > 0)
  const pick = (isPicked: (name: string) => boolean) => all.filter(([name]) => isPicked(name))
  const callers = pick((name) => name.startsWith(callerPrefix)).map(
    ([name, spent]) => [name.slice(callerPrefix.length), spent] as const
  )
  return {
    total: all.find(([name]) => name === allRequests)?.[1] ?? { dollars: 0, requests: 0, estimated: 0, unpriced: 0 },
    providers: Object.fromEntries(
      pick((name) => name !== allRequests && !name.startsWith(callerPrefix) && !name.includes("/"))
    ),
    models: Object.fromEntries(pick((name) => !name.startsWith(callerPrefix) && name.includes("/"))),
    ...(callers.length === 0 ? {} : { callers: Object.fromEntries(callers) })
  }
}

/** A reservation in this process. */
interface Reserved extends BudgetKey {
  readonly amount: bigint
  /** The period in which it was reserved. */
  readonly period: string
}

/** The sums. Every method is synchronous, so concurrent requests cannot interleave within it. */
export class SpendLedger {
  private readonly accounts = new Map<string, Account>()
  private readonly names: BudgetAccounts
  /** The day or month of the sums; `""` if they never begin anew. */
  period = ""

  constructor(private readonly budget: Budget) {
    this.names = new BudgetAccounts(budget)
  }

  /** Begins a new period if it is time. */
  begin(now: number): void {
    const { per } = this.budget
    if (per === undefined) return
    const period = new Date(now).toISOString().slice(0, per === "day" ? 10 : 7)
    if (period !== this.period) this.accounts.clear()
    this.period = period
  }

  /** Checks whether any budget applies. */
  isLimited(key: BudgetKey): boolean {
    return this.names.isLimited(key)
  }

  /** Reserves an amount for a request, or returns the budget that the amount could exceed and reserves nothing. */
  reserve(key: BudgetKey, amount: bigint): Excess | undefined {
    for (const name of this.names.namesOf(key)) {
      const budget = this.names.limitOf(name)
      const { spent, reserved } = this.account(name)
      if (budget !== undefined && spent + reserved + amount > fromDollars(budget)) {
        return { name, budget, spent: toDollars(spent), reserved: toDollars(reserved) }
      }
    }
    for (const name of this.names.namesOf(key)) this.account(name).reserved += amount
    return undefined
  }

  /** Moves a reservation to another model and amount, or returns the budget that it could exceed and moves nothing. */
  move(from: Reserved, key: BudgetKey, amount: bigint): Excess | undefined {
    this.release(from, from.amount)
    const excess = this.reserve(key, amount)
    if (excess !== undefined) this.release(from, -from.amount)
    return excess
  }

  /** Releases a reservation and adds the cost to the model that answered, which a fallback may have chosen. */
  commit(reserved: Reserved, answered: BudgetKey, charge: Charge): void {
    this.release(reserved, reserved.amount)
    for (const name of this.names.namesOf(answered)) {
      const account = this.account(name)
      account.requests++
      if (charge.cost === null) account.unpriced++
      else account.spent += charge.cost
      if (charge.cost !== null && !charge.isExact) account.estimated++
    }
  }

  /** Returns all sums. */
  summary(): SpendSummary {
    return summaryOf(Array.from(this.accounts, ([name, account]) => [name, spentOf(account)] as const))
  }

  /** The accounts of an earlier period, and what was reserved in them, are gone. */
  private release(key: Reserved, amount: bigint): void {
    if (key.period !== this.period) return
    for (const name of this.names.namesOf(key)) this.account(name).reserved -= amount
  }

  private account(name: string): Account {
    const account = this.accounts.get(name) ?? { spent: 0n, reserved: 0n, requests: 0, estimated: 0, unpriced: 0 }
    this.accounts.set(name, account)
    return account
  }
}

const allRequests = ""

// Neither a provider nor a model begins so.
const callerPrefix = "\u0000"

const spentOf = ({ spent, requests, estimated, unpriced }: Account): Spent => ({
  dollars: toDollars(spent),
  requests,
  estimated,
  unpriced
})
