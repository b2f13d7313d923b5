/** Converts an `effect/Schema` to JSON Schema. A separate file, so that programs without one do not load it. */
import * as Either from "effect/Either"
import * as JSONSchema from "effect/JSONSchema"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type { JsonSchema } from "../domain/ChatRequest.js"
import { isObject } from "../http/Json.js"
import { mapSchemas } from "./jsonSchema.js"

/** Converts a schema to the JSON Schema that protocols accept. `where` names the schema in the error. */
export const make = (schema: Schema.Schema.AnyNoContext, where: string): Either.Either<JsonSchema, string> =>
  Either.try({
    try: (): JsonSchema => {
      const { $schema: _, ...rest } = JSONSchema.make(schema)
      // `Schema.Struct({})` accepts every value, which providers reject as the parameters of a tool.
      if ("$id" in rest && rest.$id === "/schemas/%7B%7D") return { type: "object", properties: {} }
      return withoutMixedReferences(rest)
    },
    catch: (error) =>
      `${where} has an effect/Schema that JSON Schema cannot express${placeIn(error)}; give it a jsonSchema annotation`
  })

/** Effect names the place as a list of steps, such as `["at"]`. */
const placeIn = (error: unknown): string => {
  const [, place] = /^at path: (\[.{1,200}\])$/m.exec(Predicate.isError(error) ? error.message : "") ?? []
  return place === undefined ? "" : ` at ${place}`
}

/**
 * Inlines a definition if its reference has sibling keywords, which OpenAI and Gemini reject. Inside the definition
 * itself, where inlining would not end, it removes the siblings instead.
 */
const withoutMixedReferences = (root: JsonSchema): JsonSchema => {
  const definitions = isObject(root["$defs"]) ? root["$defs"] : {}
  const inline = (schema: JsonSchema, within: ReadonlyArray<string>): JsonSchema => {
    const { $ref: reference, ...siblings } = schema
    const name = nameIn(reference)
    const definition = definitions[name]
    if (!isObject(definition) || Object.keys(siblings).length === 0) {
      return mapSchemas(schema, (inner) => inline(inner, within))
    }
    return within.includes(name)
      ? { $ref: reference }
      : mapSchemas({ ...definition, ...siblings }, (inner) => inline(inner, [...within, name]))
  }
  return withUsedDefinitions(inline(root, []))
}

/** Names such as `@app/Person` hold a slash, which https://www.rfc-editor.org/rfc/rfc6901 escapes. */
const nameIn = (reference: unknown): string =>
  typeof reference === "string" ? reference.replace("#/$defs/", "").replaceAll("~1", "/").replaceAll("~0", "~") : ""

const withUsedDefinitions = ({ $defs, ...root }: JsonSchema): JsonSchema => {
  const definitions = isObject($defs) ? $defs : {}
  const used = new Set<string>()
  const visit = (schema: JsonSchema): JsonSchema => {
    const name = nameIn(schema["$ref"])
    const definition = definitions[name]
    if (isObject(definition) && !used.has(name)) {
      used.add(name)
      visit(definition)
    }
    return mapSchemas(schema, visit)
  }
  visit(root)
  return used.size === 0
    ? root
    : { ...root, $defs: Object.fromEntries(Object.entries(definitions).filter(([name]) => used.has(name))) }
}
