/** Schemas of other libraries, such as zod, valibot and arktype: https://standardschema.dev and its JSON Schema interface. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import type { JsonSchema } from "../domain/ChatRequest.js"
import { isObject } from "../http/Json.js"
import { asGenerated, mapSchemas } from "../protocol/jsonSchema.js"
import type { SchemaProblem } from "./SchemaProblem.js"

/** A schema that can give its JSON Schema, and validate if it can that too. */
export interface StandardJsonSchema<Input = unknown, Output = Input> {
  /** The interface of the standard. */
  readonly "~standard": {
    readonly version: 1
    /** The library of the schema. */
    readonly vendor: string
    /** The types, which exist only for the compiler. */
    readonly types?: StandardTypes<Input, Output> | undefined
    /** Validates a value. Without it, arguments are only checked to be an object. */
    readonly validate?: ((value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>) | undefined
    /** Converts the schema to JSON Schema. */
    readonly jsonSchema: StandardConverter
  }
}

/** A schema that can validate, but not give its JSON Schema. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The interface of the standard. */
  readonly "~standard": {
    readonly version: 1
    /** The library of the schema. */
    readonly vendor: string
    /** The types, which exist only for the compiler. */
    readonly types?: StandardTypes<Input, Output> | undefined
    /** Validates a value. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
  }
}

/** A schema that can validate, with its JSON Schema beside it. */
export interface StandardSchemaWithJson<Input = unknown, Output = Input> {
  /** Validates what the model writes. */
  readonly schema: StandardSchema<Input, Output>
  /** What the model gets. */
  readonly jsonSchema: JsonSchema
}

/** A schema of another library. */
export type ForeignSchema<Input = unknown, Output = Input> =
  | StandardJsonSchema<Input, Output>
  | StandardSchemaWithJson<Input, Output>

/** The types of a schema, for the compiler. */
export interface StandardTypes<Input, Output> {
  /** What is validated. */
  readonly input: Input
  /** What a validation gives. */
  readonly output: Output
}

/** Converts a schema to JSON Schema. */
export interface StandardConverter {
  /** Gives the JSON Schema of what is validated. */
  readonly input: (options: { readonly target: "draft-2020-12" }) => JsonSchema
}

/** The result of a validation. */
export type StandardResult<Output> =
  | {
      /** The valid value. */
      readonly value: Output
      /** Absent where the value is valid. */
      readonly issues?: undefined
    }
  | {
      /** What is wrong with the value. */
      readonly issues: ReadonlyArray<StandardIssue>
    }

/** What is wrong with a value. */
export interface StandardIssue {
  /** What is wrong. */
  readonly message: string
  /** Where, from the outside in. */
  readonly path?: ReadonlyArray<PropertyKey | StandardPathSegment> | undefined
}

/** One step of a path. */
export interface StandardPathSegment {
  /** The key or index. */
  readonly key: PropertyKey
}

/** Checks for a schema of another library, also one that turns out to have no JSON Schema. */
export const isForeignSchema = (value: unknown): value is ForeignSchema => isStandard(value) || isPair(value)

const isStandard = (value: unknown): value is StandardSchema => Predicate.hasProperty(value, "~standard")

const isStandardJsonSchema = (value: unknown): value is StandardJsonSchema =>
  isStandard(value) && Predicate.hasProperty(value["~standard"], "jsonSchema")

const isPair = (value: unknown): value is StandardSchemaWithJson =>
  Predicate.hasProperty(value, "schema") &&
  Predicate.hasProperty(value.schema, "~standard") &&
  Predicate.hasProperty(value, "jsonSchema")

/**
 * Gives the JSON Schema of a schema, or says why there is none. Objects that say nothing of other properties are closed,
 * as Anthropic and OpenAI's strict mode require, but not those of which one object is put together; what the model writes
 * is validated by the schema itself.
 */
export const jsonSchemaOf = (schema: ForeignSchema, where: string): Either.Either<JsonSchema, string> => {
  if (isPair(schema)) return Either.right(schema.jsonSchema)
  if (!isStandardJsonSchema(schema)) return Either.left(withoutJsonSchema(schema, where))
  const { vendor, jsonSchema } = schema["~standard"]
  return Either.try({
    try: () => {
      const { $schema: _, ...json } = jsonSchema.input({ target: "draft-2020-12" })
      return asGenerated(closed(json))
    },
    catch: (error) =>
      `${where} has a ${vendor} schema that JSON Schema cannot express${reasonOf(error)}; give { schema, jsonSchema }`
  })
}

/** What the compiler rejects, and programs in JavaScript find out here. */
const withoutJsonSchema = (schema: unknown, where: string): string =>
  isStandard(schema)
    ? `${where} has a ${schema["~standard"].vendor} schema without JSON Schema; ` +
      "use zod 4.2 or later, or toStandardJsonSchema of @valibot/to-json-schema, or give { schema, jsonSchema }"
    : `${where} is not a schema; for fields, write Schema.Struct({ … })`

/** What the library says of the schema, which the program wrote: no value of a request. */
const reasonOf = (error: unknown): string => {
  const [line = ""] = Predicate.isError(error) ? error.message.split("\n", 1) : []
  return line === "" ? "" : ` (${line.slice(0, 200)})`
}

const closed = (schema: JsonSchema): JsonSchema =>
  isObject(schema["properties"]) && schema["additionalProperties"] === undefined && schema["allOf"] === undefined
    ? { ...closedInside(schema), additionalProperties: false }
    : closedInside(schema)

/** Closes the objects in a schema. The parts of an `allOf` stay open, as each would forbid the properties of the others. */
const closedInside = (schema: JsonSchema): JsonSchema => {
  const { allOf } = schema
  const inner = mapSchemas(schema, closed)
  if (!Array.isArray(allOf)) return inner
  return { ...inner, allOf: allOf.map((part: unknown) => (isObject(part) ? closedInside(part) : part)) }
}

/** Validates a value, also by a promise; the error says where and what is wrong. */
export const validate = <Input, Output>(
  schema: ForeignSchema<Input, Output>,
  value: unknown
): Effect.Effect<Output, ReadonlyArray<SchemaProblem>> =>
  Effect.suspend(() => {
    const validator: StandardJsonSchema<Input, Output> | StandardSchema<Input, Output> = isPair(schema)
      ? schema.schema
      : schema
    // Without `validate`, the schema promises nothing beyond its JSON Schema.
    const result = validator["~standard"].validate?.(value) ?? { value: value as Output }
    return Predicate.isPromiseLike(result) ? Effect.promise(() => result) : Effect.succeed(result)
  }).pipe(
    Effect.flatMap((result) =>
      result.issues === undefined ? Effect.succeed(result.value) : Effect.fail(result.issues.map(problemOf))
    )
  )

const problemOf = ({ path = [], message }: StandardIssue): SchemaProblem => ({
  path: path.map((step) => String(typeof step === "object" ? step.key : step)).join("."),
  message
})
