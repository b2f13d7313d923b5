/** From a failure on the wire to the error that the caller sees. */
import { Duration } from "effect"
import type { Clock } from "../domain/ErrorFields.js"
import {
  AuthenticationError,
  ContextWindowExceededError,
  InsufficientCreditsError,
  type LLMError,
  ModelNotFoundError,
  NetworkError,
  ProviderError,
  RateLimitError,
  ValidationError
} from "../domain/LLMError.js"
import { classify, type FailureKind, type FailureRules, type ReportedError } from "./errorClassification.js"
import { type Confidential, quote, withoutKeys } from "./Redaction.js"
import * as RetryHint from "./RetryHint.js"

/** Whose failure it is, and what must not be said of it. */
export interface Exchange extends Confidential {
  readonly provider: string
  readonly model: string
  readonly status?: number
  readonly headers: { readonly [name: string]: string | undefined }
}

const requestIdHeaders = [
  "x-request-id",
  "request-id",
  "x-goog-request-id",
  "apim-request-id",
  "x-ms-request-id",
  "cf-ray"
]

/** The fields that every error of an exchange shares. */
export const about = (exchange: Exchange) => {
  const requestId = requestIdHeaders.map((name) => exchange.headers[name]).find((id) => id !== undefined)
  return {
    provider: exchange.provider,
    model: exchange.model,
    ...(exchange.status === undefined ? {} : { status: exchange.status }),
    ...(requestId === undefined ? {} : { requestId: withoutKeys(requestId.slice(0, 200), exchange.keys) })
  }
}

/** Names the model as the user wrote it: `openai/gpt-4o-mini`. */
const named = (exchange: Exchange): string =>
  exchange.model === "" ? exchange.provider : `${exchange.provider}/${exchange.model}`

/** What a provider reported, as an error: the same one whether it came as a response or inside a stream. */
export const reported = (exchange: Exchange, error: ReportedError, rules: FailureRules): LLMError => {
  const hint = RetryHint.read(exchange.headers, error.message, error.retryDelay)
  const kind = retried(classify(error, exchange.status, rules), hint)
  const retryAfter = hint.retryAfter
  const words = quote(error.message, exchange)
  const again = retryAfter === undefined ? "" : `; try again in ${Duration.format(retryAfter)}`
  const message = `${named(exchange)} ${sentence(kind, exchange)}${again}${words === "" ? "" : ` (it says: ${words})`}`
  const common = { ...about(exchange), message }
  const transient = {
    ...common,
    retryable: hint.shouldRetry ?? true,
    ...(retryAfter === undefined ? {} : { retryAfter })
  }
  switch (kind) {
    case "RateLimit":
    case "Overloaded":
      return new RateLimitError({ ...transient, reason: kind })
    case "Server":
      return new NetworkError({ ...transient, reason: kind })
    case "Authentication":
      return new AuthenticationError(common)
    case "InsufficientCredits":
      return new InsufficientCreditsError(common)
    case "ModelNotFound":
      return new ModelNotFoundError(common)
    case "ContextWindowExceeded":
      return new ContextWindowExceededError(common)
    case "Validation":
      return new ValidationError(common)
    case "Provider":
      return new ProviderError(common)
  }
}

/** An otherwise unclassified rejection that the provider itself calls passing is one. */
const retried = (kind: FailureKind, hint: RetryHint.RetryHint): FailureKind =>
  hint.shouldRetry === true && (kind === "Validation" || kind === "Provider") ? "Server" : kind

const sentence = (kind: FailureKind, exchange: Exchange): string => {
  switch (kind) {
    case "RateLimit":
      return "is rate limited"
    case "Overloaded":
      return "is overloaded"
    case "Server":
      return `failed on the server's side${exchange.status === undefined ? "" : ` (HTTP ${exchange.status})`}`
    case "Authentication":
      return "refused the API key or its rights; check the key and what it may use"
    case "InsufficientCredits":
      return "has no credits or quota left; add some or ask another provider"
    case "ModelNotFound":
      return "was not found; check the model's name, your access to it, and the base URL"
    case "ContextWindowExceeded":
      return "cannot take so much; shorten the messages or lower maxTokens"
    case "Validation":
      return "refused the request; change what it names"
    case "Provider":
      return `answered with an error${exchange.status === undefined ? "" : ` (HTTP ${exchange.status})`}`
  }
}

