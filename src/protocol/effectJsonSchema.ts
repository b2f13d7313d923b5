/** Makes JSON Schema of an `effect/Schema`; a file of its own, so that programs without one need not load it. */
import { Either, JSONSchema, type Schema } from "effect"
import type { JsonSchema } from "../domain/ChatRequest.js"
import { isObject } from "../http/Json.js"
import { mapSchemas } from "./jsonSchema.js"

/** Makes JSON Schema as protocols take it; says where the schema stands if it has none. */
export const make = (schema: Schema.Schema.AnyNoContext, where: string): Either.Either<JsonSchema, string> =>
  Either.try({
    try: (): JsonSchema => {
      const { $schema: _, ...rest } = JSONSchema.make(schema)
      return withoutMixedReferences(rest)
    },
    catch: () => `${where} has an effect/Schema that JSON Schema cannot express; give it a jsonSchema annotation`
  })

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

/** A class is often named `@app/Person`, where the slash is written as https://www.rfc-editor.org/rfc/rfc6901 says. */
const nameIn = (reference: unknown): string =>
  typeof reference === "string" ? reference.replace("#/$defs/", "").replaceAll("~1", "/").replaceAll("~0", "~") : ""

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
