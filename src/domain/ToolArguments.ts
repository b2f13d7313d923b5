/** Decodes the arguments of a tool call. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { ValidationError } from "./LLMError.js"
import type { ToolCall } from "./Message.js"
import { parseModelJson } from "./ModelJson.js"

/**
 * Parses and decodes the arguments of a tool call, without `__proto__` keys. Arguments that do not match the schema are a
 * `ValidationError` that says where, which can be sent to the model as the tool's result.
 *
 * ```ts
 * const decoded = response.toolCalls.map((call) => decodeToolArguments(call, Weather))
 * ```
 */
export const decodeToolArguments = <A, I>(
  call: ToolCall,
  schema: Schema.Schema<A, I>
): Either.Either<A, ValidationError> =>
  parseModelJson(call.arguments === "" ? "{}" : call.arguments).pipe(
    Either.mapLeft((problem) => `are ${problem}`),
    Either.flatMap((json: unknown) => Either.mapLeft(Schema.decodeUnknownEither(schema)(json), whereOf)),
    Either.mapLeft(
      (problem) =>
        new ValidationError({ provider: "", model: "", message: `the arguments of the tool ${call.name} ${problem}` })
    )
  )

const whereOf = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = issue?.path.map(String).join(".") ?? ""
  return path === "" ? "do not match its schema" : `do not match its schema at ${path}`
}
