/** The options of clients and of single calls. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ModelId } from "../domain/ModelId.js"
import type { AnyPolicy } from "../policy/Policy.js"
import type { CallOptions, Policy } from "../provider/Provider.js"
import type { LoadError } from "../provider/registry.js"
import type { Timeouts } from "../provider/Timeouts.js"
import type { RepairOptions } from "../structured/chatObject.js"
import type { UsageReport } from "../telemetry/usageReport.js"

/** The options of a single call. */
export interface ChatOptions extends Pick<CallOptions, "caller" | "priority" | "onRateLimits"> {
  /** Replaces the layer's policies, outermost first; `[]` applies none. The layer's guards still apply. */
  readonly policies?: ReadonlyArray<Policy> | undefined
  /** Overrides the layer's timeouts one by one. */
  readonly timeouts?: Timeouts | undefined
  /** Runs once with the usage of the call, whether it completed, failed or was interrupted. */
  readonly onUsage?: ((report: UsageReport) => Effect.Effect<void>) | undefined
  /** Puts messages and responses on the spans of this call, which otherwise contain neither. */
  readonly traceContent?: boolean | undefined
}

/** The options of a call for an object. Each correction is a call of its own, with the same policies, budget and `onUsage`. */
export interface ObjectOptions extends ChatOptions {
  /** Lets the model correct an answer that does not fit the schema; not by default. */
  readonly repair?: RepairOptions | undefined
}

/** The options of an embedding call. */
export interface EmbedOptions extends ChatOptions {
  /** How many batches are sent at the same time, 4 by default. */
  readonly concurrency?: number | undefined
}

/** The options of a client; those of a call override them. */
export interface ClientOptions<P, G = P, L = P>
  extends Omit<ChatOptions, "policies" | "caller" | "priority" | "onRateLimits"> {
  /** Outermost first; `[Policy.retry()]` by default. Policies with state or that load a provider are built once. */
  readonly policies?: ReadonlyArray<P> | undefined
  /** Outermost first, around the policies: spending, which a call cannot drop. */
  readonly guards?: ReadonlyArray<G> | undefined
  /**
   * Outermost first, inside the policies and around each request: concurrency, circuit breaker, rate limit. They apply to
   * every attempt of a retry, and a call cannot drop them. Targets of a fallback or of load balancing have their own.
   */
  readonly limits?: ReadonlyArray<L> | undefined
}

/** The options of a client that a model string chooses. */
export interface LLMClientOptions<R = never>
  extends ClientOptions<AnyPolicy<LoadError, HttpClient.HttpClient | Scope.Scope | R>> {
  /** `"provider/model"`, such as `"openai/gpt-4o-mini"`. */
  readonly model: ModelId
}

/** The options of a client of one given provider. */
export interface FromProviderOptions<R = never, E = never> extends ClientOptions<AnyPolicy<E, R>> {
  /** The provider's own id of the model, sent as it is. */
  readonly model: string
}
