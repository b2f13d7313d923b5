/** The arguments that a model wrote for a tool. */
import { Either, ParseResult, Schema } from "effect"
import { ValidationError } from "./LLMError.js"
import type { ToolCall } from "./Message.js"

/**
 * Parses and decodes the arguments of a call. No key of theirs reaches a prototype: `__proto__` is left out. Arguments
 * that do not fit are a `ValidationError` that says where, to be told to the model as the tool's answer.
 *
 * ```ts
 * const decoded = response.toolCalls.map((call) => decodeToolArguments(call, Weather))
 * ```
 */
export const decodeToolArguments = <A, I>(
  call: ToolCall,
  schema: Schema.Schema<A, I>
): Either.Either<A, ValidationError> =>
  Either.try(() => JSON.parse(call.arguments === "" ? "{}" : call.arguments, withoutPrototype)).pipe(
    Either.mapLeft(() => "are no JSON"),
    Either.flatMap((json: unknown) => Either.mapLeft(Schema.decodeUnknownEither(schema)(json), whereOf)),
    Either.mapLeft(
      (problem) =>
        new ValidationError({ provider: "", model: "", message: `the arguments of the tool ${call.name} ${problem}` })
    )
  )

const withoutPrototype = (key: string, value: unknown): unknown => (key === "__proto__" ? undefined : value)

const whereOf = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = issue?.path.map(String).join(".") ?? ""
  return path === "" ? "do not fit its schema" : `do not fit its schema at ${path}`
}