/** The connection failed before there was a response. */
export const unreachable = (exchange: Exchange, cause: unknown): NetworkError =>
  new NetworkError({
    ...about(exchange),
    reason: "Connection",
    message: `${exchange.provider} could not be reached${reasonOf(cause, exchange)}; check the network and the base URL`
  })

/** The answer broke off before it was complete. */
export const truncated = (exchange: Exchange, chunks: number, cause?: unknown): NetworkError =>
  new NetworkError({
    ...about(exchange),
    reason: "Truncated",
    message: `${named(exchange)} broke off after ${chunks} chunks${reasonOf(cause, exchange)}`
  })

const clockSentences: { readonly [clock in Clock]: string } = {
  headers: "sent no response within",
  firstContent: "sent no content within",
  idle: "was silent for",
  total: "was not done within"
}

/** One of the clocks ran out. */
export const timedOut = (exchange: Exchange, clock: Clock, afterMillis: number): NetworkError =>
  new NetworkError({
    ...about(exchange),
    reason: "Timeout",
    clock,
    message: `${named(exchange)} ${clockSentences[clock]} ${Duration.format(Duration.millis(afterMillis))} (the ${clock} clock)`
  })

/** The provider's reply is none that the protocol's documentation allows. */
export const malformed = (exchange: Exchange, what: string): ProviderError =>
  new ProviderError({ ...about(exchange), message: `${named(exchange)} sent a malformed reply: ${what}` })

/** Only the code, name and first words of a cause: the platform's errors hold the request and with it the key. */
const reasonOf = (cause: unknown, exchange: Exchange): string => {
  const root = rootOf(cause)
  if (root === undefined) return ""
  const code = Reflect.get(root, "code")
  const words = typeof code === "string" ? code : quote(String(Reflect.get(root, "message") ?? ""), exchange)
  return words === "" ? "" : ` (${words})`
}

const rootOf = (cause: unknown, depth = 0): object | undefined => {
  if (typeof cause !== "object" || cause === null) return undefined
  const inner: unknown = Reflect.get(cause, "cause")
  return depth < 5 ? (rootOf(inner, depth + 1) ?? cause) : cause
}

/** Says whether a body is a page for people, as gateways in trouble send them. */
export const isPage = (text: string): boolean => /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(text)

/** A gateway answered with a page instead of the provider. */
export const page = (exchange: Exchange): NetworkError =>
  new NetworkError({
    ...about(exchange),
    reason: "Server",
    message: `a gateway answered for ${named(exchange)} with a page (HTTP ${exchange.status ?? "?"}); check the base URL`
  })

/** The server wants to send the request elsewhere, which we refuse. */
export const redirected = (exchange: Exchange): ProviderError =>
  new ProviderError({
    ...about(exchange),
    message: `${named(exchange)} redirects to another address, which is not followed as it would get the key; set the base URL to the final address`
  })

/** The provider sent more than the layer allows. */
export const tooLarge = (exchange: Exchange, what: string, limit: number): ProviderError =>
  new ProviderError({
    ...about(exchange),
    message: `${named(exchange)} sent ${what} of more than ${limit}; raise the layer's maxEventSize or maxAnswerBytes if that is right`
  })

/** The reply is compressed, although it was asked for as it is. */
export const compressed = (exchange: Exchange): ProviderError =>
  new ProviderError({
    ...about(exchange),
    message: `${named(exchange)} sent a compressed reply, which this HTTP client does not undo; use the Fetch client or stop the proxy from compressing`
  })
