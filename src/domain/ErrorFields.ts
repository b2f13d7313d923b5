/** The fields of errors as explicit interfaces: readable in an editor, and cheap for the compiler. */
import type * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import type * as Schema from "effect/Schema"

/** The input of every error. */
export interface ErrorInput {
  /** The provider of the request, `""` before one is chosen. */
  readonly provider: string
  /** The requested model, by the provider's own id. */
  readonly model: string
  /** One line that says what happened and what to change. */
  readonly message: string
  /** The HTTP status, where there was a response. */
  readonly status?: number
  /** The provider's id of the request, to quote to its support. */
  readonly requestId?: string
  /** How many requests were made, retries included; 1 by default. */
  readonly attempts?: number
}

/** The input of an error for which a retry can help. */
export interface TransientInput extends ErrorInput {
  /** How long to wait, as stated by the provider. */
  readonly retryAfter?: Duration.Duration
  /** False only where the provider forbids a retry; true by default. */
  readonly retryable?: boolean
}

/** The input of a `RateLimitError`. */
export interface RateLimitInput extends TransientInput {
  /** Too many requests (`RateLimit`) or too little capacity (`Overloaded`). */
  readonly reason: "RateLimit" | "Overloaded"
}

/** The names of the four timeouts. */
export type TimeoutName = "headers" | "firstContent" | "idle" | "total"

/** The input of a `NetworkError`. */
export interface NetworkInput extends TransientInput {
  /** No connection, a timeout, a server error (5xx), or a truncated response. */
  readonly reason: "Connection" | "Timeout" | "Server" | "Truncated"
  /** For a `Timeout`, which of the four timeouts expired. */
  readonly timeout?: TimeoutName
}

/** An error, which can be yielded in a generator. It contains no request, header, body, prompt or key. */
export interface Failure<Tag extends string> extends Cause.YieldableError, ErrorInput {
  /** The name of the class, for `catchTag` and `switch`. */
  readonly _tag: Tag
  /** One line that says what happened and what to change; it contains no key and no prompt. */
  readonly message: string
  /** How many requests were made, retries included. */
  readonly attempts: number
}

/** An error for which a retry can help. */
export interface TransientFailure<Tag extends string> extends Failure<Tag> {
  /** How long to wait, as stated by the provider. */
  readonly retryAfter?: Duration.Duration
  /** False only where the provider forbids a retry. */
  readonly retryable: boolean
}

/** The fields of a `RateLimitError`. */
export interface RateLimitFailure extends TransientFailure<"RateLimitError">, Pick<RateLimitInput, "reason"> {}

/** The fields of a `NetworkError`. */
export interface NetworkFailure extends TransientFailure<"NetworkError">, Pick<NetworkInput, "reason" | "timeout"> {}

/** An error as JSON. */
export interface ErrorJson<Tag extends string> extends ErrorInput {
  /** The name of the class. */
  readonly _tag: Tag
  /** How many requests were made, retries included. */
  readonly attempts: number
}

/** An error for which a retry can help, as JSON. */
export interface TransientJson<Tag extends string> extends ErrorJson<Tag> {
  /** In milliseconds. */
  readonly retryAfter?: number
  /** False only where the provider forbids a retry. */
  readonly retryable: boolean
}

/** A `RateLimitError` as JSON. */
export interface RateLimitJson extends TransientJson<"RateLimitError">, Pick<RateLimitInput, "reason"> {}

/** A `NetworkError` as JSON. */
export interface NetworkJson extends TransientJson<"NetworkError">, Pick<NetworkInput, "reason" | "timeout"> {}

/** Any error as JSON, to be sent to another process. */
export type LLMErrorJson =
  | RateLimitJson
  | NetworkJson
  | ErrorJson<
      | "AuthenticationError"
      | "InsufficientCreditsError"
      | "ModelNotFoundError"
      | "ContextWindowExceededError"
      | "ValidationError"
      | "ProviderError"
    >

/** The class of an error: a constructor and the schema of its instances. */
export interface ErrorClass<Self, Json, Input, Fields> extends Schema.Schema<Self, Json> {
  new (input: Input): Fields
}
