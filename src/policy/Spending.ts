/** Sums what requests cost, and refuses those that could break a budget before they are sent. */
import { Context, Effect, Layer } from "effect"
import { weigh } from "../catalog/approximateTokens.js"
import { ModelCatalog } from "../catalog/ModelCatalog.js"
import { countRequest } from "../catalog/countRequest.js"
import { countText } from "../catalog/RunningCount.js"
import { TokenCounter } from "../catalog/TokenCounter.js"
import { type ChatRequest, check } from "../domain/ChatRequest.js"
import { checkEmbed, type EmbedRequest } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import * as ChatStream from "../provider/ChatStream.js"
import { mapEmbed, type Policy, type Provider } from "../provider/Provider.js"
import type { Payer, Summary } from "./SpendLedger.js"
import type { Answer } from "./UsageTracker.js"
import { SpendingGuard, type SpendingOptions, type Wanted } from "./BudgetGuard.js"

/** What can be asked of the sums. */
export interface SpendingService {
  /** What was spent so far, in all, by provider and by model. */
  readonly spent: Effect.Effect<Summary>
  /** Sums the requests to a provider and, where there is a budget, guards it. */
  readonly policy: Policy
}

const make = (options: SpendingOptions): Effect.Effect<SpendingService, never, ModelCatalog> =>
  Effect.map(ModelCatalog, (catalog) => {
    const guard = new SpendingGuard(catalog, options)
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
  static readonly spent: Effect.Effect<Summary, never, Spending> = Effect.flatMap(
    Spending,
    (spending) => spending.spent
  )

  /** The policy that sums and guards. */
  static readonly policy: Effect.Effect<Policy, never, Spending> = Effect.map(Spending, (spending) => spending.policy)
}

const guarded = (guard: SpendingGuard, provider: Provider): Provider => {
  const admitted = (wanted: Effect.Effect<Wanted, LLMError>) =>
    Effect.flatMap(wanted, (known) => Effect.acquireRelease(guard.admit(known), guard.settle))
  const answered = <A extends Answer>(wanted: Effect.Effect<Wanted, LLMError>, ask: Effect.Effect<A, LLMError>) =>
    Effect.scoped(
      Effect.flatMap(admitted(wanted), ({ meter }) =>
        Effect.tapBoth(ask, {
          onSuccess: (answer) => Effect.sync(() => meter.addAnswer(answer)),
          onFailure: (error) => Effect.sync(() => meter.fail(error))
        })
      )
    )
  return {
    ...provider,
    chat: (request, options) => answered(wantedBy(guard, provider, request), provider.chat(request, options)),
    chatStream: (request, options) =>
      ChatStream.make(
        Effect.gen(function* () {
          const { meter } = yield* admitted(wantedBy(guard, provider, request))
          const failed = (error: LLMError) => Effect.sync(() => meter.fail(error))
          const pull = yield* Effect.tapError(ChatStream.openOf(provider.chatStream(request, options)), failed)
          return Effect.tapBoth(pull, {
            onSuccess: (chunks) => Effect.sync(() => chunks.forEach(meter.add)),
            onFailure: failed
          })
        })
      ),
    embed: mapEmbed(
      provider.embed,
      (embed) => (request, options) => answered(wantedByTexts(guard, provider, request), embed(request, options))
    )
  }
}

/** What a request wants; its prompt is counted before it is sent only where a budget applies. */
const wantedBy = (guard: SpendingGuard, { name }: Provider, request: ChatRequest): Effect.Effect<Wanted, LLMError> =>
  Effect.flatMap(check(request, name), ({ model = "", maxTokens }) =>
    Effect.map(
      promptOf(guard, { provider: name, model }, request, () => countRequest(request, weigh)),
      (inputTokens) => ({ provider: name, model, inputTokens, answerTokens: maxTokens })
    )
  )

const wantedByTexts = (guard: SpendingGuard, { name }: Provider, request: EmbedRequest) =>
  Effect.flatMap(checkEmbed(request, name), ({ model = "", input }) => {
    const text = typeof input === "string" ? input : input.join("\n")
    return Effect.map(
      promptOf(guard, { provider: name, model }, text, () => countText(text, weigh)),
      (inputTokens) => ({ provider: name, model, inputTokens, answerTokens: 0 })
    )
  })

/** Counts with the counter in context; by estimate where that asks around and fails, as that is no reason not to ask. */
const promptOf = (
  guard: SpendingGuard,
  payer: Payer,
  content: string | ChatRequest,
  estimate: () => number
): Effect.Effect<() => number> =>
  guard.isLimited(payer)
    ? TokenCounter.count(content, `${payer.provider}/${payer.model}`).pipe(
        Effect.map(
          ({ tokens }) =>
            () =>
              tokens
        ),
        Effect.orElseSucceed(() => estimate)
      )
    : Effect.succeed(estimate)
