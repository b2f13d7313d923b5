/** The contract of a provider, and of policies around one. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { TokenCount } from "../catalog/countTokens.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatFold, type ChatResponse, chunksOf } from "../domain/ChatResponse.js"
import { ChatStream, type Opening, type Pull } from "../domain/ChatStream.js"
import type { EmbedRequest, EmbedResponse } from "../domain/Embedding.js"
import { type LLMError, NetworkError } from "../domain/LLMError.js"
import type { ProviderLimits } from "../domain/ProviderLimits.js"
import type { Origin } from "../domain/StreamChunk.js"
import { Secrets } from "../http/secrets/Secrets.js"
import type { BatchLimits } from "../protocol/EmbeddingProtocol.js"
import type { CallObserver } from "./CallObserver.js"
import type { Timeouts } from "./Timeouts.js"

/** Options of a single call. */
export interface CallOptions {
  /** Overrides the default timeouts one by one. */
  readonly timeouts?: Timeouts | undefined
  /**
   * Whose call it is: a user, a tenant or a job. Limits, budgets, load balancing and caches can keep callers apart by it.
   * It is not sent to the provider.
   */
  readonly caller?: string | undefined
  /** Calls with a higher number go first where calls wait for a limit; 0 by default. */
  readonly priority?: number | undefined
  /**
   * Runs with what the provider's headers say about its rate limits, for each response of the call that says something,
   * rejections included.
   */
  readonly onRateLimits?: ((limits: ProviderLimits) => Effect.Effect<void>) | undefined
  /**
   * A policy runs it before it sends the call to another provider or model, as a fallback does. A budget moves its
   * reservation there, and may refuse.
   */
  readonly onTarget?: ((target: Origin) => Effect.Effect<void, LLMError>) | undefined
  /**
   * The keys and tokens of the client, which no error contains. The outermost provider of a call sets them; a policy
   * passes them on with the other options.
   */
  readonly secrets?: Secrets | undefined
  /** Gets what happens during the call, for its span and metrics. A policy passes it on with the other options. */
  readonly observer?: CallObserver | undefined
  /**
   * A policy runs it before it sends a second request of the same call beside the first, as a hedge does. A budget
   * reserves its cost until the scope closes, or refuses it.
   */
  readonly onExtraRequest?: ((target: Origin) => Effect.Effect<ExtraRequest, LLMError, Scope.Scope>) | undefined
  /**
   * A policy runs it before it waits while no request of the call is in progress: for a limit, or to repeat the request
   * whose failure it gives. It runs what it gets when the wait is over. A budget books nothing for a caller that leaves
   * during such a wait.
   */
  readonly onWait?: ((failure?: LLMError) => () => void) | undefined
  /** The targets that requests of this call have used. Load balancing prefers others, and adds its own. */
  readonly avoid?: Set<string> | undefined
}

/** A second request of a call. Its cost is booked by estimate, because nobody reads it to its end. */
export interface ExtraRequest {
  /** Records that one of the two requests has failed, which may mean that it is not billed. */
  readonly failed: (error: LLMError) => void
}

/** Options of `open`. */
export interface OpenOptions extends CallOptions {
  /** `false` requests a non-streaming response: one HTTP body, whose chunks arrive at once. `true` by default. */
  readonly stream?: boolean | undefined
  /**
   * A provider that can continue a broken response on another connection runs it with the failure first, and continues
   * if it succeeds. `recoverMidStream` sets it; without it, a provider does not continue.
   */
  readonly onResume?: ((error: LLMError) => Effect.Effect<void, LLMError>) | undefined
}

/** Opens a response: sends the request, and gives the pull of its chunks. */
export type Open = (request: ChatRequest, options?: OpenOptions) => Opening

/** Counts the input tokens of a request. */
export type CountTokens = (request: ChatRequest, options?: CallOptions) => Effect.Effect<TokenCount, LLMError>

/** Embeds the texts of one request. */
export type Embed = (request: EmbedRequest, options?: CallOptions) => Effect.Effect<EmbedResponse, LLMError>

/** The embeddings of a provider. */
export interface Embeddings extends BatchLimits {
  /** Embeds the texts of one request. */
  readonly embed: Embed
}

/** The parts of a provider that `Provider.make` takes. */
export interface ProviderDefinition {
  /** The name in model strings and errors, such as `openai`. */
  readonly name: string
  /** Streams a response. `Provider.make` derives the other chat operations from it. */
  readonly open: Open
  /** Requests a non-streaming response. Without it, `chat` reads the stream to its end. */
  readonly complete?:
    | ((request: ChatRequest, options?: CallOptions) => Effect.Effect<ChatResponse, LLMError>)
    | undefined
  /** Missing where the provider has no embeddings. */
  readonly embeddings?: Embeddings | undefined
  /** Counts the input tokens without generating a response. Missing where the provider cannot count. */
  readonly countTokens?: CountTokens | undefined
  /**
   * Keys that are known before the first request. A policy over several providers unites theirs with `Secrets.union`;
   * what a request is signed with is added by itself.
   */
  readonly secrets?: Secrets | undefined
  /**
   * Identifies the protocol, the endpoint and the account, without secrets: caches share responses only between
   * providers of the same identity. Without it, they share none.
   */
  readonly identity?: Effect.Effect<string, LLMError> | undefined
}

