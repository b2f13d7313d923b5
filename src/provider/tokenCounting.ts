/** Asks a provider how many tokens a request takes, without an answer to it. */
import type { HttpClient } from "@effect/platform"
import { Effect, Either } from "effect"
import * as Body from "../http/Body.js"
import * as httpErrors from "../http/httpErrors.js"
import { readCount, type TokenCountProtocol } from "../protocol/TokenCountProtocol.js"
import type { Connection } from "./Endpoint.js"
import type { CountTokens } from "./Provider.js"
import { prepareRequest } from "./prepareRequest.js"
import { invalid, poster, readAnswer } from "./send.js"
import { timeoutMillis } from "./Timeouts.js"

/** Makes the counting of a protocol, an address and a client. */
export const make = (
  protocol: TokenCountProtocol,
  connection: Connection,
  client: HttpClient.HttpClient
): CountTokens => {
  const post = poster(protocol, connection, client)
  return (request, options) =>
    Effect.gen(function* () {
      const { prepared, context } = yield* prepareRequest(request, connection)
      const encoded = protocol.encode(prepared)
      if (Either.isLeft(encoded)) return yield* invalid(context, encoded.left)
      const received = yield* post(encoded.right, context, timeoutMillis(options?.timeouts, false))
      const answer = yield* readAnswer(yield* Body.open(received.response), received.context, connection.sizeLimits)
      const tokens = readCount(answer, protocol.field)
      return tokens === undefined
        ? yield* httpErrors.malformed(received.context, `${protocol.field} is not as documented`)
        : { tokens, isExact: protocol.isExact }
    }).pipe(Effect.scoped)
}
