/** The errors a provider can return, and their shorthands: a kind for an error, a status for a kind. */
import type * as Duration from "effect/Duration"

/** The kind of an error; each protocol has its own status, message and JSON for it. */
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

/** An error, returned in the format of the requested protocol. */
export interface ServedError {
  /** What is wrong. */
  readonly kind: ErrorKind
  /** Replaces the protocol's message. */
  readonly message?: string | undefined
  /** Replaces the `code` of OpenAI's errors. */
  readonly code?: string | undefined
  /** The `param` of OpenAI's errors: the field that is wrong. */
  readonly param?: string | undefined
  /** How long to wait before trying again: `retry-after` seconds, and for Google the `retryDelay` of the body. */
  readonly retryAfter?: Duration.DurationInput | undefined
}

/** The error as an object. */
export const errorOf = (error: ErrorKind | ServedError): ServedError =>
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
