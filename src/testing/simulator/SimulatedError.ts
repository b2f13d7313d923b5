/** What a script may write short: an error by its kind, a kind by its status. */
import type { ErrorKind, SimulatedError } from "./Reply.js"

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
