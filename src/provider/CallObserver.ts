/** What policies and providers report about one call, for spans and metrics. */
import type * as Tracer from "effect/Tracer"
import type { LLMError } from "../domain/LLMError.js"
import type { Origin } from "../domain/StreamChunk.js"

/** A request is sent. */
export interface RequestSent {
  readonly type: "request"
  /** The server that gets it. */
  readonly server: ServerAddress
}

/** The provider has named its response. */
export interface ResponseNamed {
  readonly type: "response"
  /** The provider's id of the response. */
  readonly id: string
}

/** An attempt failed and is repeated after a wait. */
export interface AttemptRetried {
  readonly type: "retry"
  /** Why it failed. */
  readonly error: LLMError
  /** The requests so far, with the next one. */
  readonly attempts: number
  /** How long the call waited. */
  readonly waitMillis: number
}

/** A target failed and another one gets the call. */
export interface FellBack {
  readonly type: "fallback"
  /** Why it failed. */
  readonly error: LLMError
  /** The target that gets the call. */
  readonly to: Origin
}

/** A limiter admitted a request of the call that had to wait. */
export interface LimiterWaited {
  readonly type: "limiter-wait"
  /** Which kind of limit. */
  readonly limiter: "concurrency" | "rate"
  /** How long the call waited. */
  readonly waitMillis: number
}

/** A cache was asked for the response. */
export interface CacheLookup {
  readonly type: "cache-lookup"
  /** Whether it had the response; `joined` reads the response of an equal call that is in progress. */
  readonly result: "hit" | "joined" | "miss"
}

/** A second request was sent beside a slow one. */
export interface Hedged {
  readonly type: "hedge"
  /** The target of the second request. */
  readonly to: Origin
}

/** Load balancing chose where a request of the call is sent. */
export interface TargetChosen {
  readonly type: "target"
  /** The name of the target. */
  readonly name: string
  /** Its provider and model. */
  readonly to: Origin
}

/** A circuit breaker has another state than the process last saw, or rejected a request. */
export interface BreakerSeen {
  readonly type: "breaker"
  /** The name of the breaker. */
  readonly name: string
  /** The target that it guards. */
  readonly target: Origin
  /** The state now. */
  readonly state: CircuitState
}

/** Something that happened during a call. None has content. */
export type CallEvent =
  | RequestSent
  | ResponseNamed
  | AttemptRetried
  | FellBack
  | LimiterWaited
  | CacheLookup
  | Hedged
  | TargetChosen
  | BreakerSeen

/** The state of a circuit breaker. One that is half-open admits a probe, or a part of the requests after it. */
export type CircuitState = "closed" | "half-open" | "open"

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
