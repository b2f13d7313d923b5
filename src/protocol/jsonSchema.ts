/** Traverses JSON Schemas and checks whether one is strict. */
import type { JsonSchema } from "../domain/ChatRequest.js"
import { isObject } from "../http/Json.js"

/** Rewrites the direct subschemas of a schema. A property may be named like a keyword and is not taken for one. */
export const mapSchemas = (schema: JsonSchema, rewrite: (inner: JsonSchema) => JsonSchema): JsonSchema => {
  const one = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(one) : isObject(value) ? rewrite(value) : value
  const all = (value: unknown): unknown =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, one(inner)])) : value
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [
      keyword,
      maps.has(keyword) ? all(value) : nested.has(keyword) ? one(value) : value
    ])
  )
}

const maps = new Set(["properties", "patternProperties", "$defs", "definitions"])
const nested = new Set(["items", "prefixItems", "additionalItems", "additionalProperties", "anyOf", "oneOf", "allOf"])

/** Keywords that OpenAI's strict mode rejects, from OpenAI's own client: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const rejectedByStrict = new Set([
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "dependencies",
  "dependentRequired",
  "dependentSchemas",
  "contentMediaType",
  "contentSchema",
  "additionalItems",
  "prefixItems",
  "patternProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "uniqueItems"
])

/**
 * Checks whether OpenAI's strict mode accepts a schema: supported keywords, closed objects, every property required, and
 * no siblings of a reference.
 */
export const isStrict = (schema: JsonSchema): boolean => {
  const { type, properties, required, additionalProperties, $ref: reference } = schema
  const keywords = Object.keys(schema)
  if (keywords.some((keyword) => rejectedByStrict.has(keyword))) return false
  if (reference !== undefined && keywords.length > 1) return false
  const names = isObject(properties) ? Object.keys(properties) : []
  const isOpen =
    type === "object" &&
    (additionalProperties !== false || !names.every((name) => Array.isArray(required) && required.includes(name)))
  let areStrict = !isOpen
  mapSchemas(schema, (inner) => {
    areStrict &&= isStrict(inner)
    return inner
  })
  return areStrict
}
