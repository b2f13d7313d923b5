/** Writes the key of a request in a cache: equal requests of one account have equal keys, all others different ones. */
import * as Effect from "effect/Effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { maxJsonDepth } from "../../domain/JsonText.js"
import { canonicalJson } from "../../http/canonicalJson.js"
import { isObject } from "../../http/Json.js"
import { sha256 } from "../../http/sha256.js"
import { plainRequest } from "../../provider/engine/prepareRequest.js"
import { formatVersion } from "./entry.js"

/** The account and the scope of a request. */
export interface KeyContext {
  /** The protocol, the endpoint and the account. */
  readonly identity: string
  /** Calls of different scopes share nothing. */
  readonly scope: string
}

/** Makes the key; `undefined` for a request that is wrong, which the provider rejects, or that JSON cannot express. */
export const cacheKey = (request: ChatRequest, { identity, scope }: KeyContext): Effect.Effect<string | undefined> =>
  Effect.flatMap(
    Effect.orElseSucceed(plainRequest(request), () => undefined),
    (plain) => {
      if (plain === undefined || !isJson(plain, 0)) return Effect.succeed(undefined)
      return sha256(canonicalJson({ version: formatVersion, identity, scope, request: plain }))
    }
  )

// One level more than a request may have.
const maxDepth = maxJsonDepth + 1

/** Whether a value is one of JSON, apart from absent fields. Others look empty or equal once they are written. */
const isJson = (value: unknown, depth: number): boolean => {
  if (depth > maxDepth) return false
  if (Array.isArray(value)) return value.every((item: unknown) => isJson(item ?? null, depth + 1))
  if (!isObject(value)) return isScalar(value)
  return isPlain(value) && Object.values(value).every((field) => field === undefined || isJson(field, depth + 1))
}

const isScalar = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)

// Dates, maps and the like look empty, so that different ones would have the same key.
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
