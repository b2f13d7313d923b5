/** The schemas of structured output: what the model gets of them, and how its answer is decoded. */
import { Effect, Either, Schema } from "effect"
import type { JsonSchema } from "../domain/ChatRequest.js"
import { JsonSchemaShape } from "./JsonSchemaShape.js"
import { problemsOf, type SchemaProblem } from "./SchemaProblem.js"
import { Shape } from "./Shape.js"
import { jsonSchemaOf, type StandardJsonSchema, type StandardSchemaWithJson, validate } from "./StandardSchema.js"

/**
 * The schema of an object: an `effect/Schema`, a schema of zod, valibot, arktype or another library with the Standard
 * JSON Schema interface, or `{ schema, jsonSchema }` of a Standard Schema.
 */
export type ObjectSchema<A, I = unknown> = Schema.Schema<A, I> | StandardJsonSchema<I, A> | StandardSchemaWithJson<I, A>

/** What structured output needs of a schema. */
export interface ObjectCodec<A> {
  /** The schema that the request has, or a sentence that says why there is none. */
  readonly format: Either.Either<JsonSchema | Schema.Schema.AnyNoContext, string>
  /** Decodes the JSON of an answer. */
  readonly decode: (json: unknown) => Effect.Effect<A, ReadonlyArray<SchemaProblem>>
  /** What the schema allows at each place. */
  readonly shape: Shape
}

/** Makes the codec of a schema. */
export const codecOf = <A, I>(schema: ObjectSchema<A, I>): ObjectCodec<A> => {
  if (isEffectSchema(schema)) {
    const decode = Schema.decodeUnknown(schema, { errors: "all" })
    return {
      format: Either.right(schema),
      decode: (json) => Effect.mapError(decode(json), problemsOf),
      shape: Shape.of(schema)
    }
  }
  const format = jsonSchemaOf(schema, "the schema of the object")
  return {
    format,
    decode: (json) => validate(schema, json),
    shape: new JsonSchemaShape(Either.getOrElse(format, () => ({})))
  }
}

const isEffectSchema = <A, I>(schema: ObjectSchema<A, I>): schema is Schema.Schema<A, I> => Schema.isSchema(schema)
