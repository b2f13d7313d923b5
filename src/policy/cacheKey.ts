/** Writes the key of a request in a cache: equal requests of one account have equal keys, all others different ones. */
import { Effect } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { isObject } from "../http/Json.js"
import { plainRequest } from "../provider/prepareRequest.js"
import { formatVersion } from "./cacheEntry.js"

/** Whose requests they are. */
export interface KeyContext {
  /** The protocol, the endpoint and the account. */
  readonly identity: string
  /** Calls of different scopes share nothing. */
  readonly scope: string
}

/** Makes the key; `undefined` for a request that is wrong, which the provider rejects with the reason. */
export const cacheKey = (
  request: ChatRequest,
  { identity, scope }: KeyContext
): Effect.Effect<string | undefined> =>
  plainRequest(request).pipe(
    Effect.flatMap((plain) => {
      const text = canonical({ version: formatVersion, identity, scope, request: plain }, 0)
      return text === undefined ? Effect.succeed(undefined) : Effect.asSome(sha256(text))
    }),
    Effect.map((hash) => (hash === undefined || hash._tag === "None" ? undefined : hash.value)),
    Effect.orElseSucceed(() => undefined)
  )

/** The SHA-256 of a text in hexadecimal digits. */
const sha256 = (text: string): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
    (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

// JSON Schemas and tool results nest a few levels.
const maxDepth = 200

/** JSON with sorted keys and without absent fields; `undefined` for values that JSON cannot express. */
const canonical = (value: unknown, depth: number): string | undefined => {
  if (depth > maxDepth) return undefined
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => canonical(item ?? null, depth + 1))
    return items.includes(undefined) ? undefined : `[${items.join(",")}]`
  }
  if (isObject(value)) {
    const fields = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort()
      .map((name) => [name, canonical(value[name], depth + 1)] as const)
    if (fields.some(([, text]) => text === undefined)) return undefined
    return `{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`
  }
  return typeof value === "bigint" ? undefined : JSON.stringify(value)
}
