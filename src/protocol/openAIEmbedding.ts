/** OpenAI's embeddings, which most vendors copy: https://platform.openai.com/docs/api-reference/embeddings */
import { Either, Schema } from "effect"
import type { EmbeddingProtocol } from "./EmbeddingProtocol.js"
import { reportedError } from "./openAIErrors.js"

const responseSchema = () =>
  Schema.Struct({
    data: Schema.Array(
      Schema.Struct({
        index: Schema.optional(Schema.NullOr(Schema.Number)),
        embedding: Schema.Array(Schema.Number)
      })
    ),
    model: Schema.optional(Schema.NullOr(Schema.String)),
    usage: Schema.optional(
      Schema.NullOr(Schema.Struct({ prompt_tokens: Schema.optional(Schema.NullOr(Schema.Number)) }))
    )
  })

/** Makes the protocol for one vendor. OpenAI accepts 2,048 texts per request. */
export const make = (provider: string, maxBatchSize = 2048): EmbeddingProtocol => ({
  maxBatchSize,
  encode: (batch) =>
    Either.right({
      path: "/embeddings",
      body: {
        model: batch.model,
        input: batch.input,
        dimensions: batch.dimensions,
        encoding_format: "float",
        ...batch.providerOptions?.[provider]
      }
    }),
  decode: (response, count) => {
    if (!Schema.is(responseSchema())(response)) return Either.left("data is not as documented")
    const ordered = response.data
      .map((item, position) => ({ ...item, index: item.index ?? position }))
      .sort((a, b) => a.index - b.index)
    return ordered.length === count
      ? Either.right({
          embeddings: ordered.map((item) => item.embedding),
          inputTokens: response.usage?.prompt_tokens ?? null,
          model: response.model ?? ""
        })
      : Either.left(`it has ${ordered.length} vectors for ${count} texts`)
  },
  reportedError
})
