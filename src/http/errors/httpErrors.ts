/** Makes the errors of requests: what happened, then what to do, without keys and without prompts. */
import * as Duration from "effect/Duration"
import type { TimeoutName } from "../../domain/ErrorFields.js"
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
} from "../../domain/LLMError.js"
import { providerMessage } from "../../domain/providerMessage.js"
import { type Confidential, quote, withoutKeys } from "../secrets/Redaction.js"
import { classify, type ErrorKind, type ReportedError } from "./classification.js"
import * as RetryHint from "./RetryHint.js"

/** What errors say about a request, and what they must not contain. */
export interface RequestContext extends Confidential {
  readonly provider: string
  readonly model: string
  /** The status of the response, once there is one. */
  readonly status?: number
  /** The headers of the response, names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** What was sent otherwise than the caller may expect. The response has it. */
  readonly warnings?: ReadonlyArray<string> | undefined
}

const requestIdHeaders = [
  "x-request-id",
  "request-id",
  "x-goog-request-id",
  "apim-request-id",
  "x-ms-request-id",
  "x-amzn-requestid",
  "cf-ray"
]

/**
 * Makes an error whose fields need no check. Effect compiles the check of a class with a transformed field, such as
 * `retryAfter`, again for each instance, which takes four times as long as the rest.
 */
const unchecked = <Input, Failure>(Class: new (input: Input) => Failure, input: Input): Failure =>
  Reflect.construct(Class, [input, { disableValidation: true }])

/** The fields that every error of a request shares. */
export const errorFields = (context: RequestContext) => {
  const requestId = requestIdHeaders.map((name) => context.headers[name]).find((id) => id !== undefined)
  return {
    provider: context.provider,
    model: context.model,
    ...(context.status === undefined ? {} : { status: context.status }),
    ...(requestId === undefined ? {} : { requestId: withoutKeys(requestId, context.secrets).slice(0, 200) })
  }
}

/** The model as the caller writes it: `openai/gpt-4o-mini`. */
const modelOf = (context: RequestContext): string =>
  context.model === "" ? context.provider : `${context.provider}/${context.model}`

/**
 * The error that a provider reports, the same whether it arrives as a response or inside a stream. Of a page that a gateway
 * sent in its place, only the status counts.
 */
