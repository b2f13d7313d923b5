/** What policies and providers report about one call, for spans and metrics. */
import type { Tracer } from "effect"
import type { LLMError } from "../domain/LLMError.js"
import type { Origin } from "../domain/StreamChunk.js"

/** Something that happened during a call. None has content. */
export type CallEvent =
  /** A request is sent to a server. */
  | { readonly type: "request"; readonly server: ServerAddress }
  /** The provider named its response. */
  | { readonly type: "response"; readonly id: string }
  /** An attempt failed and is repeated after a wait; `attempts` counts the requests so far with the next one. */
  | {
      readonly type: "retry"
      readonly error: LLMError
      readonly attempts: number
      readonly waitMillis: number
    }
  /** A target failed and another one gets the call. */
  | { readonly type: "fallback"; readonly error: LLMError; readonly to: Origin }
  /** A limiter let the call wait. */
  | { readonly type: "limiter-wait"; readonly waitMillis: number }
  /** A cache was asked for the response. */
  | { readonly type: "cache-lookup"; readonly isHit: boolean }
  /** A second request was sent beside a slow one. */
  | { readonly type: "hedge"; readonly to: Origin }
  /** A circuit breaker changed its state, or rejected the call because it is open. */
  | { readonly type: "breaker"; readonly target: Origin; readonly state: BreakerState }

/** The state of a circuit breaker. */
export type BreakerState = "closed" | "half-open" | "open"

/** The host and port of a provider's server. */
export interface ServerAddress {
  /** The host name or the IP address. */
  readonly address: string
  /** The port; 443 or 80 where the URL has none. */
  readonly port: number
}

/** Observes one call. A client makes it; policies pass it on with the other options. */
export interface CallObserver {
  /** The span of the call. */
  readonly span: Tracer.Span
  /** Gets each event at once. It must be quick. */
  readonly onEvent: (event: CallEvent) => void
}
