/** Classifies the errors that providers report, by one table for all protocols. */
import { once } from "../../domain/lazy.js"
import { excerptOf } from "../secrets/excerpt.js"
import { ambiguousPhrases, certainCodes, certainPhrases, type ErrorKind, generalCodes, type Phrase } from "./table.js"

export type { ErrorKind } from "./table.js"

/** An error as the provider reports it, in a response or in an event of a stream. */
export interface ReportedError {
  /** The provider's own message. */
  readonly message: string
  /** Its machine-readable codes (`code`, `type`, `status`), the most specific first. */
  readonly codes: ReadonlyArray<string>
  /** The status that the error itself states, in a body or an event; it overrides that of the response. */
  readonly status?: number | undefined
  /** How long to wait, such as `48s`, where the body says it. */
  readonly retryDelay?: string | undefined
}

/**
 * Finds the kind of an error. The evidence, most certain first: a whole phrase, a code that names one kind, a phrase that
 * providers use differently, a certain status, a general code, any other status.
 */
export const classify = (error: ReportedError, responseStatus: number | undefined): ErrorKind => {
  const message = excerptOf(error.message)
  const status = error.status ?? responseStatus ?? 200
  return (
    fromPhrases(message, certainPhrases) ??
    fromCodes(error.codes, certain()) ??
    fromPhrases(message, ambiguousPhrases) ??
    certainStatuses[status] ??
    fromCodes(error.codes, general()) ??
    fromStatus(status) ??
    "Provider"
  )
}

const fromPhrases = (message: string, phrases: ReadonlyArray<Phrase>): ErrorKind | undefined =>
  phrases.find(([pattern]) => pattern.test(message))?.[1]

type Kinds = ReadonlyMap<string, ErrorKind>

/** Codes differ in case between gateways, and may have a second part, as in `Throttling.RateQuota`. */
const fromCodes = (codes: ReadonlyArray<string>, kinds: Kinds): ErrorKind | undefined => {
  for (const code of codes) {
    const key = code.toLowerCase()
    const kind = kinds.get(key) ?? kinds.get(key.replace(/\..*$/s, ""))
    if (kind !== undefined) return kind
  }
  return undefined
}

const inLowerCase = (kinds: { readonly [code: string]: ErrorKind }): Kinds =>
  new Map(Object.entries(kinds).map(([code, kind]) => [code.toLowerCase(), kind]))

const certain = once(() => inLowerCase(certainCodes))
const general = once(() => inLowerCase(generalCodes))

/** Statuses that say more than a general code. */
const certainStatuses: { readonly [status: number]: ErrorKind } = {
  400: "Validation",
  401: "Authentication",
  402: "InsufficientCredits",
  403: "Authentication",
  404: "ModelNotFound",
  413: "ContextWindowExceeded",
  422: "Validation",
  429: "RateLimit",
  // Groq's status for a lack of capacity: https://console.groq.com/docs/errors
  498: "Overloaded",
  // Anthropic's status for a lack of capacity: https://docs.anthropic.com/en/api/errors
  529: "Overloaded"
}

const fromStatus = (status: number): ErrorKind | undefined =>
  status < 300 ? undefined : status === 408 || status === 409 || status >= 500 ? "Server" : "Provider"
