/** Writes the key of a request in a cache: equal requests of one account have equal keys, all others different ones. */
import * as Effect from "effect/Effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { maxJsonDepth } from "../domain/JsonText.js"
import { isObject } from "../http/Json.js"
import { sha256 } from "../http/sha256.js"
import { plainRequest } from "../provider/prepareRequest.js"
import { formatVersion } from "./cacheEntry.js"

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
      const text =
        plain === undefined ? undefined : canonical({ version: formatVersion, identity, scope, request: plain }, 0)
      return text === undefined ? Effect.succeed(undefined) : sha256(text)
    }
  )

// Two levels more than a request may have.
const maxDepth = maxJsonDepth + 2

/** JSON with sorted keys and without absent fields; `undefined` for values that JSON cannot express. */
const canonical = (value: unknown, depth: number): string | undefined => {
  if (depth > maxDepth) return undefined
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => canonical(item ?? null, depth + 1))
    return items.includes(undefined) ? undefined : `[${items.join(",")}]`
  }
  if (isObject(value)) {
    if (!isPlain(value)) return undefined
    const fields = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort()
      .map((name) => [name, canonical(value[name], depth + 1)] as const)
    if (fields.some(([, text]) => text === undefined)) return undefined
    return `{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`
  }
  return isScalar(value) ? JSON.stringify(value) : undefined
}

const isScalar = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)

// Dates, maps and the like look empty, so that different ones would have the same key.
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
