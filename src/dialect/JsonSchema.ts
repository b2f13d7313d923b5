/** The JSON Schema of a tool or an answer, as families send it. */
import { Either, JSONSchema, Schema } from "effect"
import type { JsonSchema } from "../domain/ChatRequest.js"
import { isObject } from "../wire/Json.js"

/** Reads a schema as JSON Schema, making one from an `effect/Schema`; says where it stands if it has none. */
export const toJsonSchema = (
  schema: JsonSchema | Schema.Schema.AnyNoContext,
  where: string
): Either.Either<JsonSchema, string> => {
  if (!Schema.isSchema(schema)) return Either.right(schema)
  return Either.try({
    try: (): JsonSchema => {
      const { $schema: _, ...rest } = JSONSchema.make(schema)
      return withoutMixedReferences(rest)
    },
    catch: () => `${where} has an effect/Schema that JSON Schema cannot express; give it a jsonSchema annotation`
  })
}

/** Rewrites the schemas that stand in a schema, but not what only looks like one: a property may have any name. */
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

/**
 * Writes a definition out where something stands beside its reference, as OpenAI and Gemini refuse that; inside itself,
 * where it would have no end, what stands beside goes.
 */
const withoutMixedReferences = (root: JsonSchema): JsonSchema => {
  const known = isObject(root["$defs"]) ? root["$defs"] : {}
  const inline = (schema: JsonSchema, within: ReadonlyArray<string>): JsonSchema => {
    const { $ref: reference, ...beside } = schema
    const name = nameIn(reference)
    const meant = known[name]
    if (!isObject(meant) || Object.keys(beside).length === 0) {
      return mapSchemas(schema, (inner) => inline(inner, within))
    }
    return within.includes(name)
      ? { $ref: reference }
      : mapSchemas({ ...meant, ...beside }, (inner) => inline(inner, [...within, name]))
  }
  return withUsedDefinitions(inline(root, []))
}

const nameIn = (reference: unknown): string => (typeof reference === "string" ? reference.replace("#/$defs/", "") : "")

const withUsedDefinitions = ({ $defs, ...root }: JsonSchema): JsonSchema => {
  const known = isObject($defs) ? $defs : {}
  const used = new Set<string>()
  const visit = (schema: JsonSchema): JsonSchema => {
    const name = nameIn(schema["$ref"])
    const meant = known[name]
    if (isObject(meant) && !used.has(name)) {
      used.add(name)
      visit(meant)
    }
    return mapSchemas(schema, visit)
  }
  visit(root)
  return used.size === 0
    ? root
    : { ...root, $defs: Object.fromEntries(Object.entries(known).filter(([name]) => used.has(name))) }
}

/** As OpenAI's own client knows them: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const unknownToStrict = new Set([
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
 * Says whether a schema is one that OpenAI's strict mode takes: of known keywords, objects closed, every property
 * required, and nothing beside a reference.
 */
export const isStrict = (schema: JsonSchema): boolean => {
  const { type, properties, required, additionalProperties, $ref: reference } = schema
  const keywords = Object.keys(schema)
  if (keywords.some((keyword) => unknownToStrict.has(keyword))) return false
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
