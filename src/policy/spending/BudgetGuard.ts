/** Decides whether a request may be sent, and records what it has cost. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ModelCatalogService } from "../../catalog/ModelCatalog.js"
import { type AnsweringModel, modelName, priceAt, priceOf, toDollars } from "../../catalog/price.js"
import { InsufficientCreditsError, type NetworkError } from "../../domain/LLMError.js"
import * as Usage from "../../domain/Usage.js"
import { modelProblem } from "../../provider/engine/requestRules.js"
import { refusedByStore } from "../StateUnavailable.js"
import { UsageTracker } from "../UsageTracker.js"
import type { Budget, BudgetKey, Excess, SpendSummary } from "./SpendLedger.js"
import { type Hold, isExcess, type Ledger } from "./SpendLedgers.js"

/** The options of `Spending`. */
export interface SpendingOptions {
  /** The most that may be spent. Without a budget all costs are summed and no request is refused. */
  readonly budget?: Budget | undefined
  /**
   * How many tokens to reserve for a response without `maxTokens`: 4,096 by default, or the model's own limit if that is
   * lower.
   */
  readonly assumedOutputTokens?: number | undefined
  /** Whether to `refuse` (the default) or `allow` a model without a price where a budget applies. */
  readonly unpriced?: "refuse" | "allow" | undefined
}

/** A request that asks for a reservation before it is sent. */
export interface ReservationRequest {
  readonly provider: string
  readonly model: string
  readonly caller?: string | undefined
  /** Called only where the count is needed: for a budget, or when the provider did not report the final usage. */
  readonly inputTokens: () => number
  /** The most tokens of the response, where that is known. */
  readonly maxOutputTokens: number | undefined
}

/** A request that may be sent, with what is reserved for it. Mutable, as a fallback moves it to another model. */
export interface Reservation {
  /** The model for which the amount is reserved, by its name in sums. */
  key: BudgetKey
  /** The model that the request names. */
  requested: { readonly provider: string; readonly model: string }
  /** In 10⁻¹⁵ dollars. */
  amount: bigint
  readonly hold: Hold
  readonly tracker: UsageTracker
}

/** Reserves the cost of requests in one ledger before they are sent, and commits their real cost afterwards. */
export class BudgetGuard {
  constructor(
    private readonly catalog: ModelCatalogService,
    private readonly options: SpendingOptions,
    private readonly ledger: Ledger
  ) {}

  /** What was spent so far. */
  readonly spent: Effect.Effect<SpendSummary> = Effect.suspend(() => this.ledger.summary)

  /** Checks whether a budget applies to a model. */
  readonly isLimited = (answering: BudgetKey): boolean => this.ledger.isLimited(this.keyOf(answering, answering.caller))

  /** Reserves what a request may cost, or refuses the request, in one step: concurrent requests see each other. */
  readonly reserve = (
    requested: ReservationRequest
  ): Effect.Effect<Reservation, InsufficientCreditsError | NetworkError> =>
    Effect.gen(this, function* () {
      const key = this.keyOf(requested, requested.caller)
      const amount = yield* this.amountFor(key, requested)
      const hold = yield* Effect.mapError(this.ledger.reserve(key, amount), refusedByStore(key.provider, key.model))
      if (isExcess(hold)) return yield* overBudget(key, amount, hold)
      return { key, requested, amount, hold, tracker: new UsageTracker(requested.inputTokens) }
    })

  /** Moves a reservation to the model to which a fallback sends the request, or refuses that. */
  readonly move = (
    reservation: Reservation,
    requested: ReservationRequest
  ): Effect.Effect<void, InsufficientCreditsError | NetworkError> =>
    Effect.gen(this, function* () {
      const key = this.keyOf(requested, requested.caller)
      const amount = yield* this.amountFor(key, requested)
      const moving = reservation.hold.move(key, amount)
      const excess = yield* Effect.mapError(moving, refusedByStore(key.provider, key.model))
      if (excess !== undefined) return yield* overBudget(key, amount, excess)
      Object.assign(reservation, { key, requested, amount })
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
    Effect.suspend(() => {
      const { key, requested, amount, hold, tracker } = reservation
      const { origin = requested, usage, isExact, isKnown } = tracker.consumed()
      const answering = { provider: origin.provider, model: origin.model, requestedModel: requested.model }
      const reserved = amount > 0n ? amount : null
      const price = priceOf(this.catalog, answering, usage)
      const estimate = price ?? priceOf(this.catalog, requested, usage) ?? reserved
      // No tokens cost nothing, even for a model without a price.
      const cost = usage.totalTokens === 0 ? 0n : isKnown ? estimate : max(estimate, reserved)
      return hold.commit(this.keyOf(answering, key.caller), { cost, isExact: isExact && price !== null })
    })

  private keyOf(answering: AnsweringModel, caller: string | undefined): BudgetKey {
    return { provider: answering.provider, model: withoutDate(modelName(this.catalog, answering)), caller }
  }

  private highestCost({ provider, model, inputTokens, maxOutputTokens }: ReservationRequest): bigint | null {
    const info = Option.getOrUndefined(
      Option.orElse(this.catalog.find(provider, model), () => this.catalog.find(provider, withoutDate(model)))
    )
    const assumed = this.options.assumedOutputTokens ?? 4096
    const outputTokens = maxOutputTokens ?? Math.min(assumed, info?.limits?.output ?? assumed)
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
      `${nameOf(excess.name)}, $${format(excess.spent)} is spent and ` +
      `$${format(excess.reserved)} is reserved for requests in progress; ` +
      "raise the budget, lower maxTokens or use a cheaper model"
  )

const nameOf = (account: string): string =>
  account === "" ? "all requests" : account.startsWith("\u0000") ? `caller ${account.slice(1)}` : account

const withoutPrice = (key: BudgetKey): Effect.Effect<never, InsufficientCreditsError> =>
  refuse(
    key,
    `a budget applies to it, but the catalog has no price for it; ${otherProvider(key)}` +
      'add a price with ModelCatalog.layerWith, or set unpriced: "allow"'
  )

/** Advises first what is more likely where the model of a request has the name of another provider before it. */
const otherProvider = ({ provider, model }: BudgetKey): string =>
  modelProblem(model, provider) === undefined
    ? ""
    : `a request's model is an id of ${provider}: choose another provider by the model string of the layer; otherwise `

const refuse = ({ provider, model }: BudgetKey, reason: string): Effect.Effect<never, InsufficientCreditsError> =>
  Effect.fail(
    new InsufficientCreditsError({
      provider,
      model,
      attempts: 0,
      message: `the request to ${provider}/${model} was not sent: ${reason}`
    })
  )

/** Formats dollars with 6 decimals, or with as many as a smaller amount needs, and without an exponent. */
const format = (dollars: number): string =>
  dollars >= 1e-6 || dollars === 0 ? Number(dollars.toFixed(6)).toString() : dollars.toFixed(15).replace(/0+$/, "")
