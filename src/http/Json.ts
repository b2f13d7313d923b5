/** JSON of unknown shape. */
import { isTooDeep } from "../domain/JsonText.js"

/** An object of unknown fields. */
export type JsonObject = { readonly [key: string]: unknown }

/** Checks for an object that is not an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Parses a JSON object or array; anything else, and one of more than 256 levels, is `undefined`. */
export const parseJson = (text: string): object | undefined => {
  if (isTooDeep(text)) return undefined
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === "object" && json !== null ? json : undefined
  } catch {
    return undefined
  }
}
