/** Decides whether a request may be sent, and books what it has cost. */
import { Effect, Option } from "effect"
import { type Answered, modelInfoOf, nameOf } from "../catalog/answeredModel.js"
import { exactCost, toDollars } from "../catalog/exactCost.js"
import type { ModelCatalogService } from "../catalog/ModelCatalog.js"
import { InsufficientCreditsError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import { type Budget, type BudgetKey, type Excess, SpendLedger, type SpendSummary } from "./SpendLedger.js"
import { UsageTracker } from "./UsageTracker.js"

/** How money is watched. */
export interface SpendingOptions {
  /** The most that may be spent; without it all is summed and nothing refused. */
  readonly budget?: Budget | undefined
  /** How many tokens an answer without `maxTokens` is reserved to have, 4,096 by default (or the model's limit, if less). */
  readonly assumedAnswerTokens?: number | undefined
  /** What to do with a model that has no price, where a budget applies: `refuse` by default, or `allow`. */
  readonly unpriced?: "refuse" | "allow" | undefined
}

/** A request before it is sent. */
export interface ReservationRequest {
  readonly provider: string
  readonly model: string
  /** Counted only when it is needed: for a budget, or for an answer that the provider did not count to its end. */
  readonly inputTokens: () => number
  /** The most tokens of the answer, where that is known. */
  readonly answerTokens: number | undefined
}

/** A request that may be sent. */
export interface Reservation extends BudgetKey {
  /** What is reserved for it, in 10⁻¹⁵ dollars. */
  readonly amount: bigint
  readonly tracker: UsageTracker
}

/** Guards all requests with one ledger. */
export class BudgetGuard {
  private readonly ledger: SpendLedger

  constructor(
    private readonly catalog: ModelCatalogService,
    private readonly options: SpendingOptions
  ) {
    this.ledger = new SpendLedger(options.budget ?? {})
  }

  /** What was spent so far. */
  readonly spent: Effect.Effect<SpendSummary> = Effect.sync(() => this.ledger.summary())

  /** Whether any budget applies to a model. */
  readonly isLimited = (answered: BudgetKey): boolean => this.ledger.isLimited(this.keyOf(answered))

  /** Holds what a request may cost, or refuses it; one step, so that requests at the same time see each other. */
  readonly reserve = (requested: ReservationRequest): Effect.Effect<Reservation, InsufficientCreditsError> =>
    Effect.suspend(() => {
      const key = this.keyOf(requested)
      const most = this.ledger.isLimited(key) ? this.mostOf(key, requested) : 0n
      if (most === null && this.options.unpriced !== "allow") return withoutPrice(key)
      const amount = most ?? 0n
      const excess = this.ledger.reserve(key, amount)
      return excess === undefined
        ? Effect.succeed({ ...key, amount, tracker: new UsageTracker(requested.inputTokens) })
        : overBudget(key, amount, excess)
    })

  /** Puts what a request has taken in the place of what was reserved for it. */
  readonly commit = (reservation: Reservation): Effect.Effect<void> =>
    Effect.sync(() => {
      const { origin = reservation, usage, isExact } = reservation.tracker.taken()
      const answered = { provider: origin.provider, model: origin.model, asked: reservation.model }
      const charge = { cost: this.costOf(usage, answered), isExact }
      this.ledger.commit(reservation, this.keyOf(answered), charge)
    })

  private keyOf(answered: Answered): BudgetKey {
    return { provider: answered.provider, model: nameOf(this.catalog, answered) }
  }

  private mostOf(key: BudgetKey, { inputTokens, answerTokens }: ReservationRequest): bigint | null {
    const facts = Option.getOrUndefined(this.catalog.find(key.provider, key.model))
    const assumed = this.options.assumedAnswerTokens ?? 4096
    const outputTokens = answerTokens ?? Math.min(assumed, facts?.limits?.output ?? assumed)
    return exactCost(Usage.make({ inputTokens: inputTokens(), outputTokens }), facts)
  }

  private costOf(usage: Usage.Usage, answered: BudgetKey & { readonly asked: string }): bigint | null {
    // Nothing taken is nothing to pay, even of a model without a price.
    return usage.totalTokens === 0 ? 0n : exactCost(usage, Option.getOrUndefined(modelInfoOf(this.catalog, answered)))
  }
}

const overBudget = (key: BudgetKey, amount: bigint, excess: Excess): Effect.Effect<never, InsufficientCreditsError> =>
  refuse(
    key,
    `it may cost $${written(toDollars(amount))}, and of the budget of $${written(excess.budget)} for ` +
      `${excess.of === "" ? "everything" : excess.of} $${written(excess.spent)} are spent and ` +
      `$${written(excess.reserved)} reserved for requests under way; raise the budget, lower maxTokens or ask a cheaper model`
  )

const withoutPrice = (key: BudgetKey): Effect.Effect<never, InsufficientCreditsError> =>
  refuse(
    key,
    "a budget applies to it, but the catalog has no price for it; add one, or set unpriced to allow what has none"
  )

const refuse = ({ provider, model }: BudgetKey, why: string): Effect.Effect<never, InsufficientCreditsError> =>
  Effect.fail(new InsufficientCreditsError({ provider, model, message: `${provider}/${model} was not asked: ${why}` }))

/** Without an exponent, and without more digits than anyone reads. */
const written = (dollars: number): string => Number(dollars.toFixed(6)).toString()
