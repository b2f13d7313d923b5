/** Classifies the errors that providers report, by rules that each protocol gives as data. */

/** The kinds of errors; each becomes one class or reason of `LLMError`. */
export type ErrorKind =
  | "RateLimit"
  | "Overloaded"
  | "Server"
  | "Authentication"
  | "InsufficientCredits"
  | "ModelNotFound"
  | "ContextWindowExceeded"
  | "Validation"
  | "Provider"

/** An error as the provider reports it, in a response or in an event of a stream. */
export interface ReportedError {
  /** The provider's own message. */
  readonly message: string
  /** Its machine-readable codes (`code`, `type`, `status`), the most specific first. */
  readonly codes: ReadonlyArray<string>
  /** The HTTP status that the error itself contains, when it arrives in a stream. */
  readonly status?: number | undefined
  /** How long to wait, such as `48s`, where the body says it. */
  readonly retryDelay?: string | undefined
}

/** How one protocol reports its errors. Codes and complete phrases come before the status, which often misleads. */
export interface ErrorRules {
  /** Patterns of messages; the first match decides. */
  readonly phrases: ReadonlyArray<readonly [RegExp, ErrorKind]>
  /** Codes that decide before the status does. */
  readonly codes: { readonly [code: string]: ErrorKind }
  /** Codes that decide only where the status does not. */
  readonly generalCodes?: { readonly [code: string]: ErrorKind }
}

/** Finds the kind of an error: by phrase, then by code, then by status, then by general code. */
export const classify = (error: ReportedError, status: number | undefined, rules: ErrorRules): ErrorKind => {
  const phrase = rules.phrases.find(([pattern]) => pattern.test(error.message))
  return (
    phrase?.[1] ??
    fromCodes(error.codes, rules.codes) ??
    fromStatus(error.status ?? status ?? 200) ??
    fromCodes(error.codes, rules.generalCodes ?? {}) ??
    "Provider"
  )
}

const fromCodes = (
  codes: ReadonlyArray<string>,
  kinds: { readonly [code: string]: ErrorKind }
): ErrorKind | undefined => {
  const known = codes.find((code) => Object.hasOwn(kinds, code))
  return known === undefined ? undefined : kinds[known]
}

const statuses: { readonly [status: number]: ErrorKind } = {
  400: "Validation",
  401: "Authentication",
  402: "InsufficientCredits",
  403: "Authentication",
  404: "ModelNotFound",
  408: "Server",
  409: "Server",
  413: "ContextWindowExceeded",
  422: "Validation",
  429: "RateLimit",
  // Groq's status for a lack of capacity: https://console.groq.com/docs/errors
  498: "Overloaded",
  // Anthropic's status for a lack of capacity: https://docs.anthropic.com/en/api/errors
  529: "Overloaded"
}

const fromStatus = (status: number): ErrorKind | undefined =>
  status < 300 ? undefined : (statuses[status] ?? (status >= 500 ? "Server" : "Provider"))
