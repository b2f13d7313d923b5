/** Google's embeddings: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
import { Either, Schema } from "effect"
import type { EmbeddingProtocol } from "../EmbeddingProtocol.js"
import { errorRules, reportedError } from "./errors.js"
import * as Model from "./model.js"

const answerSchema = () =>
  Schema.Struct({
    embeddings: Schema.Array(Schema.Struct({ values: Schema.Array(Schema.Number) })),
    usageMetadata: Schema.optional(
      Schema.NullOr(Schema.Struct({ promptTokenCount: Schema.optional(Schema.NullOr(Schema.Number)) }))
    )
  })

/** Makes the protocol for one provider; Google takes 100 texts a request. */
export const make = (provider: string): EmbeddingProtocol => ({
  maxBatchSize: 100,
  encode: (batch) =>
    Either.map(Model.pathOf(batch.model), (path) => ({
      path: `${path}:batchEmbedContents`,
      body: {
        requests: batch.input.map((text) => ({
          model: path.slice(1),
          content: { parts: [{ text }] },
          outputDimensionality: batch.dimensions,
          ...batch.providerOptions?.[provider]
        }))
      }
    })),
  decode: (answer, count) => {
    if (!Schema.is(answerSchema())(answer)) return Either.left("embeddings is not as documented")
    return answer.embeddings.length === count
      ? Either.right({
          embeddings: answer.embeddings.map((each) => each.values),
          inputTokens: answer.usageMetadata?.promptTokenCount ?? null,
          model: ""
        })
      : Either.left(`it has ${answer.embeddings.length} vectors for ${count} texts`)
  },
  reportedError,
  errorRules
})
