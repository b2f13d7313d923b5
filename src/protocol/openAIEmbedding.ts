/** OpenAI's embeddings, which most vendors copy: https://platform.openai.com/docs/api-reference/embeddings */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { countOf } from "../domain/Usage.js"
import type { BatchLimits, EmbeddingProtocol } from "./EmbeddingProtocol.js"
import { decodeBase64Vector, orderVectors } from "./embeddingVectors.js"
import { reportedError } from "./openAIErrors.js"

const responseSchema = () =>
  Schema.Struct({
    data: Schema.Array(
      Schema.Struct({
        index: Schema.optional(Schema.NullOr(Schema.Number)),
        embedding: Schema.Union(Schema.Array(Schema.Number), Schema.String)
      })
    ),
    model: Schema.optional(Schema.NullOr(Schema.String)),
    usage: Schema.optional(
      Schema.NullOr(Schema.Struct({ prompt_tokens: Schema.optional(Schema.NullOr(Schema.Number)) }))
    )
  })

/**
 * OpenAI accepts 2,048 texts per request, and 300,000 tokens of all texts together:
 * https://platform.openai.com/docs/api-reference/embeddings/create (`input`)
 */
export const openAILimits: BatchLimits = { maxBatchSize: 2048, maxBatchTokens: 300_000 }

/** Makes the protocol for one vendor. */
export const make = (provider: string, limits: BatchLimits): EmbeddingProtocol => ({
  ...limits,
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
    const vectors = response.data.map(({ index, embedding }, position) => ({
      index: index ?? position,
      // Base64 where `providerOptions` ask for it.
      vector: typeof embedding === "string" ? (decodeBase64Vector(embedding) ?? []) : embedding
    }))
    return Either.map(orderVectors(vectors, count), (embeddings) => ({
      embeddings,
      inputTokens: countOf(response.usage?.prompt_tokens) ?? null,
      model: response.model ?? ""
    }))
  },
  reportedError
})
