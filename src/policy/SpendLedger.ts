/** Sums of money by provider and model, with what is reserved for requests under way; exact, and plain data inside. */
import { fromDollars, toDollars } from "../catalog/exactCost.js"

/** The most US dollars that may be spent: on all, on a provider such as `openai`, on a model such as `openai/gpt-4o`. */
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
  /** How many requests were let through. */
  readonly requests: number
  /** How many of them the provider did not count to their end, so that their part of the sum is an estimate. */
  readonly estimated: number
  /** How many of them have no price, so that they are in no sum. */
  readonly unpriced: number
}

/** What was spent, in all and apart. */
export interface SpendSummary {
  /** On all requests together. */
  readonly total: Spent
  /** By the provider's name, such as `openai`. */
  readonly providers: { readonly [provider: string]: Spent }
  /** By names such as `openai/gpt-4o-mini`, without the dates that providers add. */
  readonly models: { readonly [model: string]: Spent }
}

/** Whose money a request spends. */
export interface BudgetKey {
  readonly provider: string
  readonly model: string
}

/** What a request has cost in 10⁻¹⁵ dollars, `null` when nobody knows. */
export interface Charge {
  readonly cost: bigint | null
  readonly isExact: boolean
}

interface Account {
  spent: bigint
  reserved: bigint
  requests: number
  estimated: number
  unpriced: number
}

/** A budget that a request could break. */
export interface Excess {
  readonly of: string
  readonly budget: number
  readonly spent: number
  readonly reserved: number
}

/** The sums. Every method is one step that nothing can come between. */
export class SpendLedger {
  private readonly accounts = new Map<string, Account>()
  private readonly limits: ReadonlyMap<string, number>

  constructor({ total, providers = {}, models = {} }: Budget) {
    this.limits = new Map([
      ...(total === undefined ? [] : [[everything, total] as const]),
      ...Object.entries(providers),
      ...Object.entries(models)
    ])
  }

  /** Whether any budget applies. */
  isLimited(key: BudgetKey): boolean {
    return namesOf(key).some((name) => this.limits.has(name))
  }

  /** Holds money for a request, unless that could break a budget: then it says which. */
  reserve(key: BudgetKey, amount: bigint): Excess | undefined {
    for (const name of namesOf(key)) {
      const budget = this.limits.get(name)
      const { spent, reserved } = this.account(name)
      if (budget !== undefined && spent + reserved + amount > fromDollars(budget)) {
        return { of: name, budget, spent: toDollars(spent), reserved: toDollars(reserved) }
      }
    }
    for (const name of namesOf(key)) this.account(name).reserved += amount
    return undefined
  }

  /** Lets go of what was reserved, and adds what the request has cost whoever answered it. */
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

  /** All sums. */
  summary(): SpendSummary {
    const names = Array.from(this.accounts.keys()).filter((name) => this.account(name).requests > 0)
    const pick = (isPicked: (name: string) => boolean) =>
      Object.fromEntries(names.filter(isPicked).map((name) => [name, spentOf(this.account(name))]))
    return {
      total: spentOf(this.account(everything)),
      providers: pick((name) => name !== everything && !name.includes("/")),
      models: pick((name) => name.includes("/"))
    }
  }

  private account(name: string): Account {
    const account = this.accounts.get(name) ?? { spent: 0n, reserved: 0n, requests: 0, estimated: 0, unpriced: 0 }
    this.accounts.set(name, account)
    return account
  }
}

const everything = ""

// The narrowest first, as that is the budget to tell of.
const namesOf = ({ provider, model }: BudgetKey): ReadonlyArray<string> => [
  `${provider}/${model}`,
  provider,
  everything
]

const spentOf = ({ spent, requests, estimated, unpriced }: Account): Spent => ({
  dollars: toDollars(spent),
  requests,
  estimated,
  unpriced
})
