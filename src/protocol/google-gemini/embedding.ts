/** Embeds texts: https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { countOf } from "../../domain/Usage.js"
import type { EmbeddingProtocol } from "../EmbeddingProtocol.js"
import { orderVectors } from "../embeddingVectors.js"
import { reportedError } from "./errors.js"
import { modelPath } from "./request.js"

const responseSchema = () =>
  Schema.Struct({
    embeddings: Schema.Array(Schema.Struct({ values: Schema.Array(Schema.Number) })),
    usageMetadata: Schema.optional(
      Schema.NullOr(Schema.Struct({ promptTokenCount: Schema.optional(Schema.NullOr(Schema.Number)) }))
    )
  })

/** Makes the protocol for one provider. Google accepts 100 texts per request. */
export const make = (provider: string): EmbeddingProtocol => ({
  maxBatchSize: 100,
  encode: (batch) =>
    Either.map(modelPath(batch.model), (path) => ({
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
  decode: (response, count) => {
    if (!Schema.is(responseSchema())(response)) return Either.left("embeddings is not as documented")
    const vectors = response.embeddings.map(({ values }, index) => ({ index, vector: values }))
    return Either.map(orderVectors(vectors, count), (embeddings) => ({
      embeddings,
      inputTokens: countOf(response.usageMetadata?.promptTokenCount) ?? null,
      model: ""
    }))
  },
  reportedError
})
