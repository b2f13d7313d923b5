/** What a provider can refuse with, and what a script may write short: an error by its kind, a kind by its status. */
import type { Duration } from "effect"

/** What a provider can refuse with; each protocol has its own status, words and JSON for it. */
export type ErrorKind =
  | "authentication"
  | "permission"
  | "insufficientCredits"
  | "rateLimit"
  | "overloaded"
  | "modelNotFound"
  | "contextWindow"
  | "invalidRequest"
  | "notFound"
  | "server"

/** An error in the words of the protocol that is asked. */
export interface SimulatedError {
  /** What is wrong. */
  readonly kind: ErrorKind
  /** Replaces the protocol's own words. */
  readonly message?: string | undefined
  /** How long to wait before trying again: `retry-after` seconds, and for Google the `retryDelay` of the body. */
  readonly retryAfter?: Duration.DurationInput | undefined
}

/** The error as an object. */
export const errorOf = (error: ErrorKind | SimulatedError): SimulatedError =>
  typeof error === "string" ? { kind: error } : error

const kinds: { readonly [status: number]: ErrorKind } = {
  401: "authentication",
  402: "insufficientCredits",
  403: "permission",
  404: "modelNotFound",
  413: "contextWindow",
  429: "rateLimit",
  503: "overloaded",
  529: "overloaded"
}

/** The kind that a status stands for. */
export const kindOf = (status: number): ErrorKind => kinds[status] ?? (status >= 500 ? "server" : "invalidRequest")
