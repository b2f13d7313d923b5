/** Asks a provider for vectors, one request at a time. */
import type { HttpClient } from "@effect/platform"
import { Effect, Either } from "effect"
import { checkEmbed, type EmbedRequest, type EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import * as Usage from "../domain/Usage.js"
import * as Body from "../http/Body.js"
import * as httpErrors from "../http/httpErrors.js"
import type { EmbeddingProtocol } from "../protocol/EmbeddingProtocol.js"
import type { Connection } from "./Endpoint.js"
import type { CallOptions } from "./Provider.js"
import { begin, invalid, poster, readAnswer } from "./send.js"
import { timeoutMillis } from "./Timeouts.js"

/** Asks for the vectors of one batch. */
export const embedder = (protocol: EmbeddingProtocol, connection: Connection, client: HttpClient.HttpClient) => {
  const post = poster(protocol, connection, client)
  return (request: EmbedRequest, options?: CallOptions): Effect.Effect<EmbedResponse, LLMError> =>
    Effect.gen(function* () {
      const checked = yield* checkEmbed(request, connection.provider)
      const input = typeof checked.input === "string" ? [checked.input] : checked.input
      const context = begin(connection, checked.model ?? "", input)
      if (checked.model === undefined) return yield* invalid(context, "no model is named for the embeddings; set one")
      if (input.length > protocol.batchSize) {
        return yield* invalid(context, `input has more than ${protocol.batchSize} texts; LLMClient.embed splits them`)
      }
      const encoded = protocol.encode({ ...checked, model: checked.model, input })
      if (Either.isLeft(encoded)) return yield* invalid(context, encoded.left)
      const received = yield* post(encoded.right, context, timeoutMillis(options?.timeouts, false))
      const answer = yield* readAnswer(yield* Body.open(received.response), received.context, connection.sizeLimits)
      const decoded = protocol.decode(answer, input.length)
      if (Either.isLeft(decoded)) return yield* httpErrors.malformed(received.context, decoded.left)
      const { embeddings, inputTokens, model } = decoded.right
      return {
        embeddings,
        usage: inputTokens === null ? null : Usage.make({ inputTokens, outputTokens: 0 }),
        cost: null,
        model: model === "" ? context.model : model,
        provider: connection.provider
      }
    }).pipe(Effect.scoped)
}
