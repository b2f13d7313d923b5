/** What a provider reported, before it is known for whom: rules as data that say which error it is. */
/** What kind of failure it is; each becomes one error. */
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

/** An error as a provider words it, in a response or in an event of a stream. */
export interface ReportedError {
  /** The provider's own sentence. */
  readonly message: string
  /** Its machine-readable names for the error (`code`, `type`, `status`), the most specific first. */
  readonly codes: ReadonlyArray<string>
  /** The HTTP status that the error names itself, when it stands in a stream. */
  readonly status?: number | undefined
  /** A duration such as `48s` to wait, where the body holds one. */
  readonly retryDelay?: string | undefined
}

/** How one protocol names its errors. Codes and whole phrases decide first, as statuses mislead. */
export interface ErrorRules {
  readonly phrases: ReadonlyArray<readonly [RegExp, ErrorKind]>
  readonly codes: { readonly [code: string]: ErrorKind }
  /** Codes so general that the status of a failed response says more. */
  readonly generalCodes?: { readonly [code: string]: ErrorKind }
}

/** Decides what kind of failure it is: by phrase, then by code, then by status, then by general code. */
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
  // Groq's word for a lack of capacity: https://console.groq.com/docs/errors
  498: "Overloaded",
  // Anthropic's: https://docs.anthropic.com/en/api/errors
  529: "Overloaded"
}

const fromStatus = (status: number): ErrorKind | undefined =>
  status < 300 ? undefined : (statuses[status] ?? (status >= 500 ? "Server" : "Provider"))
