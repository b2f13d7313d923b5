/** Schemas of other libraries, by the Standard JSON Schema interface: https://standardschema.dev/json-schema */
import { Effect, Predicate } from "effect"
import type { JsonSchema } from "../domain/ChatRequest.js"

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

/** Checks for a schema that can give its JSON Schema. */
export const isStandardJsonSchema = (value: unknown): value is StandardJsonSchema =>
  Predicate.hasProperty(value, "~standard") && Predicate.hasProperty(value["~standard"], "jsonSchema")

/** Validates a value; the error says where and what is wrong. */
export const validate = (schema: StandardJsonSchema, value: unknown): Effect.Effect<unknown, ReadonlyArray<string>> =>
  Effect.suspend(() => {
    const result = schema["~standard"].validate?.(value) ?? { value }
    return Predicate.isPromiseLike(result) ? Effect.promise(() => result) : Effect.succeed(result)
  }).pipe(
    Effect.flatMap((result) =>
      result.issues === undefined ? Effect.succeed(result.value) : Effect.fail(result.issues.map(lineOf))
    )
  )

const lineOf = ({ path = [], message }: StandardIssue): string => {
  const where = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".")
  return where === "" ? message : `${where}: ${message}`
}
