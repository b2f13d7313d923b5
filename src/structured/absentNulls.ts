/** Removes the nulls that a model wrote in place of optional properties, as OpenAI's strict mode has none. */
import { isObject } from "../http/Json.js"
import type { Shape } from "./Shape.js"

/**
 * Removes each `null` that the schema does not allow from an optional property. The depth of the value must be bounded.
 */
export const withoutAbsentNulls = (value: unknown, shape: Shape): unknown => {
  if (Array.isArray(value)) return value.map((item, index) => withoutAbsentNulls(item, shape.item(index)))
  if (!isObject(value)) return value
  const fitting = shape.fitting(value)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => member !== null || !fitting.isOptional(key) || fitting.member(key).allows("null"))
      .map(([key, member]) => [key, withoutAbsentNulls(member, fitting.member(key))])
  )
}
