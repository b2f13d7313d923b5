/** Serves one model of a provider: applies policies and guards, prices responses and observes calls. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Cost from "../catalog/Cost.js"
import { ModelCatalog, type ModelCatalogService } from "../catalog/ModelCatalog.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import { ChatStream, type Opening } from "../domain/ChatStream.js"
import type { EmbedRequest, EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import { compose } from "../policy/Policy.js"
import type { CallObserver } from "../provider/CallObserver.js"
import { loadModule } from "../provider/loadModule.js"
import { type CallOptions, completeOpening, type Policy, type Provider } from "../provider/Provider.js"
import { merge } from "../provider/Timeouts.js"
import type { ObservedCall } from "../telemetry/CallRecord.js"
import { type MapChunks, type Observer, observeEmbeddings, observeOpening } from "../telemetry/observe.js"
import { callObserver } from "../telemetry/observeCall.js"
import { usageObserver } from "../telemetry/usageReport.js"
import type { ChatOptions, ClientOptions, EmbedOptions } from "./ClientOptions.js"

/** Chats and embeds with one model. */
export interface LLMClientService {
  /** Requests a whole response in one piece. */
  readonly chat: (request: ChatRequest, options?: ChatOptions) => Effect.Effect<ChatResponse, LLMError>
  /** Streams a response as it is written; it ends with one chunk that has a finish reason, or fails. */
  readonly chatStream: (request: ChatRequest, options?: ChatOptions) => ChatStream
  /** Embeds texts, in their order, in as many requests as the provider needs. */
  readonly embed: (request: EmbedRequest, options?: EmbedOptions) => Effect.Effect<EmbedResponse, LLMError>
}

/** The options of a client whose policies are built. */
export interface ServeOptions extends Pick<ClientOptions<never>, "timeouts" | "onUsage" | "traceContent"> {
  readonly model: string
  readonly policies: Policy
  readonly guards: Policy
  readonly limits: Policy
  /** Prices responses where the caller has no catalog in context. */
  readonly catalog?: ModelCatalogService | undefined
}

/** Serves a provider's model. */
export const serve = (provider: Provider, options: ServeOptions): LLMClientService => {
  const { chat: openChat, embed } = callsOf(provider, options)
  const withModel = <Request extends { readonly model?: string | undefined }>(request: Request): Request =>
    request?.model === undefined ? { ...request, model: options.model } : request
  return {
    chat: (request, call) =>
      Effect.suspend(() => {
        const chat = withModel(request)
        return Effect.scoped(completeOpening(openChat(chat, call, false), originOf(provider, chat)))
      }),
    chatStream: (request, call) => ChatStream.make(Effect.suspend(() => openChat(withModel(request), call, true))),
    embed: (request, call) => Effect.suspend(() => embed(withModel(request), call))
  }
}

/** What policies and providers get to know of the options of a call. */
const callOf = (call: ChatOptions | undefined): CallOptions => ({
  caller: call?.caller,
  priority: call?.priority,
  onRateLimits: call?.onRateLimits
})

const originOf = ({ name }: Provider, request: { readonly model?: string | undefined }) => ({
  provider: name,
  model: request?.model ?? ""
})

/** The two kinds of calls, with policies, prices and observers. */
const callsOf = (provider: Provider, options: ServeOptions) => {
  const { policies, guards, limits } = options
  const limited = limits(provider)
  const byDefault = guards(policies(limited))
  const providerFor = (call: ChatOptions | undefined): Provider =>
    call?.policies === undefined ? byDefault : guards(compose(...call.policies)(limited))
  const observersFor = (
    call: ChatOptions | undefined,
    observed: ObservedCall["request"],
    request: ChatRequest | EmbedRequest
  ): Effect.Effect<Observers> => {
    const { traceContent = false, onUsage } = { ...options, ...call }
    return observersOf({ request: observed, requested: originOf(provider, request), traceContent }, onUsage)
  }
  const catalogOf = Effect.map(
    Effect.serviceOption(ModelCatalog),
    Option.getOrElse(() => options.catalog)
  )
  const chat = (request: ChatRequest, call: ChatOptions | undefined, isStream: boolean): Opening =>
    Effect.gen(function* () {
      const { observers, observer } = yield* observersFor(call, { operation: "chat", isStream, chat: request }, request)
      const timeouts = merge(options.timeouts, call?.timeouts)
      const opening = providerFor(call).open(request, { ...callOf(call), timeouts, observer, stream: isStream })
      return yield* observeOpening(opening, observers, pricing(yield* catalogOf))
    })
  const embed = (request: EmbedRequest, call: EmbedOptions | undefined): Effect.Effect<EmbedResponse, LLMError> =>
    Effect.gen(function* () {
      const { observers, observer } = yield* observersFor(call, { operation: "embeddings", embed: request }, request)
      const { embedAll } = yield* embeddings
      const timeouts = merge(options.timeouts, call?.timeouts)
      const embedding = embedAll(providerFor(call), request, { ...callOf(call), timeouts, observer }, call?.concurrency)
      return yield* observeEmbeddings(Effect.map(embedding, pricingEmbeddings(yield* catalogOf, request)), observers)
    })
  return { chat, embed }
}

// Loaded on first use.
const embeddings = loadModule("embeddings", () => import("./embedAll.js"))

/** The observers of a call, and the one that policies and providers report to. */
interface Observers {
  readonly observers: ReadonlyArray<Observer>
  readonly observer: CallObserver
}

const observersOf = (call: ObservedCall, onUsage: ChatOptions["onUsage"]): Effect.Effect<Observers> =>
  Effect.map(callObserver(call), (observer) => ({
    observer,
    observers: onUsage === undefined ? [observer] : [observer, usageObserver(call.requested, onUsage)]
  }))

/** Puts the cost of a response on its last chunk. */
const pricing = (catalog: ModelCatalogService | undefined): MapChunks =>
  catalog === undefined
    ? (chunks) => chunks
    : (chunks) => {
        const last = chunks.at(-1)
        if (last === undefined || last.finishReason === null || last.cost !== undefined) return chunks
        if (last.usage === null || last.origin === undefined) return chunks
        const cost = Cost.dollarsOf(catalog, last.origin, last.usage)
        return cost === null ? chunks : [...chunks.slice(0, -1), { ...last, cost }]
      }

const pricingEmbeddings =
  (catalog: ModelCatalogService | undefined, { model: requestedModel }: EmbedRequest) =>
  (response: EmbedResponse): EmbedResponse =>
    catalog === undefined || response.usage === null
      ? response
      : { ...response, cost: Cost.dollarsOf(catalog, { ...response, requestedModel }, response.usage) }
