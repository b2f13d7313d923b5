/** The failure of a streamed response as an exception. No Effect: browsers load it. */
import type { LLMError, NetworkError, RateLimitError } from "../domain/LLMError.js"
import { isObject } from "../http/Json.js"
import type { RunError } from "../runs/RunError.js"

/** What failed: the `_tag` of the `LLMError` or `RunError` on the server. */
export type ChatStreamTag = LLMError["_tag"] | RunError["_tag"]

/** The reason of a failure that a retry can help, or of a run. */
export type ChatStreamReason = RateLimitError["reason"] | NetworkError["reason"] | RunError["reason"]

/** The fields of a `ChatStreamError`. */
export interface ChatStreamFailure {
  /** The `_tag` of the error on the server. */
  readonly _tag: ChatStreamTag
  /** One line: what happened, and what to do. */
  readonly message: string
  /** The reason of a `RateLimitError`, a `NetworkError` or a `RunError`. */
  readonly reason?: ChatStreamReason | undefined
  /** How long to wait before a retry, in milliseconds. */
  readonly retryAfter?: number | undefined
  /** Whether a retry can help; by default for a `RateLimitError`, a `NetworkError`, and a store that is unavailable. */
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
  /** The `_tag` of the error on the server. */
  readonly _tag: ChatStreamTag
  /** The reason of a `RateLimitError` or a `NetworkError`; `"Truncated"` means that the response is incomplete, `"Stopped"` that someone stopped the run. */
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
    const { _tag, reason, retryable } = failure
    this._tag = _tag
    this.reason = reason
    this.retryAfter = failure.retryAfter
    this.retryable = retryable ?? (_tag === "RateLimitError" || _tag === "NetworkError" || reason === "Unavailable")
    this.status = failure.status
    this.requestId = failure.requestId
  }
}

const tags: ReadonlyArray<ChatStreamTag> = [
  "RateLimitError",
  "NetworkError",
  "AuthenticationError",
  "InsufficientCreditsError",
  "ModelNotFoundError",
  "ContextWindowExceededError",
  "ValidationError",
  "ProviderError",
  "RunError"
]

const reasons: ReadonlyArray<ChatStreamReason> = [
  "RateLimit",
  "Overloaded",
  "Connection",
  "Timeout",
  "Server",
  "Truncated",
  "NotFound",
  "Conflict",
  "Invalid",
  "TooMany",
  "Stopped",
  "Unavailable"
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
export const errorOfStatus = ({ status, headers }: Response): ChatStreamError => {
  const type = status < 400 ? ` (the content type is ${headers.get("content-type") ?? "missing"})` : ""
  return new ChatStreamError({
    ...kindOf(status),
    status,
    message: `the server responded with HTTP ${status} instead of an event stream${type}`,
    retryAfter: delayOf(Number(headers.get("retry-after")) * 1000)
  })
}

const kindOf = (status: number): Pick<ChatStreamFailure, "_tag" | "reason"> => {
  if (status === 429) return { _tag: "RateLimitError", reason: "RateLimit" }
  if (status >= 500) return { _tag: "NetworkError", reason: "Server" }
  if (status === 401 || status === 403) return { _tag: "AuthenticationError" }
  return { _tag: status >= 400 ? "ValidationError" : "ProviderError" }
}
