/** Sums what was spent and reserved, exactly, in total and by provider and model. */
import { fromDollars, toDollars } from "../catalog/price.js"

/** The most US dollars that may be spent: in total, on a provider, and on a model. */
export interface Budget {
  /** On all requests together. */
  readonly total?: number | undefined
  /** By the provider's name, such as `openai`. */
  readonly providers?: { readonly [provider: string]: number } | undefined
  /** By names such as `openai/gpt-4o-mini`, without the dates that providers add. */
  readonly models?: { readonly [model: string]: number } | undefined
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
}

/** What was spent, in total and by provider and model. */
export interface SpendSummary {
  /** On all requests together. */
  readonly total: Spent
  /** By the provider's name, such as `openai`. */
  readonly providers: { readonly [provider: string]: Spent }
  /** By names such as `openai/gpt-4o-mini`, without the dates that providers add. */
  readonly models: { readonly [model: string]: Spent }
}

/** The provider and model whose budgets a request uses. */
export interface BudgetKey {
  readonly provider: string
  readonly model: string
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
  readonly budget: number
  readonly spent: number
  readonly reserved: number
}

// Beyond this a budget is a mistake, and the sum would lose its exactness.
const maxBudget = 1e9

/** Says which budget cannot be right, and what to write; `undefined` where all can. */
export const budgetProblem = ({ total, providers = {}, models = {} }: Budget): string | undefined => {
  const wrong = Object.entries({ total: total ?? 0, ...providers, ...models }).find(
    ([, dollars]) => !(Number.isFinite(dollars) && dollars >= 0 && dollars <= maxBudget)
  )
  return wrong === undefined
    ? undefined
    : `the budget for ${wrong[0]} is ${wrong[1]}; write US dollars from 0 to ${maxBudget}, or leave it out for no limit`
}

/** The sums. Every method is synchronous, so concurrent requests cannot interleave within it. */
export class SpendLedger {
  private readonly accounts = new Map<string, Account>()
  private readonly limits: ReadonlyMap<string, number>

  constructor({ total, providers = {}, models = {} }: Budget) {
    this.limits = new Map([
      ...(total === undefined ? [] : [[allRequests, total] as const]),
      ...Object.entries(providers),
      ...Object.entries(models)
    ])
  }

  /** Checks whether any budget applies. */
  isLimited(key: BudgetKey): boolean {
    return namesOf(key).some((name) => this.limits.has(name))
  }

  /** Reserves an amount for a request, or returns the budget that the amount could exceed and reserves nothing. */
  reserve(key: BudgetKey, amount: bigint): Excess | undefined {
    for (const name of namesOf(key)) {
      const budget = this.limits.get(name)
      const { spent, reserved } = this.account(name)
      if (budget !== undefined && spent + reserved + amount > fromDollars(budget)) {
        return { name, budget, spent: toDollars(spent), reserved: toDollars(reserved) }
      }
    }
    for (const name of namesOf(key)) this.account(name).reserved += amount
    return undefined
  }

  /** Moves a reservation to another model and amount, or returns the budget that it could exceed and moves nothing. */
  move(from: BudgetKey & { readonly amount: bigint }, key: BudgetKey, amount: bigint): Excess | undefined {
    for (const name of namesOf(from)) this.account(name).reserved -= from.amount
    const excess = this.reserve(key, amount)
    if (excess !== undefined) for (const name of namesOf(from)) this.account(name).reserved += from.amount
    return excess
  }

  /** Releases a reservation and adds the cost to the model that answered, which a fallback may have chosen. */
  commit(reserved: BudgetKey & { readonly amount: bigint }, answered: BudgetKey, charge: Charge): void {
    for (const name of namesOf(reserved)) this.account(name).reserved -= reserved.amount
    for (const name of namesOf(answered)) {
      const account = this.account(name)
      account.requests++
      if (charge.cost === null) account.unpriced++
      else account.spent += charge.cost
      if (charge.cost !== null && !charge.isExact) account.estimated++
    }
  }

  /** Returns all sums. */
  summary(): SpendSummary {
    const names = Array.from(this.accounts.keys()).filter((name) => this.account(name).requests > 0)
    const pick = (isPicked: (name: string) => boolean) =>
      Object.fromEntries(names.filter(isPicked).map((name) => [name, spentOf(this.account(name))]))
    return {
      total: spentOf(this.account(allRequests)),
      providers: pick((name) => name !== allRequests && !name.includes("/")),
      models: pick((name) => name.includes("/"))
    }
  }

  private account(name: string): Account {
    const account = this.accounts.get(name) ?? { spent: 0n, reserved: 0n, requests: 0, estimated: 0, unpriced: 0 }
    this.accounts.set(name, account)
    return account
  }
}

const allRequests = ""

// The narrowest budget comes first, because an error reports the first one that is exceeded.
const namesOf = ({ provider, model }: BudgetKey): ReadonlyArray<string> => [
  `${provider}/${model}`,
  provider,
  allRequests
]

const spentOf = ({ spent, requests, estimated, unpriced }: Account): Spent => ({
  dollars: toDollars(spent),
  requests,
  estimated,
  unpriced
})
