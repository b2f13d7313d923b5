/** The reasoning details of OpenRouter: decoded, joined across events and sent back with the message. */
import { isObject, type JsonObject } from "../../http/Json.js"

/** Reasoning details, which OpenRouter requires back unchanged and in order: https://openrouter.ai/docs/use-cases/reasoning-tokens */
export type Details = ReadonlyArray<JsonObject>

/** Reads the details of a response's message, or of metadata. */
export const detailsIn = (data: unknown): Details => {
  const details = isObject(data) ? data["reasoning_details"] : undefined
  return Array.isArray(details) ? details.filter(isObject) : []
}

/** The details of an event as text, for servers that send the reasoning only there (MiniMax). */
export const textOfDetails = (details: Details): string =>
  details.map((detail) => texts.map((field) => textIn(detail[field])).join("")).join("")

const textIn = (value: unknown): string => (typeof value === "string" ? value : "")

/** The details that no chunk carries yet. Mutable, so that an event costs the same however many details came before. */
export class DetailsList {
  private details: Array<{ [field: string]: unknown }> = []

  get isEmpty(): boolean {
    return this.details.length === 0
  }

  /** Adds the details of an event. Text continues the last detail of its type and index; others are separate. */
  add(more: Details): void {
    for (const next of more) {
      const last = this.details.at(-1)
      if (last !== undefined && continues(last, next)) merge(last, next)
      else this.details.push({ ...next })
    }
  }

  /** Returns all details and begins again. */
  take(): Details {
    const { details } = this
    this.details = []
    return details
  }
}

const texts = ["text", "summary"] as const

const continues = (last: JsonObject, next: JsonObject): boolean =>
  last["type"] === next["type"] &&
  (last["index"] ?? 0) === (next["index"] ?? 0) &&
  texts.some((field) => typeof last[field] === "string") &&
  texts.some((field) => typeof next[field] === "string")

/** Concatenates texts and keeps the last value of other fields, as the signature comes at the end. */
const merge = (last: { [field: string]: unknown }, next: JsonObject): void => {
  for (const [field, value] of Object.entries(next)) {
    if (value == null || field === "__proto__") continue
    const before = last[field]
    const isText = (field === "text" || field === "summary") && typeof before === "string" && typeof value === "string"
    last[field] = isText ? before + value : value
  }
}
