/** Decides whether a request may be sent, and records what it has cost. */
import { Effect, Option } from "effect"
import type { ModelCatalogService } from "../catalog/ModelCatalog.js"
import { type AnsweringModel, modelName, priceAt, priceOf, toDollars } from "../catalog/price.js"
import { InsufficientCreditsError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import { type Budget, type BudgetKey, type Excess, SpendLedger, type SpendSummary } from "./SpendLedger.js"
import { UsageTracker } from "./UsageTracker.js"

/** The options of `Spending`. */
export interface SpendingOptions {
  /** The most that may be spent. Without a budget all costs are summed and no request is refused. */
  readonly budget?: Budget | undefined
  /**
   * How many tokens to reserve for an answer without `maxTokens`: 4,096 by default, or the model's own limit if that is
   * lower.
   */
  readonly assumedAnswerTokens?: number | undefined
  /** Whether to `refuse` (the default) or `allow` a model without a price where a budget applies. */
  readonly unpriced?: "refuse" | "allow" | undefined
}

/** A request that asks for a reservation before it is sent. */
export interface ReservationRequest {
  readonly provider: string
  readonly model: string
  /** Called only where the count is needed: for a budget, or when the provider did not report the final usage. */
  readonly inputTokens: () => number
  /** The most tokens of the answer, where that is known. */
  readonly answerTokens: number | undefined
}

/** A request that may be sent, with what is reserved for it. Mutable, as a fallback moves it to another model. */
export interface Reservation {
  /** The model for which the amount is reserved, by its name in sums. */
  key: BudgetKey
  /** The model that the request names. */
  requested: { readonly provider: string; readonly model: string }
  /** In 10⁻¹⁵ dollars. */
  amount: bigint
  readonly tracker: UsageTracker
}

/** Reserves the cost of requests in one ledger before they are sent, and commits their real cost afterwards. */
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

  /** Checks whether a budget applies to a model. */
  readonly isLimited = (answering: BudgetKey): boolean => this.ledger.isLimited(this.keyOf(answering))

  /**
   * Reserves what a request may cost, or refuses the request. This is one synchronous step, so concurrent requests see
   * each other's reservations.
   */
  readonly reserve = (requested: ReservationRequest): Effect.Effect<Reservation, InsufficientCreditsError> =>
    Effect.suspend(() => {
      const key = this.keyOf(requested)
      return Effect.flatMap(this.amountFor(key, requested), (amount) => {
        const excess = this.ledger.reserve(key, amount)
        return excess === undefined
          ? Effect.succeed({ key, requested, amount, tracker: new UsageTracker(requested.inputTokens) })
          : overBudget(key, amount, excess)
      })
    })

  /** Moves a reservation to the model to which a fallback sends the request, or refuses that. */
  readonly move = (
    reservation: Reservation,
    requested: ReservationRequest
  ): Effect.Effect<void, InsufficientCreditsError> =>
    Effect.suspend(() => {
      const key = this.keyOf(requested)
      return Effect.flatMap(this.amountFor(key, requested), (amount) => {
        const excess = this.ledger.move({ ...reservation.key, amount: reservation.amount }, key, amount)
        if (excess !== undefined) return overBudget(key, amount, excess)
        return Effect.sync(() => Object.assign(reservation, { key, requested, amount }))
      })
    })

  private amountFor(key: BudgetKey, requested: ReservationRequest): Effect.Effect<bigint, InsufficientCreditsError> {
    if (!this.ledger.isLimited(key)) return Effect.succeed(0n)
    const highest = this.highestCost(requested)
    return highest === null && this.options.unpriced !== "allow" ? withoutPrice(key) : Effect.succeed(highest ?? 0n)
  }

  /**
   * Replaces a reservation by what the request has cost. What is not known costs what was reserved: a response that was
   * requested in one piece and never arrived, or a model without a price under a budget.
   */
  readonly commit = (reservation: Reservation): Effect.Effect<void> =>
    Effect.sync(() => {
      const { key, requested, amount, tracker } = reservation
      const { origin = requested, usage, isExact, isKnown } = tracker.consumed()
      const answering = { provider: origin.provider, model: origin.model, requestedModel: requested.model }
      const reserved = amount > 0n ? amount : null
      const price = priceOf(this.catalog, answering, usage)
      const estimate = price ?? priceOf(this.catalog, requested, usage) ?? reserved
      // No tokens cost nothing, even for a model without a price.
      const cost = usage.totalTokens === 0 ? 0n : isKnown ? estimate : max(estimate, reserved)
      this.ledger.commit({ ...key, amount }, this.keyOf(answering), { cost, isExact: isExact && price !== null })
    })

  private keyOf(answering: AnsweringModel): BudgetKey {
    return { provider: answering.provider, model: withoutDate(modelName(this.catalog, answering)) }
  }

  private highestCost({ provider, model, inputTokens, answerTokens }: ReservationRequest): bigint | null {
    const info = Option.getOrUndefined(
      Option.orElse(this.catalog.find(provider, model), () => this.catalog.find(provider, withoutDate(model)))
    )
    const assumed = this.options.assumedAnswerTokens ?? 4096
    const outputTokens = answerTokens ?? Math.min(assumed, info?.limits?.output ?? assumed)
    return priceAt(info, Usage.make({ inputTokens: inputTokens(), outputTokens }))
  }
}

/** A budget on a model covers the dated names of that model. */
const withoutDate = (model: string): string => model.replace(/-(?:\d{4}-\d\d-\d\d|\d{8})$/, "")

const max = (one: bigint | null, other: bigint | null): bigint | null =>
  one === null || (other !== null && other > one) ? other : one

const overBudget = (key: BudgetKey, amount: bigint, excess: Excess): Effect.Effect<never, InsufficientCreditsError> =>
  refuse(
    key,
    `it may cost $${format(toDollars(amount))}, but of the budget of $${format(excess.budget)} for ` +
      `${excess.name === "" ? "all requests" : excess.name}, $${format(excess.spent)} is spent and ` +
      `$${format(excess.reserved)} is reserved for requests in progress; ` +
      "raise the budget, lower maxTokens or use a cheaper model"
  )

const withoutPrice = (key: BudgetKey): Effect.Effect<never, InsufficientCreditsError> =>
  refuse(
    key,
    "a budget applies to it, but the catalog has no price for it; " +
      'add a price with ModelCatalog.layerWith, or set unpriced: "allow"'
  )

const refuse = ({ provider, model }: BudgetKey, reason: string): Effect.Effect<never, InsufficientCreditsError> =>
  Effect.fail(
    new InsufficientCreditsError({
      provider,
      model,
      message: `the request to ${provider}/${model} was not sent: ${reason}`
    })
  )

/** Formats dollars with 6 decimals, or with as many as a smaller amount needs, and without an exponent. */
const format = (dollars: number): string =>
  dollars >= 1e-6 || dollars === 0 ? Number(dollars.toFixed(6)).toString() : dollars.toFixed(15).replace(/0+$/, "")
