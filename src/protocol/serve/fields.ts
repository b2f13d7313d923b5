/** Reads fields of JSON that may be anything. */
import { isObject, type JsonObject } from "../../http/Json.js"

/** The value if it is a text. */
export const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** The value if it is a number. */
export const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined)

/** The value if it is an object, or else an empty one. */
export const object = (value: unknown): JsonObject => (isObject(value) ? value : {})

/** The value if it is a list, or else an empty one. */
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The objects of a list. */
export const objects = (value: unknown): ReadonlyArray<JsonObject> => list(value).filter(isObject)

/** The texts of a list, or of one text that stands for a list. */
export const texts = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : list(value).filter((each) => typeof each === "string")
