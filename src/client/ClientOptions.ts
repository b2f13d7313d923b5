/** What a client and a call can be told. */
import type { HttpClient } from "@effect/platform"
import type { Effect, Scope } from "effect"
import type { ModelId } from "../domain/ModelId.js"
import type { Usage } from "../domain/Usage.js"
import type { Policy } from "../provider/Provider.js"
import type { LoadError } from "../provider/ProviderModel.js"
import type { Timeouts } from "../provider/Timeouts.js"

/** What a call took, however it ended. */
export interface UsageReport {
  /** Who answered, or was asked where nobody did. */
  readonly provider: string
  /** The model as that provider names it. */
  readonly model: string
  /** The last counts that the provider said, `null` if it said none. */
  readonly usage: Usage | null
  /** Whether the counts are final: the answer was read to its end. Otherwise the provider may have counted more. */
  readonly isExact: boolean
}

/** How a single call behaves. */
export interface ChatOptions {
  /** Replaces the default policy (or the layer's) as a whole; `identity` is none. */
  readonly policy?: Policy | undefined
  /** Overrides the default timers (or the layer's) one by one. */
  readonly timeouts?: Timeouts | undefined
  /** Is told once what the call took, be it complete, failed or interrupted. */
  readonly onUsage?: ((report: UsageReport) => Effect.Effect<void>) | undefined
  /** Puts messages and answers on the spans of this call, which otherwise hold none. */
  readonly traceContent?: boolean | undefined
}

/** The options of a request for vectors. */
export interface EmbedOptions extends ChatOptions {
  /** How many batches are asked for at the same time, 4 by default. */
  readonly concurrency?: number | undefined
}

/** How a client behaves; a call's own options override it. */
export interface ClientOptions<AnyPolicy> extends Omit<ChatOptions, "policy"> {
  /** Replaces the default policy as a whole. One that holds state or loads a provider is an `Effect`, run once. */
  readonly policy?: AnyPolicy | undefined
}

/** The options of a client that a model string chooses. */
export interface LLMClientOptions<R = never>
  extends ClientOptions<Policy | Effect.Effect<Policy, LoadError, HttpClient.HttpClient | Scope.Scope | R>> {
  /** `"provider/model"`, such as `"openai/gpt-4o-mini"`. */
  readonly model: ModelId
}

/** The options of a client of one given provider. */
export interface FromProviderOptions<R = never> extends ClientOptions<Policy | Effect.Effect<Policy, never, R>> {
  /** The provider's own id of the model, sent as it is. */
  readonly model: string
}
