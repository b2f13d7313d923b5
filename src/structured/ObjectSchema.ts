/** The schemas of structured output: what the model gets of them, and how its answer is decoded. */
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { JsonSchema } from "../domain/ChatRequest.js"
import { withoutAbsentNulls } from "./absentNulls.js"
import { JsonSchemaShape } from "./JsonSchemaShape.js"
import { decoderOf, type SchemaProblem } from "./SchemaProblem.js"
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
  /** Whether `decode` removes the nulls that stand in place of optional properties. */
  readonly absentAsNull: boolean
  /** Decodes the JSON of an answer, of bounded depth. */
  readonly decode: (json: unknown) => Effect.Effect<A, ReadonlyArray<SchemaProblem>>
  /** What the schema allows at each place. */
  readonly shape: Shape
}

/** Makes the codec of a schema. */
export const codecOf = <A, I>(schema: ObjectSchema<A, I>): ObjectCodec<A> => {
  if (isEffectSchema(schema)) {
    const decode = decoderOf(schema)
    const shape = Shape.of(schema)
    return {
      format: Either.right(schema),
      absentAsNull: true,
      decode: (json) => decode(withoutAbsentNulls(json, shape)),
      shape
    }
  }
  const format = jsonSchemaOf(schema, "the schema of the object")
  const shape = new JsonSchemaShape(Either.getOrElse(format, () => ({})))
  // A JSON Schema of the caller is sent unchanged.
  const absentAsNull = !("jsonSchema" in schema)
  return {
    format,
    absentAsNull,
    decode: (json) => validate(schema, absentAsNull ? withoutAbsentNulls(json, shape) : json),
    shape
  }
}

const isEffectSchema = <A, I>(schema: ObjectSchema<A, I>): schema is Schema.Schema<A, I> => Schema.isSchema(schema)
