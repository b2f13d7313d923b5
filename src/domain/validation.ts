/** Validates requests: schemas of fields, and errors in one sentence that quotes no value. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { compileExact } from "./Check.js"
import { once } from "./lazy.js"

/** A field that may be absent or `undefined`. */
export const optional = <A>(schema: Schema.Schema<A>): Schema.optional<Schema.Schema<A>> => Schema.optional(schema)

/** Replaces everything that a failed schema would report by one sentence, which follows the path of the field. */
export const says =
  (message: string) =>
  <A>(schema: Schema.Schema<A>): Schema.Schema<A> =>
    schema.annotations({ message: () => ({ message, override: true }) })

/** A finite number within bounds, both included. */
export const between = (low: number, high: number): Schema.Schema<number> =>
  Schema.Finite.pipe(Schema.between(low, high), says(`must be a number from ${low} to ${high}`))

/** An integer above 0. */
export const positive = (): Schema.Schema<number> =>
  Schema.Int.pipe(Schema.positive(), says("must be a whole number above 0"))

/** One of several strings. */
export const oneOf = <const Words extends readonly [string, ...Array<string>]>(
  ...words: Words
): Schema.Schema<Words[number]> => Schema.Literal(...words).pipe(says(`must be one of ${words.join(", ")}`))

/**
 * Makes the check of a request, or of what else messages should call it. An unknown field is an error, as it would
 * otherwise be ignored silently.
 */
export const validator = <A>(
  schema: Schema.Schema<A>,
  what = "a request"
): ((request: unknown) => Either.Either<A, string>) => {
  const fits = once(() => compileExact(schema))
  const validate = once(() => Schema.validateEither(schema, { onExcessProperty: "error" }))
  return (request) =>
    fits()(request) ? Either.right(request) : Either.mapLeft(validate()(request), (error) => firstIssue(error, what))
}

/** Says what is wrong, without the value. */
export const firstIssue = (error: ParseResult.ParseError, what = "a request"): string => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
  const issue = issues.find((each) => each._tag !== "Forbidden") ?? issues[0]
  const path = issue === undefined ? "" : pathOf(issue.path)
  if (issue?._tag === "Unexpected") return `${path} is not a field of ${what}; is it misspelt?`
  if (issue?._tag === "Missing") return `${path} is missing`
  return `${path} ${withoutValue(issue?.message ?? "is not valid")}`
}

const pathOf = (path: ReadonlyArray<PropertyKey>): string =>
  path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`))
    .join("")

/** Removes the rejected value, which may be a prompt, from the formatter's message. */
const withoutValue = (message: string): string =>
  message.startsWith("Expected ")
    ? `must be ${message.slice("Expected ".length).replace(/, actual[\s\S]*$/, "")}`
    : message
