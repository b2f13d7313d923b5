/** Decides whether a request may be sent, and books what it has cost. */
import { Effect, Option } from "effect"
import { type Answered, modelInfoOf, nameOf } from "../catalog/answeredModel.js"
import type { ModelCatalogService } from "../catalog/ModelCatalog.js"
import { exactCost, toDollars } from "../catalog/exactCost.js"
import { InsufficientCreditsError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import { type Budget, type Excess, Ledger, type Payer, type Summary } from "./SpendLedger.js"
import { Meter } from "./UsageTracker.js"

/** How money is watched. */
export interface SpendingOptions {
  /** The most that may be spent; without it all is summed and nothing refused. */
  readonly budget?: Budget | undefined
  /** How many tokens an answer without `maxTokens` is held to have, 4,096 by default (or the model's limit, if less). */
  readonly assumedAnswerTokens?: number | undefined
  /** What to do with a model that has no price, where a budget applies: `refuse` by default, or `allow`. */
  readonly unpriced?: "refuse" | "allow" | undefined
}

/** A request before it is sent. */
export interface Wanted {
  readonly provider: string
  readonly model: string
  /** Counted only when it is needed: for a budget, or for an answer that the provider did not count to its end. */
  readonly inputTokens: () => number
  /** The most tokens of the answer, where that is known. */
  readonly answerTokens: number | undefined
}

/** A request that may be sent. */
export interface Admitted extends Payer {
  /** What is held for it, in 10⁻¹⁵ dollars. */
  readonly amount: bigint
  readonly meter: Meter
}

/** Guards all requests with one ledger. */
export class SpendingGuard {
  private readonly ledger: Ledger

  constructor(
    private readonly catalog: ModelCatalogService,
    private readonly options: SpendingOptions
  ) {
    this.ledger = new Ledger(options.budget ?? {})
  }

  /** What was spent so far. */
  readonly spent: Effect.Effect<Summary> = Effect.sync(() => this.ledger.summary())

  /** Whether any budget applies to a model. */
  readonly isLimited = (answered: Payer): boolean => this.ledger.isLimited(this.payerOf(answered))

  /** Holds what a request may cost, or refuses it; one step, so that requests at the same time see each other. */
  readonly admit = (wanted: Wanted): Effect.Effect<Admitted, InsufficientCreditsError> =>
    Effect.suspend(() => {
      const payer = this.payerOf(wanted)
      const most = this.ledger.isLimited(payer) ? this.mostOf(payer, wanted) : 0n
      if (most === null && this.options.unpriced !== "allow") return withoutPrice(payer)
      const amount = most ?? 0n
      const excess = this.ledger.hold(payer, amount)
      return excess === undefined
        ? Effect.succeed({ ...payer, amount, meter: new Meter(wanted.inputTokens) })
        : overBudget(payer, amount, excess)
    })

  /** Puts what a request has taken in the place of what was held for it. */
  readonly settle = (admitted: Admitted): Effect.Effect<void> =>
    Effect.sync(() => {
      const { origin = admitted, usage, isExact } = admitted.meter.taken()
      const answered = { provider: origin.provider, model: origin.model, asked: admitted.model }
      const bill = { cost: this.costOf(usage, answered), isExact }
      this.ledger.settle(admitted, this.payerOf(answered), bill)
    })

  private payerOf(answered: Answered): Payer {
    return { provider: answered.provider, model: nameOf(this.catalog, answered) }
  }

  private mostOf(payer: Payer, { inputTokens, answerTokens }: Wanted): bigint | null {
    const facts = Option.getOrUndefined(this.catalog.find(payer.provider, payer.model))
    const assumed = this.options.assumedAnswerTokens ?? 4096
    const outputTokens = answerTokens ?? Math.min(assumed, facts?.limits?.output ?? assumed)
    return exactCost(Usage.make({ inputTokens: inputTokens(), outputTokens }), facts)
  }

  private costOf(usage: Usage.Usage, answered: Payer & { readonly asked: string }): bigint | null {
    // Nothing taken is nothing to pay, even of a model without a price.
    return usage.totalTokens === 0 ? 0n : exactCost(usage, Option.getOrUndefined(modelInfoOf(this.catalog, answered)))
  }
}

const overBudget = (payer: Payer, amount: bigint, excess: Excess): Effect.Effect<never, InsufficientCreditsError> =>
  refuse(
    payer,
    `it may cost $${written(toDollars(amount))}, and of the budget of $${written(excess.budget)} for ` +
      `${excess.of === "" ? "everything" : excess.of} $${written(excess.spent)} are spent and ` +
      `$${written(excess.held)} held for requests under way; raise the budget, lower maxTokens or ask a cheaper model`
  )

const withoutPrice = (payer: Payer): Effect.Effect<never, InsufficientCreditsError> =>
  refuse(
    payer,
    "a budget applies to it, but the catalog has no price for it; add one, or set unpriced to allow what has none"
  )

const refuse = ({ provider, model }: Payer, why: string): Effect.Effect<never, InsufficientCreditsError> =>
  Effect.fail(new InsufficientCreditsError({ provider, model, message: `${provider}/${model} was not asked: ${why}` }))

/** Without an exponent, and without more digits than anyone reads. */
const written = (dollars: number): string => Number(dollars.toFixed(6)).toString()
