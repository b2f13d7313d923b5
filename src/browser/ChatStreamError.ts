/** A failure of a streamed answer as a plain exception; without Effect, as a browser loads it. */
import type { LLMError, NetworkError, RateLimitError } from "../domain/LLMError.js"
import { isObject } from "../http/Json.js"

/** Why a failure that passes with time happened. */
export type ChatStreamReason = RateLimitError["reason"] | NetworkError["reason"]

/** What a `ChatStreamError` is made of. */
export interface ChatStreamFailure {
  /** The class of the failure, as the library names it on the server. */
  readonly _tag: LLMError["_tag"]
  /** One line that says what happened and what to change. */
  readonly message: string
  /** Why, for a `RateLimitError` or a `NetworkError`. */
  readonly reason?: ChatStreamReason | undefined
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfter?: number | undefined
  /** Whether trying again can help; by default where the class passes with time. */
  readonly retryable?: boolean | undefined
  /** The HTTP status, where there was a response. */
  readonly status?: number | undefined
  /** The provider's id of the request, to quote to its support. */
  readonly requestId?: string | undefined
}

/** What a reader of an answer throws: the failure that the server told, or the one that it saw itself. */
export class ChatStreamError extends Error {
  /** The name of the class, as consoles print it. */
  override readonly name = "ChatStreamError"
  /** The class of the failure, as the library names it on the server. */
  readonly _tag: LLMError["_tag"]
  /** Why, for a `RateLimitError` or a `NetworkError`; `"Truncated"` is an answer that broke off. */
  readonly reason: ChatStreamReason | undefined
  /** How long to wait before trying again, in milliseconds, where somebody said it. */
  readonly retryAfter: number | undefined
  /** Whether the same question can get an answer later. */
  readonly retryable: boolean
  /** The HTTP status that the server or its provider answered with, where there was one. */
  readonly status: number | undefined
  /** The provider's id of the request, to quote to its support. */
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

/** Reads the JSON of a failure, as the server's `error` event and its refusals have it; `undefined` when it is none. */
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
        retryAfter: numberOf(json["retryAfter"]),
        retryable: typeof json["retryable"] === "boolean" ? json["retryable"] : undefined,
        status: numberOf(json["status"]),
        requestId: textOf(json["requestId"])
      })
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** The failure of a response that is no answer and was not written by us: a proxy's page, or a server's own refusal. */
export const errorOfStatus = (response: Response): ChatStreamError => {
  const { status } = response
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN)
  const about = { status, retryAfter: seconds > 0 ? seconds * 1000 : undefined }
  const says = `the server answered with HTTP ${status} instead of a stream`
  if (status === 429)
    return new ChatStreamError({ ...about, _tag: "RateLimitError", reason: "RateLimit", message: says })
  if (status >= 500) return new ChatStreamError({ ...about, _tag: "NetworkError", reason: "Server", message: says })
  if (status === 401 || status === 403)
    return new ChatStreamError({ ...about, _tag: "AuthenticationError", message: says })
  if (status >= 400) return new ChatStreamError({ ...about, _tag: "ValidationError", message: says })
  const type = response.headers.get("content-type") ?? "nothing"
  return new ChatStreamError({ ...about, _tag: "ProviderError", message: `${says} of events (its type is ${type})` })
}
