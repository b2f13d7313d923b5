/** Sums what requests cost, and refuses those that could break a budget before they are sent. */
import { Context, Effect, Layer } from "effect"
import { weigh } from "../catalog/approximateTokens.js"
import { countRequest } from "../catalog/countRequest.js"
import { ModelCatalog } from "../catalog/ModelCatalog.js"
import { countText } from "../catalog/RunningCount.js"
import { TokenCounter } from "../catalog/TokenCounter.js"
import { type ChatRequest, check } from "../domain/ChatRequest.js"
import { checkEmbed, type EmbedRequest } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import * as ChatStream from "../provider/ChatStream.js"
import { mapEmbed, type Policy, type Provider } from "../provider/Provider.js"
import { BudgetGuard, type ReservationRequest, type SpendingOptions } from "./BudgetGuard.js"
import type { BudgetKey, SpendSummary } from "./SpendLedger.js"
import type { Answer } from "./UsageTracker.js"

/** What can be asked of the sums. */
export interface SpendingService {
  /** What was spent so far, in all, by provider and by model. */
  readonly spent: Effect.Effect<SpendSummary>
  /** Sums the requests to a provider and, where there is a budget, guards it. */
  readonly policy: Policy
}

const make = (options: SpendingOptions): Effect.Effect<SpendingService, never, ModelCatalog> =>
  Effect.map(ModelCatalog, (catalog) => {
    const guard = new BudgetGuard(catalog, options)
    return { spent: guard.spent, policy: (provider) => guarded(guard, provider) }
  })

/**
 * The service that sums what requests cost.
 *
 * Its policy holds, while a request is under way, what it may cost at most: its prompt, counted by the `TokenCounter` in
 * context, and an answer of `maxTokens`. A request for which a budget has no room left is not sent, but fails with an
 * `InsufficientCreditsError` that tells budget and sum: as with a provider's own, time does not help, and a fallback to
 * a cheaper model does. A budget can be exceeded by as much as the prompt was miscounted or written to a cache, and by
 * answers without `maxTokens` that are longer than assumed.
 *
 * Put it last in `flow`, outside of retries and fallbacks, so that each answer is summed once, under the model that gave
 * it. An answer that is interrupted, cut or timed out is summed by estimate: the prompt, and the text that had arrived.
 *
 * ```ts
 * const program = Effect.gen(function* () {
 *   const policy = yield* Spending.policy
 *   yield* LLMClient.chat({ messages, maxTokens: 100 }, { policy: flow(retry(), policy) })
 *   return yield* Spending.spent
 * })
 * program.pipe(Effect.provide(Spending.layer({ budget: { total: 5 } })), Effect.provide(ModelCatalog.layer))
 * ```
 */
export class Spending extends Context.Tag("llm-connectivity/Spending")<Spending, SpendingService>() {
  /** Serves sums that begin at nothing, by the prices of the `ModelCatalog`. */
  static readonly layer = (options: SpendingOptions = {}): Layer.Layer<Spending, never, ModelCatalog> =>
    Layer.effect(Spending, make(options))

  /** Makes the same without a layer. */
  static readonly make: (options: SpendingOptions) => Effect.Effect<SpendingService, never, ModelCatalog> = make

  /** What was spent so far. */
  static readonly spent: Effect.Effect<SpendSummary, never, Spending> = Effect.flatMap(
    Spending,
    (spending) => spending.spent
  )

  /** The policy that sums and guards. */
  static readonly policy: Effect.Effect<Policy, never, Spending> = Effect.map(Spending, (spending) => spending.policy)
}

const guarded = (guard: BudgetGuard, provider: Provider): Provider => {
  const reservation = (requested: Effect.Effect<ReservationRequest, LLMError>) =>
    Effect.flatMap(requested, (known) => Effect.acquireRelease(guard.reserve(known), guard.commit))
  const answered = <A extends Answer>(
    requested: Effect.Effect<ReservationRequest, LLMError>,
    ask: Effect.Effect<A, LLMError>
  ) =>
    Effect.scoped(
      Effect.flatMap(reservation(requested), ({ tracker }) =>
        Effect.tapBoth(ask, {
          onSuccess: (answer) => Effect.sync(() => tracker.addAnswer(answer)),
          onFailure: (error) => Effect.sync(() => tracker.fail(error))
        })
      )
    )
  return {
    ...provider,
    chat: (request, options) => answered(reservationFor(guard, provider, request), provider.chat(request, options)),
    chatStream: (request, options) =>
      ChatStream.make(
        Effect.gen(function* () {
          const { tracker } = yield* reservation(reservationFor(guard, provider, request))
          const failed = (error: LLMError) => Effect.sync(() => tracker.fail(error))
          const pull = yield* Effect.tapError(ChatStream.openOf(provider.chatStream(request, options)), failed)
          return Effect.tapBoth(pull, {
            onSuccess: (chunks) => Effect.sync(() => chunks.forEach(tracker.add)),
            onFailure: failed
          })
        })
      ),
    embed: mapEmbed(
      provider.embed,
      (embed) => (request, options) => answered(reservationForTexts(guard, provider, request), embed(request, options))
    )
  }
}

/** What a request wants; its prompt is counted before it is sent only where a budget applies. */
const reservationFor = (
  guard: BudgetGuard,
  { name }: Provider,
  request: ChatRequest
): Effect.Effect<ReservationRequest, LLMError> =>
  Effect.flatMap(check(request, name), ({ model = "", maxTokens }) =>
    Effect.map(
      promptOf(guard, { provider: name, model }, request, () => countRequest(request, weigh)),
      (inputTokens) => ({ provider: name, model, inputTokens, answerTokens: maxTokens })
    )
  )

const reservationForTexts = (guard: BudgetGuard, { name }: Provider, request: EmbedRequest) =>
  Effect.flatMap(checkEmbed(request, name), ({ model = "", input }) => {
    const text = typeof input === "string" ? input : input.join("\n")
    return Effect.map(
      promptOf(guard, { provider: name, model }, text, () => countText(text, weigh)),
      (inputTokens) => ({ provider: name, model, inputTokens, answerTokens: 0 })
    )
  })

/** Counts with the counter in context; by estimate where that asks around and fails, as that is no reason not to ask. */
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
