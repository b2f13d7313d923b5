/** The service that applications depend on: one model of one provider. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { ModelCatalog } from "../catalog/ModelCatalog.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { ChatResponse } from "../domain/ChatResponse.js"
import { ChatStream } from "../domain/ChatStream.js"
import type { EmbedRequest, EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import type { CheckedModelId, ModelId } from "../domain/ModelId.js"
import { type AnyPolicy, type ContextOf, composeAll, defaultPolicy, type ErrorOf } from "../policy/Policy.js"
import { loadModel } from "../provider/loadModel.js"
import { loadModule } from "../provider/loadModule.js"
import type { Provider } from "../provider/Provider.js"
import type { LoadError } from "../provider/registry.js"
import type { ObjectSchema } from "../structured/ObjectSchema.js"
import type { ObjectResponse, ObjectStream } from "../structured/objects.js"
import type { ChatOptions, ClientOptions, EmbedOptions, ObjectOptions } from "./ClientOptions.js"
import { type LLMClientService, serve } from "./serve.js"

/** What a list of policies may hold: policies and effects of different errors and services. */
type Listed = AnyPolicy<unknown, unknown>

/**
 * The service that applications depend on.
 *
 * ```ts
 * const program = collect(LLMClient.chatStream({ messages: [{ role: "user", content: "Hi" }] }))
 *
 * program.pipe(Effect.provide(LLMClient.layer({ model: "openai/gpt-4o-mini" })), Effect.provide(FetchHttpClient.layer))
 * ```
 */
export class LLMClient extends Context.Tag("llm-connectivity/LLMClient")<LLMClient, LLMClientService>() {
  /**
   * Serves the model that a string names, with the key in the provider's environment variable. A missing key is a
   * `ConfigError`, a wrong model string a `ValidationError` that lists the known providers. Responses have a `cost` by
   * the `ModelCatalog` in context, or else by the one of this library, which is loaded here.
   *
   * ```ts
   * LLMClient.layer({
   *   model: "openai/gpt-4o-mini",
   *   policies: [Policy.retry({ maxRetryDelay: "10 seconds" })],
   *   timeouts: { firstContent: "30 seconds", idle: "20 seconds" }
   * })
   * ```
   */
  static readonly layer = <
    const Model extends ModelId,
    P extends Listed = never,
    G extends Listed = never,
    L extends Listed = never
  >(
    options: ClientOptions<P, G, L> & {
      /** Such as `"openai/gpt-4o-mini"`. A literal without a provider does not compile. */
      readonly model: CheckedModelId<Model>
    }
  ): Layer.Layer<LLMClient, LoadError | ErrorOf<P | G | L>, HttpClient.HttpClient | ContextOf<P | G | L>> =>
    Layer.scoped(
      LLMClient,
      Effect.gen(function* () {
        const ownCatalog = yield* Effect.serviceOption(ModelCatalog)
        const loadCatalog = Option.match(ownCatalog, { onNone: () => ModelCatalog.snapshot, onSome: Effect.succeed })
        // At once, so that a process starts as soon as both are read.
        const loaded = Effect.zip(loadModel(options.model), loadCatalog, { concurrent: true })
        const [{ provider, model }, catalog] = yield* loaded
        return serve(provider, { ...options, model, catalog, ...(yield* policiesOf(options)) })
      })
    )

  /**
   * Serves one provider, and bundles no other and no prices: responses have a `cost` where a `ModelCatalog` is in
   * context.
   *
   * ```ts
   * LLMClient.fromProvider(Anthropic, { model: "claude-sonnet-4-5" }).pipe(Layer.provide(Anthropic.layerConfig))
   * ```
   */
  static readonly fromProvider = <Id, P extends Listed = never, G extends Listed = never, L extends Listed = never>(
    tag: Context.Tag<Id, Provider>,
    options: ClientOptions<P, G, L> & {
      /** The provider's own id of the model, sent as it is. */
      readonly model: string
    }
  ): Layer.Layer<LLMClient, ErrorOf<P | G | L>, Id | ContextOf<P | G | L>> =>
    Layer.scoped(
      LLMClient,
      Effect.gen(function* () {
        return serve(yield* tag, { ...options, ...(yield* policiesOf(options)) })
      })
    )

