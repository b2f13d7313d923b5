/**
 * Writes JSON Schemas as OpenAI's strict mode requires them:
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
import type { JsonSchema } from "../domain/ChatRequest.js"
import { isObject } from "../http/Json.js"
import { mapSchemas, subschemas } from "./jsonSchema.js"
import type { PlainFormat } from "./PreparedRequest.js"

/** A schema as it is sent, and whether with strict mode. */
export interface SentSchema {
  readonly schema: JsonSchema
  readonly strict: boolean
  /** A sentence for the response if the schema was sent without strict mode. */
  readonly warnings?: ReadonlyArray<string> | undefined
}

/** Writes the schema of a response format, if it has one. */
export const sentSchema = (format: PlainFormat | undefined): SentSchema | undefined => {
  if (format?.type !== "json" || format.schema === undefined) return undefined
  const { schema, absentAsNull } = format
  const written = absentAsNull === true ? allRequired(schema) : schema
  const problem = strictProblem(written)
  return problem === undefined
    ? { schema: written, strict: true }
    : { schema, strict: false, warnings: [`the schema was sent without strict mode: ${problem}`] }
}

/** Checks whether OpenAI's strict mode accepts the parameters of a tool. */
export const isStrict = (schema: JsonSchema): boolean => strictProblem(schema) === undefined

/** Requires every property, and allows `null` for those that were optional. */
const allRequired = (schema: JsonSchema): JsonSchema => {
  const inner = mapSchemas(schema, allRequired)
  const { properties, required } = inner
  if (!isObject(properties)) return inner
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name)
  const entries = Object.entries(properties).map(([name, property]) => [
    name,
    isRequired(name) || !isObject(property) ? property : orNull(property)
  ])
  return { ...inner, properties: Object.fromEntries(entries), required: Object.keys(properties) }
}

const orNull = (schema: JsonSchema): JsonSchema => {
  const { anyOf, type } = schema
  const choices = Array.isArray(anyOf) ? anyOf : [schema]
  const allowsNull = [type, ...choices.map((choice) => (isObject(choice) ? choice["type"] : undefined))]
    .flat()
    .includes("null")
  if (allowsNull) return schema
  return Array.isArray(anyOf)
    ? { ...schema, anyOf: [...anyOf, { type: "null" }] }
    : { anyOf: [schema, { type: "null" }] }
}

/** Keywords that strict mode rejects, from OpenAI's own client. */
const rejected = new Set([
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
 * Says why strict mode rejects a schema. It requires an object at the root, closed objects whose properties are all
 * required, a type everywhere and only some keywords. The sentence names the place, as the caller wrote the schema.
 */
const strictProblem = (root: JsonSchema): string | undefined => {
  if (root["type"] !== "object") return "its root is not an object"
  const rest: Array<readonly [JsonSchema, string]> = [[root, ""]]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [schema, path] = next
    const problem = ownProblem(schema)
    if (problem !== undefined) return `${path === "" ? "its root" : path} ${problem}`
    for (const [name, inner] of subschemas(schema)) rest.push([inner, path === "" ? name : `${path}.${name}`])
  }
  return undefined
}

const ownProblem = (schema: JsonSchema): string | undefined => {
  const { type, properties, required, additionalProperties, items, $ref: reference } = schema
  if (Array.isArray(items) || schema["prefixItems"] !== undefined) return "is a tuple"
  const keyword = Object.keys(schema).find((name) => rejected.has(name))
  if (keyword !== undefined) return `has ${keyword}`
  if (reference !== undefined) return Object.keys(schema).length > 1 ? "has siblings of $ref" : undefined
  const isObjectType = type === "object" || (Array.isArray(type) && type.includes("object"))
  if (isObjectType && additionalProperties !== false) return "allows other properties"
  if (type === "array" && items === undefined) return "does not say what its items are"
  const isTyped = [type, schema["anyOf"], schema["enum"], schema["const"]].some((value) => value !== undefined)
  if (!isTyped) return "allows any value"
  const names = isObjectType && isObject(properties) ? Object.keys(properties) : []
  const optional = names.find((name) => !Array.isArray(required) || !required.includes(name))
  return optional === undefined ? undefined : `has the optional property ${optional}`
}
