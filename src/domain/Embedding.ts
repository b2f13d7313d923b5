/** Texts as vectors: what is asked for, and what comes back. */
import { Either, Schema } from "effect"
import { lazySchema, nullish, positive, says } from "./Field.js"
import type { ValidationError } from "./LLMError.js"
import { refused, validator } from "./RequestCheck.js"
import type { Usage } from "./Usage.js"

/** Texts to be embedded. */
export interface EmbedRequest {
  /** One text or many; many are sent in batches as large as the provider takes. */
  readonly input: string | ReadonlyArray<string>
  /** The provider's own id of the model; the layer's model when left out. */
  readonly model?: string | undefined
  /** The length of the vectors, where the model offers a choice. */
  readonly dimensions?: number | undefined
  /** Fields to add to the body as they are, by provider name. */
  readonly providerOptions?: { readonly [provider: string]: { readonly [field: string]: unknown } } | undefined
}

/** The vectors, in the order of the texts. */
export interface EmbedResponse {
  /** One vector per text. */
  readonly embeddings: ReadonlyArray<ReadonlyArray<number>>
  /** `null` where the wire has none. */
  readonly usage: Usage | null
  /** US dollars; `null` without a catalog of prices in context or with an unknown model. */
  readonly cost: number | null
  /** The model as the provider named it in its answer, or else as it was asked for. */
  readonly model: string
  /** The provider that answered. */
  readonly provider: string
}

const jsonObject = () => Schema.Record({ key: Schema.String, value: Schema.Unknown })

/** The schema of a request. */
export const EmbedRequest: Schema.Schema<EmbedRequest> = lazySchema(() =>
  Schema.Struct({
    input: Schema.Union(
      Schema.NonEmptyString,
      Schema.Array(Schema.NonEmptyString).pipe(Schema.filter((texts) => texts.length > 0))
    ).pipe(says("must be a text or a list of texts, none of them empty")),
    model: nullish(Schema.NonEmptyString.pipe(says("must be the provider's id of a model"))),
    dimensions: nullish(positive()),
    providerOptions: nullish(Schema.Record({ key: Schema.String, value: jsonObject() }))
  })
)

const validate = validator(EmbedRequest)

/** Checks a request on entry. */
export const checkEmbed = (request: EmbedRequest, provider: string): Either.Either<EmbedRequest, ValidationError> =>
  Either.mapLeft(validate(request), (problem) => refused(problem, provider, request?.model))
