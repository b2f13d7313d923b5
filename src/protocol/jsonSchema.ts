/** Traverses JSON Schemas. */
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

/** The schemas that were made from a schema which also decodes, so that encoders may leave out what it checks itself. */
const generated = new WeakSet<JsonSchema>()

/** Marks a JSON Schema as made from a schema that decodes what the model writes. */
export const asGenerated = (schema: JsonSchema): JsonSchema => {
  generated.add(schema)
  return schema
}

/** Whether a JSON Schema was marked by `asGenerated`. */
export const isGenerated = (schema: unknown): boolean => isObject(schema) && generated.has(schema)

/** Adds the empty `properties` that OpenAI and others require of a tool without parameters. */
export const withProperties = (schema: JsonSchema): JsonSchema => {
  if (Object.keys(schema).length === 0) return { type: "object", properties: {} }
  return schema["type"] === "object" && schema["properties"] === undefined ? { ...schema, properties: {} } : schema
}

const maps = new Set(["properties", "patternProperties", "$defs", "definitions"])
const nested = new Set(["items", "prefixItems", "additionalItems", "additionalProperties", "anyOf", "oneOf", "allOf"])
// Where a schema only tests a value; what is sent keeps them as they are.
const conditions = new Set(["not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties"])

const types = new Set<unknown>(["object", "array", "string", "number", "integer", "boolean", "null"])

const isType = (type: unknown): boolean =>
  Array.isArray(type) ? type.length > 0 && type.every((each) => types.has(each)) : types.has(type)

/**
 * Says what to change about a schema of the caller that has a type which JSON Schema does not have. `where` names the
 * schema in the sentence.
 */
export const schemaProblem = (schema: JsonSchema, where: string): string | undefined => {
  for (const [{ type = "object" }, path] of allSchemas(schema)) {
    if (!isType(type)) return `${where}${path}.type must be one of ${Array.from(types).join(", ")}, in lower case`
  }
  return undefined
}

/** The first type in a schema that JSON Schema does not have, as JSON. */
export const wrongTypeIn = (schema: JsonSchema): string | undefined => {
  for (const [{ type = "object" }] of allSchemas(schema)) if (!isType(type)) return JSON.stringify(type)
  return undefined
}

/** A schema and every schema inside, each once, in constant stack depth. */
function* allSchemas(root: JsonSchema): Generator<readonly [schema: JsonSchema, path: string]> {
  const rest: Array<readonly [JsonSchema, string]> = [[root, ""]]
  const seen = new Set<unknown>()
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    yield next
    const [schema, path] = next
    for (const [name, inner] of subschemas(schema)) {
      if (seen.has(inner)) continue
      seen.add(inner)
      rest.push([inner, `${path}.${name}`])
    }
  }
}

/** The direct subschemas, with their paths. */
export function* subschemas(schema: JsonSchema): Generator<readonly [path: string, inner: JsonSchema]> {
  for (const [keyword, value] of Object.entries(schema)) {
    if (!maps.has(keyword) && !nested.has(keyword) && !conditions.has(keyword)) continue
    if (isObject(value) && !maps.has(keyword)) yield [keyword, value]
    else if (Array.isArray(value) || isObject(value)) {
      for (const [name, inner] of Object.entries(value)) if (isObject(inner)) yield [`${keyword}.${name}`, inner]
    }
  }
}
