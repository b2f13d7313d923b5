/** The JSON Schema of a tool or an answer, as families send it. */
import { Either, JSONSchema, Schema } from "effect"
import type { JsonSchema } from "../domain/ChatRequest.js"

/** Reads a schema as JSON Schema, making one from an `effect/Schema`; says where it stands if it has none. */
export const toJsonSchema = (
  schema: JsonSchema | Schema.Schema.AnyNoContext,
  where: string
): Either.Either<JsonSchema, string> => {
  if (!Schema.isSchema(schema)) return Either.right(schema)
  return Either.try({
    try: (): JsonSchema => {
      const { $schema: _, ...rest } = JSONSchema.make(schema)
      return rest
    },
    catch: () => `${where} has an effect/Schema that JSON Schema cannot express; give it a jsonSchema annotation`
  })
}

/** Says whether a schema is one that OpenAI's strict mode takes: objects closed, and every property required. */
export const isStrict = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.every(isStrict)
  if (typeof schema !== "object" || schema === null) return true
  const { type, properties, required, additionalProperties } = Object.fromEntries(Object.entries(schema))
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : []
  const closed =
    type !== "object" ||
    (additionalProperties === false && names.every((name) => Array.isArray(required) && required.includes(name)))
  return closed && Object.values(schema).every(isStrict)
}
