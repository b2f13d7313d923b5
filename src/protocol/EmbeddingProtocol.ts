/** How one API protocol embeds texts: data and pure functions. */
import type { Either } from "effect"
import type { EmbedRequest } from "../domain/Embedding.js"
import type { ErrorRules, ReportedError } from "../http/errorClassification.js"
import type { Encoded } from "./Protocol.js"

/** A request with its model named and its texts as a list, no longer than a batch may be. */
export interface Batch extends EmbedRequest {
  readonly model: string
  readonly input: ReadonlyArray<string>
}

/** The vectors of a batch, in the order of its texts. */
export interface Embedded {
  readonly embeddings: ReadonlyArray<ReadonlyArray<number>>
  /** The tokens that were read, `null` where the wire does not say. */
  readonly inputTokens: number | null
  /** The model that the provider says it used, `""` when it does not. */
  readonly model: string
}

/** One API protocol's embeddings. */
export interface EmbeddingProtocol {
  /** The most texts that one request may hold. */
  readonly maxBatchSize: number
  readonly encode: (batch: Batch) => Either.Either<Encoded, string>
  /** Reads an answer to so many texts, or says what is not as documented. */
  readonly decode: (answer: unknown, count: number) => Either.Either<Embedded, string>
  readonly reportedError: (body: unknown) => ReportedError | undefined
  readonly errorRules: ErrorRules
}
