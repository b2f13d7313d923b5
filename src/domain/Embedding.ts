/** Requests and responses of embeddings. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { invalidRequest } from "./ChatRequest.js"
import type { ValidationError } from "./LLMError.js"
import { lazySchema } from "./lazy.js"
import type { Usage } from "./Usage.js"
import { optional, positive, says, validator } from "./validation.js"

/** A request for the vectors of texts. */
export interface EmbedRequest {
  /** One text or several, which are sent in batches of the size that the provider accepts. */
  readonly input: string | ReadonlyArray<string>
  /** The provider's id of the model, without the provider; the layer's model by default. */
  readonly model?: string | undefined
  /** The length of the vectors, if the model offers a choice. */
  readonly dimensions?: number | undefined
  /** Fields to add to the request body unchanged, by provider name. */
  readonly providerOptions?: { readonly [provider: string]: { readonly [field: string]: unknown } } | undefined
}

/** The vectors, in the order of the texts. */
export interface EmbedResponse {
  /** One vector per text. */
  readonly embeddings: ReadonlyArray<ReadonlyArray<number>>
  /** `null` if the provider reports none. */
  readonly usage: Usage | null
  /** US dollars; `null` without a catalog of prices in context or with an unknown model. */
  readonly cost: number | null
  /** The model as the provider named it in its response, or else as the caller requested it. */
  readonly model: string
  /** The provider of the response. */
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
    model: optional(Schema.NonEmptyString.pipe(says("must be the provider's id of a model"))),
    dimensions: optional(positive()),
    providerOptions: optional(Schema.Record({ key: Schema.String, value: jsonObject() }))
  })
)

const validate = validator(EmbedRequest)

/** Checks a request on entry. */
export const checkEmbed = (request: EmbedRequest, provider: string): Either.Either<EmbedRequest, ValidationError> =>
  Either.mapLeft(validate(request), (problem) => invalidRequest(problem, provider, request?.model))
