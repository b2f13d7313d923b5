/** The token counting of an API protocol: data and pure functions. */
import type * as Either from "effect/Either"
import type { ReportedError } from "../http/errors/classification.js"
import { isObject } from "../http/Json.js"
import type { PreparedRequest } from "./PreparedRequest.js"
import type { Encoded, ToolNames } from "./Protocol.js"

/** The token counting of an API protocol. */
export interface TokenCountProtocol {
  readonly encode: (request: PreparedRequest) => Either.Either<Encoded, string>
  /** The names of tools; those that OpenAI accepts by default. */
  readonly toolNames?: ToolNames
  /** The field of the response with the count. */
  readonly field: string
  /** Whether the provider bills exactly this count. */
  readonly isExact: boolean
  readonly reportedError: (body: unknown) => ReportedError | undefined
}

/** Selects the fields of an endpoint. Most endpoints reject other fields. */
export const pick = (body: Encoded["body"], fields: ReadonlyArray<string>): Encoded["body"] =>
  Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)))

/** Reads the count of a response; `undefined` if it has none. */
export const readCount = (response: unknown, field: string): number | undefined => {
  const count = isObject(response) ? response[field] : undefined
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}