/** Answers chats. The `model` of a request is the provider's own id. */
export interface Provider extends Omit<ProviderDefinition, "complete"> {
  /** Streams a response: it ends with one chunk that has a finish reason, or fails. */
  readonly chatStream: (request: ChatRequest, options?: CallOptions) => ChatStream
  /** Requests a non-streaming response. */
  readonly chat: (request: ChatRequest, options?: CallOptions) => Effect.Effect<ChatResponse, LLMError>
}

/** Reads the name of a provider from its tag, without building it: the static `providerName`, or else the key. */
export const providerNameOf = <Id>(tag: Context.Tag<Id, Provider>): string => {
  const name: unknown = Reflect.get(tag, "providerName")
  return typeof name === "string" ? name : tag.key
}

/** Changes how a provider behaves. */
export type Policy = (provider: Provider) => Provider

/**
 * Makes a provider.
 *
 * `open` sends the request when it runs, and gives a pull: an effect that returns the next chunks of the response, and
 * an empty array at its end. The last chunk has the finish reason. The scope's end releases what `open` acquired.
 *
 * ```ts
 * const echo = Provider.make({
 *   name: "echo",
 *   open: ({ messages }) =>
 *     Effect.sync(() => {
 *       const reads = [[StreamChunk.make({ content: `${messages.length} messages`, finishReason: "stop" })]]
 *       return Effect.sync(() => reads.shift() ?? [])
 *     })
 * })
 * ```
 */
const make = (definition: ProviderDefinition): Provider => {
  const { name, embeddings, countTokens, identity } = definition
  const secrets = Secrets.union([definition.secrets])
  // The options of an outer provider win, so that all providers of a call share its secrets.
  const shared = <Options extends CallOptions>(options: Options | undefined) => ({ secrets, ...options })
  const openWith = openOf(definition)
  const open: Open = (request, options) => openWith(request, shared(options))
  return {
    name,
    open,
    embeddings: embeddings && {
      ...embeddings,
      embed: (request, options) => embeddings.embed(request, shared(options))
    },
    countTokens: countTokens && ((request, options) => countTokens(request, shared(options))),
    secrets,
    identity,
    chatStream: (request, options) => ChatStream.make(Effect.suspend(() => open(request, options))),
    chat: (request, options) =>
      Effect.suspend(() => {
        const requested = { provider: name, model: request?.model ?? "" }
        return Effect.scoped(completeOpening(open(request, { ...options, stream: false }), requested))
      })
  }
}

/** Makes providers. */
export const Provider = { make } as const

const openOf = ({ open, complete }: ProviderDefinition): Open =>
  complete === undefined
    ? open
    : (request, options) =>
        options?.stream === false ? Effect.map(complete(request, options), pullOf) : open(request, options)

/** Returns the chunks of a non-streaming response at once, then its end. */
const pullOf = (response: ChatResponse): Pull => {
  let chunks = chunksOf(response)
  return Effect.sync(() => {
    const all = chunks
    chunks = []
    return all
  })
}

/** Reads a response to its end. */
export const completeOpening = (
  opening: Opening,
  requested: Origin
): Effect.Effect<ChatResponse, LLMError, Scope.Scope> =>
  Effect.flatMap(opening, (pull) => {
    const fold = new ChatFold()
    const next: Effect.Effect<ChatResponse, LLMError> = Effect.flatMap(pull, (chunks) => {
      for (const chunk of chunks) fold.add(chunk)
      if (chunks.length > 0) return next
      const response = fold.response()
      return response === undefined ? Effect.fail(withoutFinish(requested)) : Effect.succeed(response)
    })
    return next
  })

const withoutFinish = ({ provider, model }: Origin): NetworkError =>
  new NetworkError({
    provider,
    model,
    reason: "Truncated",
    message: `the response of ${provider} ended without a finish reason; send the request again`
  })

/** Makes embeddings whose code is loaded on first use, so that programs that only chat do not bundle it. */
export const lazyEmbeddings = (
  { maxBatchSize, maxBatchTokens }: BatchLimits,
  embed: Effect.Effect<Embed, LLMError>
): Embeddings => ({
  maxBatchSize,
  maxBatchTokens,
  embed: (request, options) => Effect.flatMap(embed, (loaded) => loaded(request, options))
})
