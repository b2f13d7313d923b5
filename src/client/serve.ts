/** Makes a client of one provider and one model. */
import { Context, DefaultServices, Effect, Option, type Stream, Tracer } from "effect"
import * as Cost from "../catalog/Cost.js"
import { ModelCatalog, type ModelCatalogService } from "../catalog/ModelCatalog.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { EmbedRequest, EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { defaultPolicy } from "../policy/Retry.js"
import * as ChatStream from "../provider/ChatStream.js"
import type { CallOptions, Policy, Provider } from "../provider/Provider.js"
import { merge } from "../provider/Timeouts.js"
import { type Observer, observeResponse, observeStream } from "../telemetry/observe.js"
import { usageObserver } from "../telemetry/usageObserver.js"
import type { ChatOptions, ClientOptions, EmbedOptions } from "./ClientOptions.js"

/** What a client can be asked. */
export interface LLMClientService {
  /** Asks for a whole answer in one piece. */
  readonly chat: (request: ChatRequest, options?: ChatOptions) => Effect.Effect<ChatResponse, LLMError>
  /** Streams an answer as it is written; it ends with one chunk that has a finish reason, or fails. */
  readonly chatStream: (request: ChatRequest, options?: ChatOptions) => Stream.Stream<StreamChunk, LLMError>
  /** Turns texts into vectors, in their order, in as many requests as the provider needs. */
  readonly embed: (request: EmbedRequest, options?: EmbedOptions) => Effect.Effect<EmbedResponse, LLMError>
}

/** The options of a client once its policy is made. */
export interface ServeOptions extends ClientOptions<Policy> {
  readonly model: string
  /** Prices answers where the caller has no catalog in context. */
  readonly catalog?: ModelCatalogService | undefined
}

/** Serves a provider's model. */
export const serve = (provider: Provider, options: ServeOptions): LLMClientService => {
  const { model, policy = defaultPolicy } = options
  const behaving = policy(provider)
  const answering = (call: ChatOptions | undefined): Provider =>
    call?.policy === undefined ? behaving : call.policy(provider)
  const complete = <Request extends { readonly model?: string | undefined }>(request: Request): Request =>
    request?.model === undefined ? { ...request, model } : request
  const forCall = (call: ChatOptions | undefined): Effect.Effect<CallOptions> =>
    Effect.map(Effect.serviceOption(ModelCatalog), (inContext) => {
      const catalog = Option.getOrElse(inContext, () => options.catalog)
      return {
        timeouts: merge(options.timeouts, call?.timeouts),
        costOf: catalog === undefined ? undefined : (usage, answering) => Cost.dollarsOf(catalog, answering, usage)
      }
    })
  const observers = (request: ChatRequest, call: ChatOptions | undefined) =>
    observersOf(provider.name, request, { ...options, ...call })
  return {
    chat: (request, call) => {
      const completed = complete(request)
      const response = Effect.flatMap(forCall(call), (own) => answering(call).chat(completed, own))
      return observeResponse(response, observers(completed, call))
    },
    chatStream: (request, call) => {
      const completed = complete(request)
      const stream = ChatStream.make(
        Effect.flatMap(forCall(call), (own) => ChatStream.openOf(answering(call).chatStream(completed, own)))
      )
      return observeStream(stream, observers(completed, call))
    },
    embed: (request, call) =>
      Effect.flatMap(Effect.all([embedding, forCall(call)]), ([{ embedAll }, own]) =>
        embedAll(answering(call), complete(request), { ...call, ...own })
      )
  }
}

// Loaded when they are used: who only chats, or traces nothing, bundles neither.
const embedding = Effect.promise(() => import("./embedAll.js"))
const tracing = Effect.promise(() => import("../telemetry/spanObserver.js"))

// Effect always has a tracer; this one only keeps spans for nobody to read.
const silentTracer = Context.get(DefaultServices.liveServices, Tracer.Tracer)

const observersOf = (
  provider: string,
  request: ChatRequest,
  { onUsage, traceContent = false }: Pick<ChatOptions, "onUsage" | "traceContent">
): Effect.Effect<ReadonlyArray<Observer>> =>
  Effect.suspend(() => {
    const asked = { provider, model: request?.model ?? "" }
    const usage = onUsage === undefined ? [] : [usageObserver(asked, onUsage)]
    return Effect.flatMap(Effect.tracer, (tracer) =>
      tracer === silentTracer
        ? Effect.succeed(usage)
        : Effect.flatMap(tracing, ({ spanObserver }) =>
            Effect.map(spanObserver(asked, request, traceContent), (span) => [span, ...usage])
          )
    )
  })