export const reported = (context: RequestContext, response: ReportedError): LLMError => {
  const isFromGateway = isPage(response.message)
  const error = isFromGateway ? { ...response, message: "" } : response
  const hint = RetryHint.read(context.headers, error.message, error.retryDelay)
  const kind = withHint(classify(error, context.status), hint)
  const retryAfter = hint.retryAfter
  const message = `${modelOf(context)} ${sentence(kind, context)}${adviceOf(kind, hint)}${isFromGateway ? byGateway : saidOf(error, context)}`
  const common = { ...errorFields(context), message }
  const transient = {
    ...common,
    retryable: hint.shouldRetry ?? true,
    ...(retryAfter === undefined ? {} : { retryAfter })
  }
  switch (kind) {
    case "RateLimit":
    case "Overloaded":
      return unchecked(RateLimitError, { ...transient, reason: kind })
    case "Server":
      return unchecked(NetworkError, { ...transient, reason: kind })
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

const byGateway = " (a gateway responded with a page instead of JSON; check the base URL if this goes on)"

/** The provider's own message, or its code where the message may repeat a prompt that is not known here. */
const saidOf = ({ message, codes }: ReportedError, context: RequestContext): string => {
  const quoted = quote(message, context)
  if (quoted !== "") return providerMessage(quoted)
  if (context.sentTexts !== undefined) return ""
  const code = codes.find((each) => /^\w[\w.-]{0,63}$/.test(each))
  const known = code === undefined ? "" : `its code is ${withoutKeys(code, context.secrets)}; `
  return ` (${known}its message is left out, because it may repeat the prompt)`
}

/** A rejection without a better kind becomes a server error where the provider itself recommends a retry. */
const withHint = (kind: ErrorKind, hint: RetryHint.RetryHint): ErrorKind =>
  hint.shouldRetry === true && (kind === "Validation" || kind === "Provider") ? "Server" : kind

/** When to try again, for the kinds that a retry can help. */
const adviceOf = (kind: ErrorKind, { retryAfter, shouldRetry }: RetryHint.RetryHint): string => {
  if (retryAfter !== undefined) return `; try again in ${Duration.format(retryAfter)}`
  const isTransient = kind === "RateLimit" || kind === "Overloaded" || kind === "Server"
  return isTransient && shouldRetry !== false ? "; try again later" : ""
}

const sentence = (kind: ErrorKind, context: RequestContext): string => {
  switch (kind) {
    case "RateLimit":
      return "is rate limited"
    case "Overloaded":
      return "is overloaded"
    case "Server":
      return `had a server error${context.status === undefined ? "" : ` (HTTP ${context.status})`}`
    case "Authentication":
      return "rejected the API key or its permissions; check the key and what it may access"
    case "InsufficientCredits":
      return "has no credits or quota left; add credits or use another provider"
    case "ModelNotFound":
      return "was not found; check the model's name, your access to it, and the base URL"
    case "ContextWindowExceeded":
      return "cannot take a request this long; shorten the messages or lower maxTokens"
    case "Validation":
      return "rejected the request as invalid; check its fields"
    case "Provider":
      return `responded with an error${context.status === undefined ? "" : ` (HTTP ${context.status})`}`
  }
}

/** The connection failed before a response arrived. `localUrl` is the server's if it is on this machine. */
export const unreachable = (context: RequestContext, cause: unknown, localUrl?: string): NetworkError => {
  const reason = reasonOf(cause, context)
  const advice =
    localUrl !== undefined && /refused/i.test(reason)
      ? `is a server running at ${localUrl}?`
      : "check the network and the base URL"
  return unchecked(NetworkError, {
    ...errorFields(context),
    reason: "Connection",
    message: `${context.provider} could not be reached${reason}; ${advice}`
  })
}

/** The HTTP client refused a request before it opened a connection; sending it again cannot help. */
export const notSent = (context: RequestContext, cause: unknown): ValidationError =>
  new ValidationError({
    ...errorFields(context),
    message: `the request for ${modelOf(context)} was not sent${reasonOf(cause, context)}`
  })

/** The URL of a request cannot be read. */
export const invalidUrl = (context: RequestContext): ValidationError =>
  new ValidationError({
    ...errorFields(context),
    message: `the request for ${modelOf(context)} was not sent: its URL is not valid; check the base URL`
  })

const truncation = (context: RequestContext, what: string): NetworkError =>
  unchecked(NetworkError, { ...errorFields(context), reason: "Truncated", message: `${what}; send the request again` })

/** A stream ended cleanly, but without a finish reason. */
export const truncated = (context: RequestContext, chunks: number): NetworkError =>
  truncation(context, `the response of ${modelOf(context)} ended after ${chunks} chunks without a finish reason`)

/** Another response began inside the response. */
export const spliced = (context: RequestContext, chunks: number): NetworkError =>
  truncation(
    context,
    `the response of ${modelOf(context)} was cut after ${chunks} chunks, and another response began in its place`
  )

/** The connection broke before a stream was complete. */
export const disconnected = (context: RequestContext, chunks: number, cause: unknown): NetworkError =>
  truncation(context, `the connection to ${modelOf(context)} broke after ${chunks} chunks${reasonOf(cause, context)}`)

/** A non-streaming response ended before it was complete. */
export const incomplete = (context: RequestContext): NetworkError =>
  truncation(context, `the response of ${modelOf(context)} ended before it was complete`)

const timeoutSentences: { readonly [Name in TimeoutName]: string } = {
  headers: "sent no response within",
  firstContent: "sent no content within",
  idle: "sent nothing for",
  total: "did not finish within"
}

/** One of the four timeouts expired. */
export const timedOut = (context: RequestContext, timeout: TimeoutName, afterMillis: number): NetworkError =>
  unchecked(NetworkError, {
    ...errorFields(context),
    reason: "Timeout",
    timeout,
    message: `${modelOf(context)} ${timeoutSentences[timeout]} ${Duration.format(Duration.millis(afterMillis))}; try again, or raise the ${timeout} timeout`
  })

/** The provider's response does not follow the protocol's documentation. */
export const malformed = (context: RequestContext, problem: string): ProviderError =>
  new ProviderError({ ...errorFields(context), message: `${modelOf(context)} sent a malformed response: ${problem}` })

/** The code of a cause, or its message: the platform's errors contain the request and with it the key. */
const reasonOf = (cause: unknown, context: RequestContext): string => {
  const root = rootOf(cause)
  if (root === undefined) return ""
  const code = Reflect.get(root, "code")
  const reason = typeof code === "string" ? code : quote(String(Reflect.get(root, "message") ?? ""), context)
  return reason === "" ? "" : ` (${reason})`
}

const rootOf = (cause: unknown, depth = 0): object | undefined => {
  if (typeof cause !== "object" || cause === null) return undefined
  const inner: unknown = Reflect.get(cause, "cause")
  return depth < 5 ? (rootOf(inner, depth + 1) ?? cause) : cause
}

/** Checks for an HTML or XML page, which failing gateways send instead of JSON. */
export const isPage = (text: string): boolean => pageStart.test(text)

const pageStart = /^\s*<(?:!doctype|!--|\?xml|(?:html|head|body|title|meta|style|center|h[1-6]|div|p|pre)\b)/i

/** A gateway responded with a page instead of the provider. */
export const page = (context: RequestContext): NetworkError =>
  unchecked(NetworkError, {
    ...errorFields(context),
    reason: "Server",
    message: `a gateway responded for ${modelOf(context)} with a page instead of JSON (HTTP ${context.status ?? "?"}); try again, or check the base URL`
  })

/** The server redirects the request, which is not followed. */
export const redirected = (context: RequestContext): ProviderError =>
  new ProviderError({
    ...errorFields(context),
    message: `${modelOf(context)} redirects to another address, which is not followed because that server would receive the key; set the base URL to the final address`
  })

/** The provider sent more than the size limits of its layer allow. */
export const tooLarge = (context: RequestContext, what: "event" | "response" | "line", limit: number): ProviderError =>
  new ProviderError({
    ...errorFields(context),
    message:
      what === "event"
        ? `${modelOf(context)} sent an event of more than ${limit} characters; raise maxEventSize of the provider's layer`
        : what === "line"
          ? `${modelOf(context)} sent a line of more than ${limit} characters, which is no response`
          : `${modelOf(context)} sent a response of more than ${limit} bytes; raise maxResponseBytes of the provider's layer`
  })

/** Checks for a text that a client has not decoded: only gzip can be told by its first bytes, not Brotli or deflate. */
export const isEncoded = (text: string, { headers }: RequestContext): boolean =>
  /\b(?:br|compress|deflate|gzip|zstd)\b/i.test(headers["content-encoding"] ?? "") && text.includes("\ufffd")

/** The response is compressed, although the request accepts only `identity`. */
export const compressed = (context: RequestContext): ProviderError =>
  new ProviderError({
    ...errorFields(context),
    message: `${modelOf(context)} sent a compressed response, which this HTTP client does not decompress; use FetchHttpClient, or stop the proxy from compressing`
  })
