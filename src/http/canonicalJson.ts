/** Writes equal JSON values as equal texts, whatever the order of their fields, so that they can be signed and compared. */
import { isObject, parseJson } from "./Json.js"

/** Writes JSON with sorted keys. Values that are not JSON are left out or written as `JSON.stringify` does. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => sortedFields(inner)) ?? "null"

/** Writes the JSON of a text with sorted keys; `undefined` for a text that is no JSON object or array. */
export const canonicalText = (text: string): string | undefined => {
  const json = parseJson(text)
  return json === undefined ? undefined : canonicalJson(json)
}

const sortedFields = (value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).sort(byName)) : value

type Field = readonly [name: string, value: unknown]

const byName = ([one]: Field, [other]: Field): number => (one < other ? -1 : one > other ? 1 : 0)
