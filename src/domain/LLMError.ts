/** Everything that can go wrong with a call to an LLM, named by what the caller can do about it. */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import type { PartialResponse } from "./ChatResponse.js"
import type {
  ErrorClass,
  ErrorInput,
  ErrorJson,
  Failure,
  LLMErrorJson,
  NetworkFailure,
  NetworkInput,
  NetworkJson,
  RateLimitFailure,
  RateLimitInput,
  RateLimitJson
} from "./ErrorFields.js"
import { once } from "./lazy.js"

// Typed by what they are rather than by how they are made, which would cost everyone who names one.
const common = {
  provider: Schema.String,
  model: Schema.String,
  message: Schema.String,
  status: Schema.optionalWith(Schema.Number, { exact: true }),
  requestId: Schema.optionalWith(Schema.String, { exact: true }),
  attempts: Schema.Number.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => 1)
  )
}

const transient = {
  ...common,
  retryAfter: Schema.optionalWith(Schema.DurationFromMillis, { exact: true }),
  retryable: Schema.Boolean.pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => true)
  )
}

/** The class of an error that has only the common fields. */
type Rejected<Self, Tag extends string> = ErrorClass<Self, ErrorJson<Tag>, ErrorInput, Failure<Tag>>

const RateLimit: ErrorClass<RateLimitError, RateLimitJson, RateLimitInput, RateLimitFailure> =
  Schema.TaggedError<RateLimitError>()("RateLimitError", {
    ...transient,
    reason: Schema.Literal("RateLimit", "Overloaded")
  })

/** The provider refuses temporarily: too many requests, or too little capacity. Wait, or use another model. */
export class RateLimitError extends RateLimit {}

const Network: ErrorClass<NetworkError, NetworkJson, NetworkInput, NetworkFailure> = Schema.TaggedError<NetworkError>()(
  "NetworkError",
  {
    ...transient,
    reason: Schema.Literal("Connection", "Timeout", "Server", "Truncated"),
    timeout: Schema.optionalWith(Schema.Literal("headers", "firstContent", "idle", "total"), { exact: true })
  }
)

/** The request or the response failed in transit: no connection, a timeout, a server error (5xx), a truncated response. */
export class NetworkError extends Network {}

const Authentication: Rejected<AuthenticationError, "AuthenticationError"> = Schema.TaggedError<AuthenticationError>()(
  "AuthenticationError",
  common
)

/** The key is missing, wrong, or lacks a right. */
export class AuthenticationError extends Authentication {}

const InsufficientCredits: Rejected<InsufficientCreditsError, "InsufficientCreditsError"> =
  Schema.TaggedError<InsufficientCreditsError>()("InsufficientCreditsError", common)

/** The account has no credit or quota left; retrying does not help. */
export class InsufficientCreditsError extends InsufficientCredits {}

const ModelNotFound: Rejected<ModelNotFoundError, "ModelNotFoundError"> = Schema.TaggedError<ModelNotFoundError>()(
  "ModelNotFoundError",
  common
)

/** The model does not exist, or this account has no access to it. */
export class ModelNotFoundError extends ModelNotFound {}

const ContextWindowExceeded: Rejected<ContextWindowExceededError, "ContextWindowExceededError"> =
  Schema.TaggedError<ContextWindowExceededError>()("ContextWindowExceededError", common)

/** The prompt and the requested answer do not fit the model; shorten the messages or lower `maxTokens`. */
export class ContextWindowExceededError extends ContextWindowExceeded {}

const Validation: Rejected<ValidationError, "ValidationError"> = Schema.TaggedError<ValidationError>()(
  "ValidationError",
  common
)

/** The request is invalid, by the check of this library or of the provider; the message says what to change. */
export class ValidationError extends Validation {}

const Provider: Rejected<ProviderError, "ProviderError"> = Schema.TaggedError<ProviderError>()("ProviderError", common)

/** Any other error that the provider reports, and malformed responses. */
export class ProviderError extends Provider {}

/** The errors for which a retry can help. */
export type TransientError = RateLimitError | NetworkError

