/** Answers embeddings requests. */
import * as Effect from "effect/Effect"
import { embeddingList, readEmbedRequest } from "../../protocol/serve/openAIEmbeddings.js"
import { type Answer, callOptionsOf, json } from "./GatewayCall.js"
import { rejectionOf } from "./Rejection.js"

/** Answers `POST /v1/embeddings`. */
export const embeddings: Answer = (call) =>
  Effect.gen(function* () {
    const { model, request, isBase64 } = yield* readEmbedRequest(yield* call.body)
    const client = yield* call.models.clientOf(model, call.caller)
    const embedding = client.embed(request, callOptionsOf(call))
    const response = yield* Effect.mapError(embedding, (error) => rejectionOf(error, model))
    const inputTokens = response.usage?.inputTokens ?? 0
    return json(embeddingList(response.embeddings, { model, inputTokens, isBase64 }))
  })
