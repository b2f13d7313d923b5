/** What is wrong with a value that a model wrote, in words for the model. */
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** What is wrong at one place of a value. */
export interface SchemaProblem {
  /** The place, such as `steps.0`; `""` is the value as a whole. */
  readonly path: string
  /** What is expected. It may quote the value, so it goes to the model only, never into an error or a log. */
  readonly message: string
}

/** The problems that an `effect/Schema` found. */
export const problemsOf = (error: ParseResult.ParseError): ReadonlyArray<SchemaProblem> =>
  ParseResult.ArrayFormatter.formatErrorSync(error).map(({ path, message }) => ({
    path: path.map(String).join("."),
    message
  }))

// Lists, objects and what is in them. A problem takes 2 µs to find and describe, so all those of a larger value could block
// the process for seconds.
const maxValues = 10_000

/** Makes the decoder of an `effect/Schema`. It finds all problems of a value, or the first one of a very large value. */
export const decoderOf = <A, I>(
  schema: Schema.Schema<A, I>
): ((value: unknown) => Effect.Effect<A, ReadonlyArray<SchemaProblem>>) => {
  const decode = Schema.decodeUnknown(schema)
  return (value) => Effect.mapError(decode(value, { errors: isLarge(value) ? "first" : "all" }), problemsOf)
}

const isLarge = (value: unknown): boolean => {
  const rest: Array<unknown> = [value]
  for (let seen = 0; rest.length > 0; seen++) {
    if (seen + rest.length > maxValues) return true
    const next = rest.pop()
    if (typeof next === "object" && next !== null) for (const inner of Object.values(next)) rest.push(inner)
  }
  return false
}

// Enough for the model to correct itself, and little enough to cost nothing.
const maxProblems = 5
const maxLength = 2000

/** Writes the first problems, one a line. */
export const textOfProblems = (problems: ReadonlyArray<SchemaProblem>): string =>
  problems
    .slice(0, maxProblems)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
    .join("\n")
    .slice(0, maxLength)
