/** What is wrong with a value that a model wrote, in words for the model. */
import * as ParseResult from "effect/ParseResult"

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
