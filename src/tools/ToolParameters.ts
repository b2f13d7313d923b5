/** The parameters of a tool: the forms that they can have, their JSON Schema, and how arguments are decoded. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { JsonSchema } from "../domain/ChatRequest.js"
import { once } from "../domain/lazy.js"
import type { JsonObject } from "../http/Json.js"
import * as effectJsonSchema from "../protocol/effectJsonSchema.js"
import { decoderOf, textOfProblems } from "../structured/SchemaProblem.js"
import { type ForeignSchema, isForeignSchema, jsonSchemaOf, validate } from "../structured/StandardSchema.js"

/** The parameters of a tool: fields, an `effect/Schema`, a schema of another library, or a JSON Schema. */
export type ToolParameters = Schema.Schema.AnyNoContext | ForeignSchema | Schema.Struct.Fields | JsonSchema

/** The type of the arguments that a tool receives. */
export type ArgumentsOf<Parameters> = Parameters extends Schema.Schema.AnyNoContext
  ? Schema.Schema.Type<Parameters>
  : Parameters extends ForeignSchema<infer _Input, infer Output>
    ? Output
    : Parameters extends Schema.Struct.Fields
      ? { readonly [Name in keyof Schema.Struct.Type<Parameters>]: Schema.Struct.Type<Parameters>[Name] }
      : JsonObject

/** The JSON Schema of the parameters, and the decoder of the arguments. Both errors are sentences. */
export interface ParametersCodec {
  /** The JSON Schema that the model gets, computed once. */
  readonly jsonSchema: Effect.Effect<JsonSchema, string>
  /** Decodes arguments; the error tells the model where they are wrong and what is expected. */
  readonly decode: (json: JsonObject) => Effect.Effect<unknown, string>
}

/** Makes the codec of a tool's parameters. A JSON Schema is sent as it is, and does not check the arguments. */
export const codecOf = (parameters: ToolParameters, name: string): ParametersCodec => {
  if (Schema.isSchema(parameters)) return schemaCodec(parameters, name)
  if (isForeignSchema(parameters)) {
    return {
      jsonSchema: Effect.suspend(once(() => jsonSchemaOf(parameters, `tools: ${name}`))),
      decode: (json) => Effect.mapError(validate(parameters, json), textOfProblems)
    }
  }
  // `make` drops the context of the fields, which the type of `ToolParameters` excludes.
  if (isFields(parameters)) return schemaCodec(Schema.make(Schema.Struct(parameters).ast), name)
  return { jsonSchema: Effect.succeed(parameters), decode: Effect.succeed }
}

const isFields = (parameters: Schema.Struct.Fields | JsonSchema): parameters is Schema.Struct.Fields =>
  Object.values(parameters).every((field) => Schema.isSchema(field) || Schema.isPropertySignature(field))

const schemaCodec = (schema: Schema.Schema.AnyNoContext, name: string): ParametersCodec => {
  const json = once(() => effectJsonSchema.make(schema, `tools: ${name}`))
  const decode = once(() => decoderOf(schema))
  return {
    jsonSchema: Effect.suspend(json),
    decode: (value) => Effect.mapError(decode()(value), textOfProblems)
  }
}
