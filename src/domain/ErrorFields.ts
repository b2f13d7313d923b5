/** What errors tell, written out: readable where an editor shows it, and cheap for a compiler that meets it. */
import type { Cause, Duration, Schema } from "effect"

/** What is said to make any error. */
export interface ErrorInput {
  /** The provider that was asked, `""` when none had been chosen yet. */
  readonly provider: string
  /** The model that was asked, as the provider names it. */
  readonly model: string
  /** One line that says what happened and what to change. */
  readonly message: string
  /** The HTTP status, where there was a response. */
  readonly status?: number
  /** The provider's id of the request, to quote to its support. */
  readonly requestId?: string
  /** How many requests had been made when it was given up; 1 by default. */
  readonly attempts?: number
}

/** What is said to make an error that passes with time. */
export interface TransientInput extends ErrorInput {
  /** How long the provider asked to wait. */
  readonly retryAfter?: Duration.Duration
  /** False only where the provider forbids trying again; true by default. */
  readonly retryable?: boolean
}

/** What is said to make a `RateLimitError`. */
export interface RateLimitInput extends TransientInput {
  /** Too many requests (`RateLimit`) or too little capacity (`Overloaded`). */
  readonly reason: "RateLimit" | "Overloaded"
}

/** Which of the four clocks ran out. */
export type Clock = "headers" | "firstContent" | "idle" | "total"

/** What is said to make a `NetworkError`. */
export interface NetworkInput extends TransientInput {
  /** No connection, a clock that ran out, a server in trouble (5xx), an answer that broke off. */
  readonly reason: "Connection" | "Timeout" | "Server" | "Truncated"
  /** For a timeout, which clock ran out. */
  readonly clock?: Clock
}

/** An error, which can be yielded in a generator; none holds a request, a header, a body, a prompt or a key. */
export interface Failure<Tag extends string> extends Cause.YieldableError, ErrorInput {
  /** The name of the class, for `catchTag` and `switch`. */
  readonly _tag: Tag
  /** One line that says what happened and what to change; it holds neither key nor prompt. */
  readonly message: string
  /** How many requests had been made when it was given up. */
  readonly attempts: number
}

/** An error that passes with time. */
export interface TransientFailure<Tag extends string> extends Failure<Tag> {
  /** How long the provider asked to wait. */
  readonly retryAfter?: Duration.Duration
  /** False only where the provider forbids trying again. */
  readonly retryable: boolean
}

/** What a `RateLimitError` tells. */
export interface RateLimitFailure extends TransientFailure<"RateLimitError">, Pick<RateLimitInput, "reason"> {}

/** What a `NetworkError` tells. */
export interface NetworkFailure extends TransientFailure<"NetworkError">, Pick<NetworkInput, "reason" | "clock"> {}

/** An error as JSON. */
export interface ErrorJson<Tag extends string> extends ErrorInput {
  /** The name of the class. */
  readonly _tag: Tag
  /** How many requests had been made when it was given up. */
  readonly attempts: number
}

/** An error that passes with time, as JSON. */
export interface TransientJson<Tag extends string> extends ErrorJson<Tag> {
  /** In milliseconds. */
  readonly retryAfter?: number
  /** False only where the provider forbids trying again. */
  readonly retryable: boolean
}

/** A `RateLimitError` as JSON. */
export interface RateLimitJson extends TransientJson<"RateLimitError">, Pick<RateLimitInput, "reason"> {}

/** A `NetworkError` as JSON. */
export interface NetworkJson extends TransientJson<"NetworkError">, Pick<NetworkInput, "reason" | "clock"> {}

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

/** The class of an error: it makes one of its input, and is the schema of what it makes. */
export interface ErrorClass<Self, Json, Input, Fields> extends Schema.Schema<Self, Json> {
  new (input: Input): Fields
}
