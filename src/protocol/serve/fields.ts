/** Reads fields of untyped JSON. */
import { isObject, type JsonObject } from "../../http/Json.js"

/** The value if it is a string. */
export const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** The value if it is a number. */
export const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** The value if it is an object, or else an empty one. */
export const object = (value: unknown): JsonObject => (isObject(value) ? value : {})

/** The value if it is a list, or else an empty one. */
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The objects of a list. */
export const objects = (value: unknown): ReadonlyArray<JsonObject> => list(value).filter(isObject)

/** The strings of a list; a single string counts as a list of one. */
export const texts = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : list(value).filter((each) => typeof each === "string")
