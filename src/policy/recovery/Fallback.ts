/** Sends a call elsewhere when a provider cannot answer, as long as no output has been shown. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Scope from "effect/Scope"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { type LLMError, withAttempts } from "../../domain/LLMError.js"
import type { CheckedModelId, KnownModel, ModelId } from "../../domain/ModelId.js"
import type { Origin } from "../../domain/StreamChunk.js"
import { Secrets } from "../../http/secrets/Secrets.js"
import { loadModel } from "../../provider/loadModel.js"
import type { CallOptions, Policy, Provider } from "../../provider/Provider.js"
import type { LoadError } from "../../provider/registry.js"
import { withBatchesFor } from "../embeddingBatches.js"
import { recover, type Target } from "./recover.js"

/** Where a failed call is sent; what is left out stays as it was. */
export interface FallbackTarget {
  /** The provider; the same one when left out. */
  readonly provider?: Provider | undefined
  /** That provider's own id of the model. */
  readonly model?: string | undefined
  /** Changes the request, for instance to one that fits the model. */
  readonly change?: ((request: ChatRequest) => ChatRequest) | undefined
}

/** When a call falls back. */
export interface FallbackOptions {
  /**
   * The failures, by tag or by a predicate; by default `RateLimitError`, `NetworkError`, `AuthenticationError`,
   * `InsufficientCreditsError` and `ModelNotFoundError`.
   */
  readonly on?: ReadonlyArray<LLMError["_tag"]> | ((error: LLMError) => boolean) | undefined
  /**
   * The model that embeds instead. Embeddings fall back only where it is set: vectors of different models cannot be
   * compared, so name the same model at another provider.
   */
  readonly embeddingModel?: string | undefined
}

const defaultTags: ReadonlyArray<LLMError["_tag"]> = [
  "RateLimitError",
  "NetworkError",
  "AuthenticationError",
  "InsufficientCreditsError",
  "ModelNotFoundError"
]

/**
 * Sends the call to another model when the provider fails in a way that `on` names. The response says in `provider` and
 * `model` which one answered, and a failure counts in `attempts` the requests to both. Fallbacks can be nested. Put
 * `retry` inside the fallback to retry the first provider alone, and outside to retry both.
 *
 * A model string such as `"anthropic/claude-sonnet-4-5"` loads the provider that it names when the layer is built, with
 * the key of the environment.
 *
 * ```ts
 * LLMClient.layer({
 *   model: "openai/gpt-4o-mini",
 *   policies: [Policy.fallback("anthropic/claude-sonnet-4-5"), Policy.retry()]
 * })
 * ```
 */
export function fallback(target: FallbackTarget, options?: FallbackOptions): Effect.Effect<Policy>
export function fallback<const Model extends ModelId>(
  target: KnownModel | CheckedModelId<Model>,
  options?: FallbackOptions
): Effect.Effect<Policy, LoadError, HttpClient.HttpClient | Scope.Scope>
export function fallback(
  target: FallbackTarget | ModelId,
  options: FallbackOptions = {}
): Effect.Effect<Policy, LoadError, HttpClient.HttpClient | Scope.Scope> {
  return typeof target === "string"
    ? Effect.map(loadModel(target), (loaded) => policyOf(loaded, options))
    : Effect.succeed(policyOf(target, options))
}

const policyOf =
  (target: FallbackTarget, { on = defaultTags, embeddingModel }: FallbackOptions): Policy =>
  (provider) => {
    const other = target.provider ?? provider
    const second = targetOf(other, target, embeddingModel)
    const applies = (error: LLMError): boolean => (typeof on === "function" ? on(error) : on.includes(error._tag))
    /** Falls back to `model`, which is that of the request where it is left out. */
    const fallingBackTo = (model: string | undefined) =>
      recover((_, call) =>
        Effect.sync(() => {
          let first: LLMError | undefined
          const afterOutput = (error: LLMError) =>
            first === undefined ? error : withAttempts(error, first.attempts + error.attempts)
          return {
            beforeOutput: (error) => {
              if (first !== undefined || !applies(error)) return Effect.fail(afterOutput(error))
              first = error
              const to = { provider: other.name, model: model ?? error.model }
              call?.observer?.onEvent({ type: "fallback", error, to })
              return Effect.succeed(second)
            },
            afterOutput,
            onComplete: () => {}
          }
        })
      )
    const first = announced(embeddingModel === undefined ? provider : withBatchesFor([other], provider))
    const chats = fallingBackTo(target.model)({ ...first, secrets: Secrets.union([provider.secrets, other.secrets]) })
    const { embeddings } = second.embed === undefined ? first : fallingBackTo(embeddingModel)(first)
    return { ...chats, embeddings }
  }

/** Announces the first target too: a retry outside comes back to it after the fallback. */
const announced = (provider: Provider): Provider => {
  const { name, open, embeddings } = provider
  return {
    ...provider,
    open: (request, options) =>
      Effect.zipRight(announce({ provider: name, model: request?.model ?? "" }, options), open(request, options)),
    embeddings: embeddings && {
      ...embeddings,
      embed: (request, options) =>
        Effect.zipRight(
          announce({ provider: name, model: request?.model ?? "" }, options),
          embeddings.embed(request, options)
        )
    }
  }
}

const targetOf = (
  { name, open, embeddings }: Provider,
  { model, change = identity }: FallbackTarget,
  embeddingModel: string | undefined
): Target => ({
  open: (request, options) => {
    const changed = change(model === undefined ? request : { ...request, model })
    return Effect.zipRight(announce({ provider: name, model: changed.model ?? "" }, options), open(changed, options))
  },
  embed:
    embeddings === undefined || embeddingModel === undefined
      ? undefined
      : (request, options) =>
          Effect.zipRight(
            announce({ provider: name, model: embeddingModel }, options),
            embeddings.embed({ ...request, model: embeddingModel }, options)
          )
})

const announce = (target: Origin, options: CallOptions | undefined): Effect.Effect<void, LLMError> =>
  options?.onTarget?.(target) ?? Effect.void
