/** Reads fields of a provider's JSON that may be missing. */
import * as Effect from "effect/Effect"
import type { ProviderError } from "../../domain/LLMError.js"
import * as httpErrors from "../../http/errors/httpErrors.js"
import type { JsonObject } from "../../http/Json.js"
import type { BatchHttp } from "../BatchHttp.js"

/** The difference in milliseconds that is allowed between our clock and the provider's. */
export const clockSkewMillis = 3_600_000

/** A text; `""` if it is none. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** A count, which Google writes as text; 0 if it is none. */
export const countOf = (value: unknown): number => {
  const count = typeof value === "string" ? Number(value) : value
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : 0
}

/** The id of a batch or file. A response without one is an error. */
export const idOf = (http: BatchHttp, body: JsonObject): Effect.Effect<string, ProviderError> => {
  const id = textOf(body["id"])
  return id === "" ? httpErrors.malformed(http.context, "it has no id") : Effect.succeed(id)
}
