/** The embeddings of an API protocol: data and pure functions. */
import type * as Either from "effect/Either"
import type { EmbedRequest } from "../domain/Embedding.js"
import type { ReportedError } from "../http/errors/classification.js"
import type { Encoded } from "./Protocol.js"

/** A request with a model and a list of at most `maxBatchSize` texts. */
export interface Batch extends EmbedRequest {
  readonly model: string
  readonly input: ReadonlyArray<string>
}

/** The vectors of a batch, in the order of the texts. */
export interface Embedded {
  readonly embeddings: ReadonlyArray<ReadonlyArray<number>>
  /** The input tokens; `null` if the provider does not report them. */
  readonly inputTokens: number | null
  /** The model that the provider reports; `""` if it reports none. */
  readonly model: string
}

/** How much one request may contain. */
export interface BatchLimits {
  /** The most texts. */
  readonly maxBatchSize: number
  /**
   * The most tokens of all texts together; unlimited by default. A text counts as many as it has bytes, since no token has
   * less than one.
   */
  readonly maxBatchTokens?: number | undefined
}

/** The embeddings of an API protocol. */
export interface EmbeddingProtocol extends BatchLimits {
  readonly encode: (batch: Batch) => Either.Either<Encoded, string>
  /** Decodes the response to `count` texts, or says what differs from the documentation. */
  readonly decode: (response: unknown, count: number) => Either.Either<Embedded, string>
  readonly reportedError: (body: unknown) => ReportedError | undefined
}
