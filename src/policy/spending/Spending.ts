/** Sums what requests cost, and refuses requests that could exceed a budget before they are sent. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { countRequest, countText } from "../../catalog/countTokens.js"
import { estimateTokens } from "../../catalog/estimateTokens.js"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import { TokenCounter } from "../../catalog/TokenCounter.js"
import { type ChatRequest, check } from "../../domain/ChatRequest.js"
import type { Opening } from "../../domain/ChatStream.js"
import { amountProblem } from "../../domain/checkOptions.js"
import { checkEmbed, type EmbedRequest } from "../../domain/Embedding.js"
import { type LLMError, ValidationError } from "../../domain/LLMError.js"
import type { Origin } from "../../domain/StreamChunk.js"
import { watchPull } from "../../provider/engine/watchPull.js"
import {
  type CallOptions,
  type Embeddings,
  type ExtraRequest,
  type OpenOptions,
  type Policy,
  Provider
} from "../../provider/Provider.js"
import { BudgetGuard, type Reservation, type ReservationRequest, type SpendingOptions } from "./BudgetGuard.js"
import { type BudgetKey, budgetProblem, type SpendSummary } from "./SpendLedger.js"
import { type Ledger, memoryLedger, SpendLedgers } from "./SpendLedgers.js"

/** The options of spending that processes share. */
export interface SharedSpendingOptions extends SpendingOptions {
  /** Names the sums: processes with the same name and the same store share them. Give all of them the same budget. */
  readonly name: string
}

/** The service of `Spending`. */
export interface SpendingService {
  /** What was spent so far, in total, by provider and by model. */
  readonly spent: Effect.Effect<SpendSummary>
  /** Sums the cost of all requests to a provider and enforces the budget, if there is one. */
  readonly policy: Policy
}

const makeWith = (
  options: SpendingOptions,
  ledger: Effect.Effect<Ledger>
): Effect.Effect<SpendingService, ValidationError, ModelCatalog> =>
  Effect.gen(function* () {
    const problem =
      budgetProblem(options.budget ?? {}) ?? amountProblem("assumedOutputTokens", options.assumedOutputTokens ?? 0)
    if (problem !== undefined) return yield* new ValidationError({ provider: "", model: "", message: problem })
    const guard = new BudgetGuard(yield* ModelCatalog, options, yield* ledger)
    return { spent: guard.spent, policy: (provider: Provider) => guarded(guard, provider) }
  })

const make = (options: SpendingOptions): Effect.Effect<SpendingService, ValidationError, ModelCatalog> =>
  makeWith(
    options,
    Effect.sync(() => memoryLedger(options.budget ?? {}))
  )

/**
 * The service that sums what requests cost.
 *
 * While a request is in progress, its policy reserves the highest cost that the request may have: its prompt, counted by
 * the `TokenCounter` in context, and a response of `maxTokens`. If that could exceed a budget, the request is not sent and
 * fails with an `InsufficientCreditsError` that states the budget and the sum. Retrying does not help; a fallback to a
 * cheaper model does. A budget can still be exceeded where the prompt was miscounted or written to a cache, and where a
 * response without `maxTokens` is longer than assumed.
 *
 * As a guard it stands outside of retries and fallbacks: each response is summed once, under the model that answered,
 * and no call can drop it. To fall back to a cheaper model when the budget is used up, put the policy inside the fallback
 * instead: `policies: [Policy.fallback(…), Spending.policy]`. A fallback moves the reservation to the model that it uses,
 * whose own budget may refuse it.
 *
 * The cost of an interrupted, truncated or timed-out stream is estimated from the prompt and the text that arrived. A
 * response of which nothing arrived costs what was reserved for it. A rejected request costs nothing, and neither does one
 * whose caller leaves while it waits for a limit or, after a rejection, for a retry. Reported counts that contradict each
 * other are repaired and counted as an estimate.
 *
 * ```ts
 * const client = LLMClient.layer({ model: "openai/gpt-4o-mini", guards: [Spending.policy] })
 * LLMClient.chat({ messages, maxTokens: 100 }).pipe(
 *   Effect.zipRight(Spending.spent),
 *   Effect.provide(client),
 *   Effect.provide(Spending.layer({ budget: { total: 5 } })),
 *   Effect.provide(ModelCatalog.layer)
 * )
 * ```
 */