  /**
   * Requests a whole response in one piece.
   *
   * ```ts
   * const { content, usage, cost } = yield* LLMClient.chat({ messages, maxTokens: 100 })
   * ```
   */
  static readonly chat = (
    request: ChatRequest,
    options?: ChatOptions
  ): Effect.Effect<ChatResponse, LLMError, LLMClient> =>
    Effect.flatMap(LLMClient, (client) => client.chat(request, options))

  /**
   * Streams a response; it ends with one chunk that has a finish reason, or fails.
   *
   * ```ts
   * yield* LLMClient.chatStream({ messages }).pipe(Stream.runForEach(({ content }) => show(content)))
   * ```
   */
  static readonly chatStream = (request: ChatRequest, options?: ChatOptions): ChatStream<LLMError, LLMClient> =>
    ChatStream.make(Effect.flatMap(LLMClient, (client) => client.chatStream(request, options).open))

  /**
   * Embeds texts.
   *
   * ```ts
   * const { embeddings } = yield* LLMClient.embed({ model: "text-embedding-3-small", input: ["one", "two"] })
   * ```
   */
  static readonly embed = (
    request: EmbedRequest,
    options?: EmbedOptions
  ): Effect.Effect<EmbedResponse, LLMError, LLMClient> =>
    Effect.flatMap(LLMClient, (client) => client.embed(request, options))

  /**
   * Requests a response that fits a schema, and decodes it. With `repair`, a response that does not fit goes back to the
   * model, with the places and what is expected there. The last one that does not fit is a `ProviderError` that says
   * where; `LLMError.partial(error)` has the response.
   *
   * ```ts
   * const { object } = yield* LLMClient.chatObject(Schema.Struct({ city: Schema.String }), { messages })
   * ```
   */
  static readonly chatObject = <A, I>(
    schema: ObjectSchema<A, I>,
    request: ChatRequest,
    options?: ObjectOptions
  ): Effect.Effect<ObjectResponse<A>, LLMError, LLMClient> =>
    Effect.flatMap(objects, ({ chatObject }) =>
      chatObject((attempt) => LLMClient.chat(attempt, options), schema, request, options?.repair)
    )

  /**
   * Streams a response that fits a schema: the object so far whenever it has grown, and at the end the complete object,
   * decoded. Fails as `chatObject` does.
   *
   * ```ts
   * LLMClient.chatObjectStream(Recipe, { messages }).pipe(Stream.runForEach(({ object }) => show(object)))
   * ```
   */
  static readonly chatObjectStream = <A, I>(
    schema: ObjectSchema<A, I>,
    request: ChatRequest,
    options?: ChatOptions
  ): ObjectStream<A, I, LLMError, LLMClient> => {
    const chunks = ChatStream.make(
      Effect.flatMap(objects, ({ codecOf, withJsonFormat }) =>
        Effect.flatMap(withJsonFormat(codecOf(schema), request), (json) => LLMClient.chatStream(json, options).open)
      )
    )
    const stream = ChatStream.make(
      Effect.flatMap(objects, ({ partialObjects }) => ChatStream.open(partialObjects(chunks, schema)))
    )
    return Object.assign(stream, { chunks, schema })
  }
}

// Loaded on first use, so that programs without structured output do not bundle it.
const objects = loadModule("structured output", () => import("../structured/structuredOutput.js"))

const policiesOf = <P extends Listed, G extends Listed, L extends Listed>({
  policies,
  guards = [],
  limits = []
}: ClientOptions<P, G, L>) =>
  Effect.all({
    policies: composeAll<P | typeof defaultPolicy>(policies ?? [defaultPolicy]),
    guards: composeAll(guards),
    limits: composeAll(limits)
  })
