/** The service that applications depend on: one model, whoever answers. */
import type { HttpClient } from "@effect/platform"
import { Channel, Context, Effect, Layer, type Schema, Stream } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { EmbedRequest, EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import type { ModelId } from "../domain/ModelId.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { defaultPolicy } from "../policy/Retry.js"
import type { Policy, Provider } from "../provider/Provider.js"
import { merge, type Timeouts } from "../provider/Timeouts.js"
import { chatObject, type ObjectResponse } from "./chatObject.js"
import { embedAll } from "./embedAll.js"
import { type LoadError, load } from "./providers.js"

/** How a client behaves; a call's own options override them. */
export interface ChatOptions {
  /** Replaces the default policy (or the layer's) as a whole; `identity` is none. */
  readonly policy?: Policy | undefined
  /** Overrides the default clocks (or the layer's) one by one. */
  readonly timeouts?: Timeouts | undefined
}

/** The layer's options. */
export interface LLMClientOptions extends ChatOptions {
  /** `"provider/model"`, such as `"openai/gpt-4o-mini"`. */
  readonly model: ModelId
}

/** The options of a client of one given provider. */
export interface FromProviderOptions extends ChatOptions {
  /** The provider's own id of the model, sent as it is. */
  readonly model: string
}

/** The options of a request for vectors. */
export interface EmbedOptions extends ChatOptions {
  /** How many batches are asked for at the same time, 4 by default. */
  readonly concurrency?: number | undefined
}

/** What a client can be asked. */
export interface LLMClientService {
  /** Asks for a whole answer in one piece. */
  readonly chat: (request: ChatRequest, options?: ChatOptions) => Effect.Effect<ChatResponse, LLMError>
  /** Streams an answer as it is written; it ends with one chunk that has a finish reason, or fails. */
  readonly chatStream: (request: ChatRequest, options?: ChatOptions) => Stream.Stream<StreamChunk, LLMError>
  /** Turns texts into vectors, in their order, in as many requests as the provider needs. */
  readonly embed: (request: EmbedRequest, options?: EmbedOptions) => Effect.Effect<EmbedResponse, LLMError>
}

const serve = (
  provider: Provider,
  { model, policy = defaultPolicy, timeouts }: FromProviderOptions
): LLMClientService => {
  const behaving = policy(provider)
  const answering = (options: ChatOptions | undefined): Provider =>
    options?.policy === undefined ? behaving : options.policy(provider)
  const complete = <Request extends { readonly model?: string | undefined }>(request: Request): Request =>
    request?.model === undefined ? { ...request, model } : request
  return {
    chat: (request, options) =>
      answering(options).chat(complete(request), { timeouts: merge(timeouts, options?.timeouts) }),
    chatStream: (request, options) =>
      answering(options).chatStream(complete(request), { timeouts: merge(timeouts, options?.timeouts) }),
    embed: (request, options) =>
      embedAll(answering(options), complete(request), {
        ...options,
        timeouts: merge(timeouts, options?.timeouts)
      })
  }
}

/** The service that applications depend on. */
export class LLMClient extends Context.Tag("llm-connectivity/LLMClient")<LLMClient, LLMClientService>() {
  /**
   * Serves the model that a string names, with the key that the provider's variable holds. A missing key is a
   * `ConfigError`, a wrong model string a `ValidationError` that lists the known providers.
   */
  static readonly layer = (options: LLMClientOptions): Layer.Layer<LLMClient, LoadError, HttpClient.HttpClient> =>
    Layer.scoped(
      LLMClient,
      Effect.map(load(options.model), ({ provider, model }) => serve(provider, { ...options, model }))
    )

  /** Serves one provider and bundles no other. */
  static readonly fromProvider = <Id>(
    tag: Context.Tag<Id, Provider>,
    options: FromProviderOptions
  ): Layer.Layer<LLMClient, never, Id> =>
    Layer.effect(
      LLMClient,
      Effect.map(tag, (provider) => serve(provider, options))
    )

  /** Asks the client in context for a whole answer in one piece. */
  static readonly chat = (
    request: ChatRequest,
    options?: ChatOptions
  ): Effect.Effect<ChatResponse, LLMError, LLMClient> =>
    Effect.flatMap(LLMClient, (client) => client.chat(request, options))

  /** Streams an answer of the client in context; it ends with one chunk that has a finish reason, or fails. */
  static readonly chatStream = (
    request: ChatRequest,
    options?: ChatOptions
  ): Stream.Stream<StreamChunk, LLMError, LLMClient> =>
    // Not `Stream.unwrap`, which would put one more channel between the socket and every read.
    Stream.fromChannel(
      Channel.unwrap(Effect.map(LLMClient, (client) => Stream.toChannel(client.chatStream(request, options))))
    )

  /** Turns texts into vectors with the client in context. */
  static readonly embed = (
    request: EmbedRequest,
    options?: EmbedOptions
  ): Effect.Effect<EmbedResponse, LLMError, LLMClient> =>
    Effect.flatMap(LLMClient, (client) => client.embed(request, options))

  /**
   * Asks for an answer that fits a schema, and decodes it. An answer that does not is a `ProviderError` that says where,
   * with the answer beside it: `LLMError.partial(error)`.
   */
  static readonly chatObject = <A, I>(
    schema: Schema.Schema<A, I>,
    request: ChatRequest,
    options?: ChatOptions
  ): Effect.Effect<ObjectResponse<A>, LLMError, LLMClient> => chatObject(LLMClient.chat, schema, request, options)
}
