/** The failure of a streamed response as an exception. No Effect: browsers load it. */
import type { LLMError, NetworkError, RateLimitError } from "../domain/LLMError.js"
import { isObject } from "../http/Json.js"

/** The reason of a failure that a retry can help. */
export type ChatStreamReason = RateLimitError["reason"] | NetworkError["reason"]

/** The fields of a `ChatStreamError`. */
export interface ChatStreamFailure {
  /** The `_tag` of the `LLMError` on the server. */
  readonly _tag: LLMError["_tag"]
  /** One line: what happened, and what to do. */
  readonly message: string
  /** The reason of a `RateLimitError` or a `NetworkError`. */
  readonly reason?: ChatStreamReason | undefined
  /** How long to wait before a retry, in milliseconds. */
  readonly retryAfter?: number | undefined
  /** Whether a retry can help; by default for a `RateLimitError` or a `NetworkError`. */
  readonly retryable?: boolean | undefined
  /** The HTTP status, if there was a response. */
  readonly status?: number | undefined
  /** The provider's request id, for its support. */
  readonly requestId?: string | undefined
}

/** Thrown while a response is read: the failure that the server reported, or one of the connection. */
export class ChatStreamError extends Error {
  /** The name that consoles print. */
  override readonly name = "ChatStreamError"
  /** The `_tag` of the `LLMError` on the server. */
  readonly _tag: LLMError["_tag"]
  /** The reason of a `RateLimitError` or a `NetworkError`; `"Truncated"` means that the response is incomplete. */
  readonly reason: ChatStreamReason | undefined
  /** How long to wait before a retry, in milliseconds, if the server or the provider said so. */
  readonly retryAfter: number | undefined
  /** Whether a retry of the same request can help. */
  readonly retryable: boolean
  /** The HTTP status of the server's or the provider's response, if there was one. */
  readonly status: number | undefined
  /** The provider's request id, for its support. */
  readonly requestId: string | undefined

  constructor(failure: ChatStreamFailure, options?: ErrorOptions) {
    super(failure.message, options)
    this._tag = failure._tag
    this.reason = failure.reason
    this.retryAfter = failure.retryAfter
    this.retryable = failure.retryable ?? (failure._tag === "RateLimitError" || failure._tag === "NetworkError")
    this.status = failure.status
    this.requestId = failure.requestId
  }
}

const tags: ReadonlyArray<LLMError["_tag"]> = [
  "RateLimitError",
  "NetworkError",
  "AuthenticationError",
  "InsufficientCreditsError",
  "ModelNotFoundError",
  "ContextWindowExceededError",
  "ValidationError",
  "ProviderError"
]

const reasons: ReadonlyArray<ChatStreamReason> = [
  "RateLimit",
  "Overloaded",
  "Connection",
  "Timeout",
  "Server",
  "Truncated"
]

/** Reads the JSON of an `error` event or of an error response of our server; `undefined` if it is neither. */
export const errorFrom = (json: unknown): ChatStreamError | undefined => {
  if (!isObject(json)) return undefined
  const _tag = tags.find((tag) => tag === json["_tag"])
  const message = textOf(json["message"])
  return _tag === undefined || message === undefined
    ? undefined
    : new ChatStreamError({
        _tag,
        message,
        reason: reasons.find((reason) => reason === json["reason"]),
        retryAfter: delayOf(json["retryAfter"]),
        retryable: typeof json["retryable"] === "boolean" ? json["retryable"] : undefined,
        status: numberOf(json["status"]),
        requestId: textOf(json["requestId"])
      })
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

// A century: a longer delay is a mistake, and `JSON.parse` reads 1e400 as Infinity.
const maxDelayMillis = 100 * 365 * 24 * 3_600_000

/** A delay that a timer or a date can hold; `undefined` if it is none. */
const delayOf = (millis: unknown): number | undefined =>
  typeof millis === "number" && millis > 0 && millis <= maxDelayMillis ? millis : undefined

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** Converts a response that our server did not write, a proxy's error page for instance, to an error by its status. */
export const errorOfStatus = (response: Response): ChatStreamError => {
  const { status } = response
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN)
  const about = { status, retryAfter: delayOf(seconds * 1000) }
  const description = `the server responded with HTTP ${status} instead of an event stream`
  if (status === 429)
    return new ChatStreamError({ ...about, _tag: "RateLimitError", reason: "RateLimit", message: description })
  if (status >= 500)
    return new ChatStreamError({ ...about, _tag: "NetworkError", reason: "Server", message: description })
  if (status === 401 || status === 403)
    return new ChatStreamError({ ...about, _tag: "AuthenticationError", message: description })
  if (status >= 400) return new ChatStreamError({ ...about, _tag: "ValidationError", message: description })
  const type = response.headers.get("content-type") ?? "missing"
  return new ChatStreamError({
    ...about,
    _tag: "ProviderError",
    message: `${description} (the content type is ${type})`
  })
}
