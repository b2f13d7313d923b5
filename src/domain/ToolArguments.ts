/** Decodes the arguments of a tool call. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { isTooDeep, maxJsonDepth } from "./JsonText.js"
import { ValidationError } from "./LLMError.js"
import type { ToolCall } from "./Message.js"

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
  parse(call.arguments === "" ? "{}" : call.arguments).pipe(
    Either.flatMap((json: unknown) => Either.mapLeft(Schema.decodeUnknownEither(schema)(json), whereOf)),
    Either.mapLeft(
      (problem) =>
        new ValidationError({ provider: "", model: "", message: `the arguments of the tool ${call.name} ${problem}` })
    )
  )

const parse = (text: string): Either.Either<unknown, string> =>
  isTooDeep(text)
    ? Either.left(`are nested more than ${maxJsonDepth} levels deep`)
    : Either.try({ try: () => JSON.parse(text, withoutPrototype), catch: () => "are not valid JSON" })

/** Removes `__proto__` keys, as a reviver of `JSON.parse`. */
export const withoutPrototype = (key: string, value: unknown): unknown => (key === "__proto__" ? undefined : value)

const whereOf = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = issue?.path.map(String).join(".") ?? ""
  return path === "" ? "do not match its schema" : `do not match its schema at ${path}`
}
