/** Makes the schema of a request, which is decoded to what a server needs of it and never encoded. */
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { isBottomless } from "../../domain/JsonText.js"

/** Says what is wrong with a request. */
export class Malformed {
  constructor(readonly problem: string) {}
}

/** Makes the schema of a request from that of its JSON. Values of more than 256 levels are refused. */
export const requestSchema =
  <B, I>(body: Schema.Schema<B, I>) =>
  <A>(decode: (body: B) => A | Malformed): Schema.Schema<A, I> =>
    Schema.transformOrFail(
      body,
      Schema.declare((request: unknown): request is A => request !== undefined),
      {
        strict: true,
        decode: (json, _, ast) => {
          const request = isBottomless(json) ? new Malformed("the request is nested too deep") : decode(json)
          return request instanceof Malformed
            ? ParseResult.fail(new ParseResult.Type(ast, undefined, request.problem))
            : ParseResult.succeed(request)
        },
        encode: (request, _, ast) =>
          ParseResult.fail(new ParseResult.Forbidden(ast, request, "requests are only decoded"))
      }
    )
