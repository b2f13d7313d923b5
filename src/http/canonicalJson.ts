/** Writes equal JSON values as equal texts, whatever the order of their fields, so that they can be signed and compared. */
import { isObject } from "./Json.js"

/** Writes JSON with sorted keys. Values that are not JSON are left out or written as `JSON.stringify` does. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted) ?? "null"

const sorted = (_key: string, value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)))
    : value