export class Spending extends Context.Tag("llm-connectivity/Spending")<Spending, SpendingService>() {
  /** Provides sums that start at zero, priced by the `ModelCatalog`; a budget that cannot be right is a `ValidationError`. */
  static readonly layer = (options: SpendingOptions = {}): Layer.Layer<Spending, ValidationError, ModelCatalog> =>
    Layer.effect(Spending, make(options))

  /**
   * Provides sums and budgets that all processes share whose state has the same store and the same `name`. A reservation
   * is a lease, which is renewed while the response streams; if its process ends, it counts as spent a minute later.
   *
   * ```ts
   * const spending = Spending.layerShared({ name: "production", budget: { total: 500, callers: 5, per: "month" } }).pipe(
   *   Layer.provide([ModelCatalog.layer, PolicyState.memory])
   * )
   * ```
   */
  static readonly layerShared = (
    options: SharedSpendingOptions
  ): Layer.Layer<Spending, ValidationError, ModelCatalog | SpendLedgers> =>
    Layer.effect(
      Spending,
      Effect.flatMap(SpendLedgers, (ledgers) => makeWith(options, ledgers.open(options.name, options.budget ?? {})))
    )

  /** Makes the service without a layer. */
  static readonly make: (options: SpendingOptions) => Effect.Effect<SpendingService, ValidationError, ModelCatalog> =
    make

  /** What was spent so far. */
  static readonly spent: Effect.Effect<SpendSummary, never, Spending> = Effect.flatMap(
    Spending,
    (spending) => spending.spent
  )

  /** The policy that sums costs and enforces the budget. */
  static readonly policy: Effect.Effect<Policy, never, Spending> = Effect.map(Spending, (spending) => spending.policy)
}

const guarded = (guard: BudgetGuard, provider: Provider): Provider =>
  Provider.make({
    ...provider,
    open: (request, options) => guardedOpening(guard, provider, request, options),
    embeddings: provider.embeddings && guardedEmbeddings(guard, provider.name, provider.embeddings)
  })

/** Reserves for a request until the scope closes, then commits what it has cost. */
const reserve = (guard: BudgetGuard, requested: Effect.Effect<ReservationRequest, LLMError>) =>
  Effect.flatMap(requested, (known) =>
    Effect.tap(Effect.acquireRelease(guard.reserve(known), guard.commit), ({ hold: { renew } }) =>
      renew === undefined ? Effect.void : Effect.forkScoped(Effect.forever(Effect.delay(renew.run, renew.every)))
    )
  )

/** Moves a reservation to each target of a call, those of the guards outside first. */
const movesTo =
  (
    guard: BudgetGuard,
    reservation: Reservation,
    outer: CallOptions | undefined,
    requestFor: (target: Origin) => Effect.Effect<ReservationRequest, LLMError>
  ) =>
  (target: Origin): Effect.Effect<void, LLMError> => {
    const { provider, model } = reservation.requested
    const isThere = target.provider === provider && target.model === model
    const move = isThere
      ? Effect.void
      : Effect.flatMap(requestFor(target), (requested) => guard.move(reservation, requested))
    return Effect.zipRight(outer?.onTarget?.(target) ?? Effect.void, move)
  }

/** Tells the trackers of a call, those of the guards outside first, that it waits. */
const waitsOf =
  ({ tracker }: Reservation, outer: CallOptions | undefined): NonNullable<CallOptions["onWait"]> =>
  (failure) => {
    const ends = [outer?.onWait?.(failure), tracker.onWait(failure)]
    return () => {
      for (const end of ends) end?.()
    }
  }

