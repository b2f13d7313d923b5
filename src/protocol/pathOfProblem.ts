/** Says where an event differs from what its provider documents. */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** Names the path of the first field with a wrong shape, but not its value, which may be content. */
export const pathOfProblem = <A>(schema: Schema.Schema<A>, json: unknown): string => {
  const result = Schema.validateEither(schema)(json)
  const issue = result._tag === "Left" ? ParseResult.ArrayFormatter.formatErrorSync(result.left)[0] : undefined
  return issue?.path.map(String).join(".") || "the event"
}
