/** How one API protocol counts the tokens of a request without answering it: data and pure functions. */
import type { Either } from "effect"
import type { ErrorRules, ReportedError } from "../http/errorClassification.js"
import { isObject } from "../http/Json.js"
import type { PreparedRequest } from "./PreparedRequest.js"
import type { Encoded } from "./Protocol.js"

/** One API protocol's counting. */
export interface TokenCountProtocol {
  readonly encode: (request: PreparedRequest) => Either.Either<Encoded, string>
  /** The field of the answer that holds the count. */
  readonly field: string
  /** Whether the provider promises to bill the same. */
  readonly isExact: boolean
  readonly reportedError: (body: unknown) => ReportedError | undefined
  readonly errorRules: ErrorRules
}

/** Keeps the fields that an endpoint knows, as most refuse others. */
export const pick = (body: Encoded["body"], fields: ReadonlyArray<string>): Encoded["body"] =>
  Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)))

/** Reads the count of an answer; `undefined` when it has none. */
export const readCount = (answer: unknown, field: string): number | undefined => {
  const count = isObject(answer) ? answer[field] : undefined
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}