/** The errors that the caller must fix: the same request fails again. */
export type RejectedError =
  | AuthenticationError
  | InsufficientCreditsError
  | ModelNotFoundError
  | ContextWindowExceededError
  | ValidationError
  | ProviderError

/** Every failure of a call. */
export type LLMError = TransientError | RejectedError

/** Checks whether retrying the same request can help. */
export const isRetryable = (error: LLMError): boolean => {
  switch (error._tag) {
    case "RateLimitError":
    case "NetworkError":
      return error.retryable
    case "AuthenticationError":
    case "InsufficientCreditsError":
    case "ModelNotFoundError":
    case "ContextWindowExceededError":
    case "ValidationError":
    case "ProviderError":
      return false
    default:
      return error satisfies never
  }
}

/** Checks whether an error is a `RateLimitError` or a `NetworkError`. */
export const isTransient = (error: LLMError): error is TransientError =>
  error._tag === "RateLimitError" || error._tag === "NetworkError"

/** How long the provider asked to wait before the next request, if it did. */
const retryAfter = (error: LLMError): Duration.Duration | undefined =>
  isTransient(error) ? error.retryAfter : undefined

/** The schema of every failure, to send one to another process. */
const schema: Schema.Schema<LLMError, LLMErrorJson> = Schema.suspend(() =>
  Schema.Union(
    RateLimitError,
    NetworkError,
    AuthenticationError,
    InsufficientCreditsError,
    ModelNotFoundError,
    ContextWindowExceededError,
    ValidationError,
    ProviderError
  )
)

const encode = once(() => Schema.encodeSync(schema))
const decode = once(() => Schema.decodeSync(schema))
const is = once(() => Schema.is(schema))

/** Checks whether a value is an `LLMError`. */
export const isLLMError = (value: unknown): value is LLMError => is()(value)

// Stored outside the errors, so that no log, span or JSON prints an answer.
const partials = new WeakMap<LLMError, PartialResponse>()

/** Returns what arrived before the failure, if `collect` or `print` recorded it. */
const partial = (error: LLMError): PartialResponse | undefined => partials.get(error)

/** Records what arrived before the failure. */
export const keepPartial = <E extends LLMError>(error: E, response: PartialResponse): E => {
  partials.set(error, response)
  return error
}

/** Returns a copy of the error with the number of requests that were made; its stack and partial response are kept. */
export const withAttempts = (error: LLMError, attempts: number): LLMError =>
  error.attempts === attempts ? error : withFields(error, { attempts })

/** Returns a copy of the error with another message. */
export const withMessage = (error: LLMError, message: string): LLMError => withFields(error, { message })

/** Returns a copy of the error whose message ends in a hint. */
export const withHint = (error: LLMError, hint: string): LLMError => withMessage(error, `${error.message} (${hint})`)

const withFields = (error: LLMError, fields: { readonly attempts?: number; readonly message?: string }): LLMError => {
  const copy = decode()({ ...encode()(error), ...fields })
  if (error.stack !== undefined) copy.stack = error.stack.replace(error.message, () => copy.message)
  const kept = partials.get(error)
  return kept === undefined ? copy : keepPartial(copy, kept)
}

/** The schema of all errors, and functions on them. */
export interface LLMErrorOperations {
  /** The schema of every error, to send one to another process. */
  readonly schema: typeof schema
  /** Whether retrying the same request can help. */
  readonly isRetryable: typeof isRetryable
  /** Whether an error is a `RateLimitError` or a `NetworkError`. */
  readonly isTransient: typeof isTransient
  /** How long the provider asked to wait before the next request, if it did. */
  readonly retryAfter: typeof retryAfter
  /** What had arrived before the error. */
  readonly partial: typeof partial
}

/**
 * The schema of all errors, and functions on them.
 *
 * ```ts
 * collect(stream).pipe(Effect.catchAll((error) => Effect.succeed(LLMError.partial(error)?.content ?? "")))
 * ```
 */
export const LLMError: LLMErrorOperations = { schema, isRetryable, isTransient, retryAfter, partial }
