/** Asks someone else when one cannot answer, as long as nothing has been shown to the reader. */
import type { HttpClient } from "@effect/platform"
import { Effect, identity, type Scope } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { type LLMError, withAttempts } from "../domain/LLMError.js"
import type { ModelId } from "../domain/ModelId.js"
import { load } from "../provider/load.js"
import type { Policy, Provider } from "../provider/Provider.js"
import type { LoadError } from "../provider/ProviderModel.js"
import { recover } from "./recover.js"

/** Who is asked next, and how; what is left out stays as it was. */
export interface FallbackTarget {
  /** Who is asked; the same provider when left out. */
  readonly provider?: Provider | undefined
  /** That provider's own id of the model. */
  readonly model?: string | undefined
  /** Changes the request, for instance to one that fits. */
  readonly change?: ((request: ChatRequest) => ChatRequest) | undefined
}

/** When someone else is asked. */
export interface FallbackOptions {
  /**
   * The failures, by tag or by a test of their own; by default those that pass with time, `AuthenticationError`,
   * `InsufficientCreditsError` and `ModelNotFoundError`.
   */
  readonly on?: ReadonlyArray<LLMError["_tag"]> | ((error: LLMError) => boolean) | undefined
}

const usual: ReadonlyArray<LLMError["_tag"]> = [
  "RateLimitError",
  "NetworkError",
  "AuthenticationError",
  "InsufficientCreditsError",
  "ModelNotFoundError"
]

/**
 * Asks `next` when the provider fails in a way that `on` names. The answer says in `provider` and `model` who gave it,
 * and a failure counts in `attempts` the requests to both. Compose several with `flow`; put `retry` before it to retry
 * the first provider only, after it to retry both.
 *
 * A model string such as `"anthropic/claude-sonnet-4-5"` loads the provider that it names, with the key of its variable,
 * when the layer is built; that is why it gives an `Effect` of the policy.
 *
 * ```ts
 * const policy = Effect.map(fallback("anthropic/claude-sonnet-4-5"), (toClaude) => flow(retry(), toClaude))
 * LLMClient.layer({ model: "openai/gpt-4o-mini", policy })
 * ```
 */
export function fallback(next: FallbackTarget, options?: FallbackOptions): Policy
export function fallback(
  next: ModelId,
  options?: FallbackOptions
): Effect.Effect<Policy, LoadError, HttpClient.HttpClient | Scope.Scope>
export function fallback(
  next: FallbackTarget | ModelId,
  options: FallbackOptions = {}
): Policy | Effect.Effect<Policy, LoadError, HttpClient.HttpClient | Scope.Scope> {
  return typeof next === "string"
    ? Effect.map(load(next), (loaded) => policyOf(loaded, options))
    : policyOf(next, options)
}

const policyOf =
  (next: FallbackTarget, { on = usual }: FallbackOptions): Policy =>
  (provider) => {
    const other = next.provider ?? provider
    const applies = (error: LLMError): boolean => (typeof on === "function" ? on(error) : on.includes(error._tag))
    const countingBoth = (first: LLMError) => (error: LLMError) => withAttempts(error, first.attempts + error.attempts)
    return {
      ...provider,
      chat: (request, options) =>
        Effect.catchIf(provider.chat(request, options), applies, (error) =>
          Effect.mapError(other.chat(changed(next, request), options), countingBoth(error))
        ),
      chatStream: (request, options) =>
        recover(
          provider.chatStream(request, options),
          Effect.sync(() => {
            let first: LLMError | undefined
            const late = (error: LLMError) => (first === undefined ? error : countingBoth(first)(error))
            const early = (error: LLMError) => {
              if (first !== undefined || !applies(error)) return Effect.fail(late(error))
              first = error
              return Effect.succeed(other.chatStream(changed(next, request), options))
            }
            return { early, late }
          })
        )
    }
  }

const changed = ({ model, change = identity }: FallbackTarget, request: ChatRequest): ChatRequest =>
  change(model === undefined ? request : { ...request, model })