/** Reserves a second request of a call until the scope closes, for the guards outside too. Nobody reads it to its end. */
const extraFor =
  (
    guard: BudgetGuard,
    outer: CallOptions | undefined,
    requestFor: (target: Origin) => Effect.Effect<ReservationRequest, LLMError>
  ) =>
  (target: Origin): Effect.Effect<ExtraRequest, LLMError, Scope.Scope> =>
    Effect.zipWith(
      outer?.onExtraRequest?.(target) ?? Effect.succeed(undefined),
      reserve(guard, requestFor(target)),
      (outside, { tracker }) => ({
        failed: (error) => {
          outside?.failed(error)
          tracker.fail(error)
        }
      })
    )

const guardedOpening = (
  guard: BudgetGuard,
  provider: Provider,
  request: ChatRequest,
  options: OpenOptions | undefined
): Opening =>
  Effect.gen(function* () {
    const reservation = yield* reserve(guard, reservationFor(guard, provider.name, request, options?.caller))
    const { tracker } = reservation
    const requestFor = (target: Origin) =>
      reservationFor(guard, target.provider, { ...request, model: target.model }, options?.caller)
    const onTarget = movesTo(guard, reservation, options, requestFor)
    const onExtraRequest = extraFor(guard, options, requestFor)
    const onWait = waitsOf(reservation, options)
    const opening = provider.open(request, { ...options, onTarget, onExtraRequest, onWait })
    return watchPull(yield* Effect.catchAll(opening, tracker.onFailure), tracker)
  })

const guardedEmbeddings = (guard: BudgetGuard, name: string, { embed, ...limits }: Embeddings): Embeddings => ({
  ...limits,
  embed: (request, options) =>
    Effect.scoped(
      Effect.flatMap(reserve(guard, reservationForTexts(guard, name, request, options?.caller)), (reservation) => {
        const { tracker } = reservation
        const onTarget = movesTo(guard, reservation, options, (target) =>
          reservationForTexts(guard, target.provider, { ...request, model: target.model }, options?.caller)
        )
        const onWait = waitsOf(reservation, options)
        return Effect.tapBoth(embed(request, { ...options, onTarget, onWait }), {
          onSuccess: (response) => Effect.sync(() => tracker.addResponse(response)),
          onFailure: (error) => Effect.sync(() => tracker.fail(error))
        })
      })
    )
})

/** Makes the reservation of a request. The prompt is counted before sending only where a budget applies. */
const reservationFor = (
  guard: BudgetGuard,
  name: string,
  request: ChatRequest,
  caller: string | undefined
): Effect.Effect<ReservationRequest, LLMError> =>
  Effect.flatMap(check(request, name), ({ model = "", maxTokens }) =>
    Effect.map(
      promptOf(guard, { provider: name, model, caller }, request, () => countRequest(request, estimateTokens)),
      (inputTokens) => ({ provider: name, model, caller, inputTokens, maxOutputTokens: maxTokens })
    )
  )

const reservationForTexts = (guard: BudgetGuard, name: string, request: EmbedRequest, caller: string | undefined) =>
  Effect.flatMap(checkEmbed(request, name), ({ model = "", input }) => {
    const text = typeof input === "string" ? input : input.join("\n")
    return Effect.map(
      promptOf(guard, { provider: name, model, caller }, text, () => countText(text, estimateTokens)),
      (inputTokens) => ({ provider: name, model, caller, inputTokens, maxOutputTokens: 0 })
    )
  })

/**
 * Counts with the counter in context. If that counter sends a request and fails, the count is estimated, because a failed
 * count should not block the request itself.
 */
const promptOf = (
  guard: BudgetGuard,
  key: BudgetKey,
  content: string | ChatRequest,
  estimate: () => number
): Effect.Effect<() => number> =>
  guard.isLimited(key)
    ? TokenCounter.count(content, `${key.provider}/${key.model}`).pipe(
        Effect.map(
          ({ tokens }) =>
            () =>
              tokens
        ),
        Effect.orElseSucceed(() => estimate)
      )
    : Effect.succeed(estimate)
