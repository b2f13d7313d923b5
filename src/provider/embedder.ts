/** Asks a provider for vectors, one request at a time. */
import type { HttpClient } from "@effect/platform"
import { Effect, Either } from "effect"
import type { EmbeddingProtocol } from "../protocol/EmbeddingProtocol.js"
import { checkEmbed, type EmbedRequest, type EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import * as Body from "../http/Body.js"
import * as HttpFailure from "../http/httpErrors.js"
import type { Connection } from "./Endpoint.js"
import { begin, invalid, poster, readAnswer } from "./send.js"
import type { CallOptions } from "./Provider.js"
import { limitsOf } from "./Timeouts.js"

/** Asks for the vectors of one batch. */
export const embedder = (protocol: EmbeddingProtocol, connection: Connection, client: HttpClient.HttpClient) => {
  const post = poster(protocol, connection, client)
  return (request: EmbedRequest, options?: CallOptions): Effect.Effect<EmbedResponse, LLMError> =>
    Effect.gen(function* () {
      const checked = yield* checkEmbed(request, connection.provider)
      const input = typeof checked.input === "string" ? [checked.input] : checked.input
      const exchange = begin(connection, checked.model ?? "", input)
      if (checked.model === undefined) return yield* invalid(exchange, "no model is named for the embeddings; set one")
      if (input.length > protocol.batchSize) {
        return yield* invalid(exchange, `input has more than ${protocol.batchSize} texts; LLMClient.embed splits them`)
      }
      const encoded = protocol.encode({ ...checked, model: checked.model, input })
      if (Either.isLeft(encoded)) return yield* invalid(exchange, encoded.left)
      const received = yield* post(encoded.right, exchange, limitsOf(options?.timeouts, false))
      const answer = yield* readAnswer(yield* Body.open(received.response), received.exchange, connection.bounds)
      const decoded = protocol.decode(answer, input.length)
      if (Either.isLeft(decoded)) return yield* HttpFailure.malformed(received.exchange, decoded.left)
      const { embeddings, inputTokens, model } = decoded.right
      return {
        embeddings,
        usage: inputTokens === null ? null : Usage.make({ inputTokens, outputTokens: 0 }),
        cost: null,
        model: model === "" ? exchange.model : model,
        provider: connection.provider
      }
    }).pipe(Effect.scoped)
}
