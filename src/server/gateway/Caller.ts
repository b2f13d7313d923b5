/** The callers of a gateway, and how it identifies them. */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { LLMError } from "../../domain/LLMError.js"

/** The limits of one caller. A request beyond a limit is a 429. */
export interface CallerLimits {
  /** The most requests in progress, 32 by default. A stream is in progress until it ends or its client leaves. */
  readonly concurrency?: number | undefined
  /** The most requests in any minute, 600 by default; a tenth of them may come at once. */
  readonly requestsPerMinute?: number | undefined
}

/** The user, team or program that a key belongs to. */
export interface GatewayCaller {
  /**
   * Becomes the `caller` of each call, by which `Spending`, caches and limits keep callers apart. It is not sent to a
   * provider.
   */
  readonly name: string
  /** The models that the caller may use, by their names in the gateway; all by default. */
  readonly models?: ReadonlyArray<string> | undefined
  /** Replaces the limits of the gateway one by one. */
  readonly limits?: CallerLimits | undefined
  /** Calls with a higher number go first where calls wait for a limit; 0 by default. */
  readonly priority?: number | undefined
}

/**
 * Finds the caller of a bearer token; `undefined` is a 401. A `RateLimitError` or an `InsufficientCreditsError` is a 429,
 * any other failure a 500 whose message the client does not get.
 */
export type Authorize<R = never> = (
  token: Redacted.Redacted<string>
) => Effect.Effect<GatewayCaller | undefined, LLMError, R>

/** Accepts every request from this machine; see `Gateway.allowAnyone`. */
export interface AllowAnyone {
  readonly _tag: "AllowAnyone"
}
