/** From a failure on the wire to the error that the caller sees. */
import { Duration } from "effect"
import type { TimeoutName } from "../domain/ErrorFields.js"
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
import { classify, type ErrorKind, type ErrorRules, type ReportedError } from "./errorClassification.js"
import { type Confidential, quote, withoutKeys } from "./Redaction.js"
import * as RetryHint from "./RetryHint.js"

/** Whose failure it is, and what must not be said of it. */
export interface RequestContext extends Confidential {
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

/** The fields that every error of a request shares. */
export const errorFields = (context: RequestContext) => {
  const requestId = requestIdHeaders.map((name) => context.headers[name]).find((id) => id !== undefined)
  return {
    provider: context.provider,
    model: context.model,
    ...(context.status === undefined ? {} : { status: context.status }),
    ...(requestId === undefined ? {} : { requestId: withoutKeys(requestId.slice(0, 200), context.secrets) })
  }
}

/** Names the model as the user wrote it: `openai/gpt-4o-mini`. */
const named = (context: RequestContext): string =>
  context.model === "" ? context.provider : `${context.provider}/${context.model}`

/** What a provider reported, as an error: the same one whether it came as a response or inside a stream. */
export const reported = (context: RequestContext, error: ReportedError, rules: ErrorRules): LLMError => {
  const hint = RetryHint.read(context.headers, error.message, error.retryDelay)
  const kind = retried(classify(error, context.status, rules), hint)
  const retryAfter = hint.retryAfter
  const words = quote(error.message, context)
  const again = retryAfter === undefined ? "" : `; try again in ${Duration.format(retryAfter)}`
  const message = `${named(context)} ${sentence(kind, context)}${again}${words === "" ? "" : ` (it says: ${words})`}`
  const common = { ...errorFields(context), message }
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
const retried = (kind: ErrorKind, hint: RetryHint.RetryHint): ErrorKind =>
  hint.shouldRetry === true && (kind === "Validation" || kind === "Provider") ? "Server" : kind

const sentence = (kind: ErrorKind, context: RequestContext): string => {
  switch (kind) {
    case "RateLimit":
      return "is rate limited"
    case "Overloaded":
      return "is overloaded"
    case "Server":
      return `failed on the server's side${context.status === undefined ? "" : ` (HTTP ${context.status})`}`
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
      return `answered with an error${context.status === undefined ? "" : ` (HTTP ${context.status})`}`
  }
}

/** The connection failed before there was a response. */
export const unreachable = (context: RequestContext, cause: unknown): NetworkError =>
  new NetworkError({
    ...errorFields(context),
    reason: "Connection",
    message: `${context.provider} could not be reached${reasonOf(cause, context)}; check the network and the base URL`
  })

/** The answer broke off before it was complete. */
export const truncated = (context: RequestContext, chunks: number, cause?: unknown): NetworkError =>
  new NetworkError({
    ...errorFields(context),
    reason: "Truncated",
    message: `${named(context)} broke off after ${chunks} chunks${reasonOf(cause, context)}`
  })

const timeoutSentences: { readonly [Name in TimeoutName]: string } = {
  headers: "sent no response within",
  firstContent: "sent no content within",
  idle: "was silent for",
  total: "was not done within"
}

/** One of the four timeouts expired. */
export const timedOut = (context: RequestContext, timeout: TimeoutName, afterMillis: number): NetworkError =>
  new NetworkError({
    ...errorFields(context),
    reason: "Timeout",
    timeout,
    message: `${named(context)} ${timeoutSentences[timeout]} ${Duration.format(Duration.millis(afterMillis))} (the ${timeout} timeout)`
  })

/** The provider's reply is none that the protocol's documentation allows. */
export const malformed = (context: RequestContext, what: string): ProviderError =>
  new ProviderError({ ...errorFields(context), message: `${named(context)} sent a malformed reply: ${what}` })

/** Only the code, name and first words of a cause: the platform's errors hold the request and with it the key. */
const reasonOf = (cause: unknown, context: RequestContext): string => {
  const root = rootOf(cause)
  if (root === undefined) return ""
  const code = Reflect.get(root, "code")
  const words = typeof code === "string" ? code : quote(String(Reflect.get(root, "message") ?? ""), context)
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
export const page = (context: RequestContext): NetworkError =>
  new NetworkError({
    ...errorFields(context),
    reason: "Server",
    message: `a gateway answered for ${named(context)} with a page (HTTP ${context.status ?? "?"}); check the base URL`
  })

/** The server wants to send the request elsewhere, which we refuse. */
export const redirected = (context: RequestContext): ProviderError =>
  new ProviderError({
    ...errorFields(context),
    message: `${named(context)} redirects to another address, which is not followed as it would get the key; set the base URL to the final address`
  })

/** The provider sent more than the layer allows. */
export const tooLarge = (context: RequestContext, what: string, limit: number): ProviderError =>
  new ProviderError({
    ...errorFields(context),
    message: `${named(context)} sent ${what} of more than ${limit}; raise maxEventSize or maxResponseBytes of the layer if that is expected`
  })

/** The reply is compressed, although it was asked for as it is. */
export const compressed = (context: RequestContext): ProviderError =>
  new ProviderError({
    ...errorFields(context),
    message: `${named(context)} sent a compressed reply, which this HTTP client does not undo; use the Fetch client or stop the proxy from compressing`
  })
