/** Everything that can go wrong with a call to an LLM, named by what the caller can do about it. */
import { Schema } from "effect"
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
import { once } from "./once.js"

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

/** The class of an error that tells nothing but what all tell. */
type Rejected<Self, Tag extends string> = ErrorClass<Self, ErrorJson<Tag>, ErrorInput, Failure<Tag>>

const RateLimit: ErrorClass<RateLimitError, RateLimitJson, RateLimitInput, RateLimitFailure> =
  Schema.TaggedError<RateLimitError>()("RateLimitError", {
    ...transient,
    reason: Schema.Literal("RateLimit", "Overloaded")
  })

/** The provider refuses for now: too many requests, or too little capacity. Wait, or ask another model. */
export class RateLimitError extends RateLimit {}

const Network: ErrorClass<NetworkError, NetworkJson, NetworkInput, NetworkFailure> = Schema.TaggedError<NetworkError>()(
  "NetworkError",
  {
    ...transient,
    reason: Schema.Literal("Connection", "Timeout", "Server", "Truncated"),
    clock: Schema.optionalWith(Schema.Literal("headers", "firstContent", "idle", "total"), { exact: true })
  }
)

/** The way to the provider or back failed: no connection, a clock that ran out, a server in trouble, a cut answer. */
export class NetworkError extends Network {}

const Authentication: Rejected<AuthenticationError, "AuthenticationError"> = Schema.TaggedError<AuthenticationError>()(
  "AuthenticationError",
  common
)

/** The key is missing, wrong, or lacks a right. */
export class AuthenticationError extends Authentication {}

const InsufficientCredits: Rejected<InsufficientCreditsError, "InsufficientCreditsError"> =
  Schema.TaggedError<InsufficientCreditsError>()("InsufficientCreditsError", common)

/** The account is out of money or quota; time does not help. */
export class InsufficientCreditsError extends InsufficientCredits {}

const ModelNotFound: Rejected<ModelNotFoundError, "ModelNotFoundError"> = Schema.TaggedError<ModelNotFoundError>()(
  "ModelNotFoundError",
  common
)

/** The provider has no such model, or not for this account. */
export class ModelNotFoundError extends ModelNotFound {}

const ContextWindowExceeded: Rejected<ContextWindowExceededError, "ContextWindowExceededError"> =
  Schema.TaggedError<ContextWindowExceededError>()("ContextWindowExceededError", common)

/** The prompt and the answer asked for do not fit the model; shorten the messages or lower `maxTokens`. */
export class ContextWindowExceededError extends ContextWindowExceeded {}

const Validation: Rejected<ValidationError, "ValidationError"> = Schema.TaggedError<ValidationError>()(
  "ValidationError",
  common
)

/** The request is wrong, by our own check or by the provider's; the message says what to change. */
export class ValidationError extends Validation {}

const Provider: Rejected<ProviderError, "ProviderError"> = Schema.TaggedError<ProviderError>()("ProviderError", common)

/** Anything else that the provider said, a malformed reply included. */
export class ProviderError extends Provider {}

/** Exactly the failures that trying again can help. */
export type TransientError = RateLimitError | NetworkError

/** The failures that need the caller: trying the same again gives the same. */
export type RejectedError =
  | AuthenticationError
  | InsufficientCreditsError
  | ModelNotFoundError
  | ContextWindowExceededError
  | ValidationError
  | ProviderError

/** Every failure of a call. */
export type LLMError = TransientError | RejectedError

/** Says whether trying the same request again can help. */
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

/** Says whether a failure is one of the two that pass with time. */
export const isTransient = (error: LLMError): error is TransientError =>
  error._tag === "RateLimitError" || error._tag === "NetworkError"

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

/** Says whether a value is one of these failures. */
export const isLLMError = (value: unknown): value is LLMError => is()(value)

// Beside the errors rather than in them, so that no log, span or JSON prints an answer.
const partials = new WeakMap<LLMError, PartialResponse>()

/** Reads what had arrived before the failure, where a collecting helper kept it. */
const partial = (error: LLMError): PartialResponse | undefined => partials.get(error)

/** Keeps what had arrived beside the failure. */
export const keepPartial = <E extends LLMError>(error: E, response: PartialResponse): E => {
  partials.set(error, response)
  return error
}

/** Gives the same failure with the number of requests that were made. */
export const withAttempts = (error: LLMError, attempts: number): LLMError => {
  if (error.attempts === attempts) return error
  const counted = decode()({ ...encode()(error), attempts })
  if (error.stack !== undefined) counted.stack = error.stack
  const kept = partials.get(error)
  return kept === undefined ? counted : keepPartial(counted, kept)
}

/**
 * What can be asked of any failure.
 *
 * ```ts
 * collect(stream).pipe(Effect.catchAll((error) => Effect.succeed(LLMError.partial(error)?.content ?? "")))
 * ```
 */
export const LLMError = { schema, isRetryable, isTransient, partial } as const
