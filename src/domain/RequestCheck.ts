/** Says in one sentence, without quoting a value, what is wrong with a request. */
import { Either, ParseResult, Schema } from "effect"
import { compileExact } from "./Check.js"
import { ValidationError } from "./LLMError.js"
import { once } from "./once.js"

/** Makes the check of a request; an unknown field is an error too, as it would otherwise be dropped in silence. */
export const validator = <A>(schema: Schema.Schema<A>): ((request: unknown) => Either.Either<A, string>) => {
  const fits = once(() => compileExact(schema))
  const validate = once(() => Schema.validateEither(schema, { onExcessProperty: "error" }))
  return (request) => (fits()(request) ? Either.right(request) : Either.mapLeft(validate()(request), firstIssue))
}

/** The error of a request that was not sent. */
export const refused = (problem: string, provider: string, model: unknown): ValidationError =>
  new ValidationError({
    provider,
    model: typeof model === "string" ? model : "",
    message: `the request is wrong: ${problem}`
  })

const firstIssue = (error: ParseResult.ParseError): string => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
  const issue = issues.find((each) => each._tag !== "Forbidden") ?? issues[0]
  const path = issue === undefined ? "" : pathOf(issue.path)
  if (issue?._tag === "Unexpected") return `${path} is not a field of a request; is it misspelt?`
  if (issue?._tag === "Missing") return `${path} is missing`
  return `${path} ${withoutValue(issue?.message ?? "is not valid")}`
}

const pathOf = (path: ReadonlyArray<PropertyKey>): string =>
  path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`))
    .join("")

/** The formatter quotes what it found, which may be a prompt. */
const withoutValue = (message: string): string =>
  message.startsWith("Expected ")
    ? `must be ${message.slice("Expected ".length).replace(/, actual[\s\S]*$/, "")}`
    : message
