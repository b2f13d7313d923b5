/** The reasoning details of OpenRouter: decoded, joined across events and sent back with the message. */
import { isObject, type JsonObject } from "../../http/Json.js"

/** Reasoning details, which OpenRouter requires back unchanged and in order: https://openrouter.ai/docs/use-cases/reasoning-tokens */
export type Details = ReadonlyArray<JsonObject>

/** Reads the details of a response's message, or of metadata. */
export const detailsIn = (data: unknown): Details => {
  const details = isObject(data) ? data["reasoning_details"] : undefined
  return Array.isArray(details) ? details.filter(isObject) : []
}

/** Adds the details of an event. Text continues the last detail of its type and index; others are separate. */
export const addDetails = (details: Details, more: Details): Details => {
  const all = [...details]
  for (const next of more) {
    const last = all.at(-1)
    if (last !== undefined && continues(last, next)) all[all.length - 1] = merged(last, next)
    else all.push(next)
  }
  return all
}

const texts = ["text", "summary"] as const

const continues = (last: JsonObject, next: JsonObject): boolean =>
  last["type"] === next["type"] &&
  (last["index"] ?? 0) === (next["index"] ?? 0) &&
  texts.some((field) => typeof last[field] === "string") &&
  texts.some((field) => typeof next[field] === "string")

/** Concatenates texts and keeps the last value of other fields, as the signature comes at the end. */
const merged = (last: JsonObject, next: JsonObject): JsonObject => ({
  ...last,
  ...Object.fromEntries(Object.entries(next).filter(([, value]) => value != null)),
  ...Object.fromEntries(
    texts.flatMap((field) => {
      const [before, after] = [last[field], next[field]]
      return typeof before === "string" && typeof after === "string" ? [[field, before + after]] : []
    })
  )
})
