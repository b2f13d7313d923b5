/** OpenAI's embeddings, from the server's side: https://platform.openai.com/docs/api-reference/embeddings */
import * as Either from "effect/Either"
import type { EmbedRequest } from "../../domain/Embedding.js"
import type { JsonObject } from "../../http/Json.js"
import { base64 } from "./base64Vector.js"
import { type FieldRules, fieldProblem, listOf, oneOfWords, textOr, typed } from "./fieldRules.js"
import { number, text, texts } from "./fields.js"
import { invalid, outOfRange } from "./openAIRules.js"
import type { ServedError } from "./ServedError.js"

/** A request of a front end, as a request of this library. */
export interface ReadEmbedRequest {
  /** The name that the front end uses for the model. */
  readonly model: string
  /** Without a model: the name is the server's own. */
  readonly request: EmbedRequest
  /** Whether the vectors are wanted as 32-bit floats in base64. */
  readonly isBase64: boolean
}

// OpenAI's own limit.
const maxInputs = 2048

const fields: FieldRules = {
  model: typed("string"),
  input: textOr(listOf(typed("string"))),
  dimensions: typed("number"),
  encoding_format: oneOfWords("float", "base64"),
  user: typed("string")
}

/** Reads a request, or says as OpenAI does what is wrong with it. Tokens cannot stand for texts: models split differently. */
export const readEmbedRequest = (body: JsonObject): Either.Either<ReadEmbedRequest, ServedError> => {
  const input = texts(body["input"])
  const problem =
    (body["model"] == null ? invalid("you must provide a model parameter", "model") : undefined) ??
    fieldProblem(body, fields) ??
    inputProblem(input) ??
    outOfRange(body, "dimensions", 1)
  if (problem !== undefined) return Either.left(problem)
  return Either.right({
    model: text(body["model"]) ?? "",
    request: { input, dimensions: number(body["dimensions"]) },
    isBase64: body["encoding_format"] === "base64"
  })
}

const inputProblem = (input: ReadonlyArray<string>): ServedError | undefined => {
  if (input.length === 0 || input.includes(""))
    return invalid("'$.input' is invalid. Please check the API reference.", "input")
  return input.length > maxInputs
    ? invalid(`'input' has ${input.length} texts. Send at most ${maxInputs} in one request.`, "input")
    : undefined
}

/** What a list of vectors says besides them. */
export interface EmbeddingListOptions {
  readonly model: string
  readonly inputTokens: number
  readonly isBase64: boolean
}

/** The response with the vectors, in the order of the texts. */
export const embeddingList = (
  vectors: ReadonlyArray<ReadonlyArray<number>>,
  { model, inputTokens, isBase64 }: EmbeddingListOptions
): JsonObject => ({
  object: "list",
  data: vectors.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: isBase64 ? base64(vector) : vector
  })),
  model,
  usage: { prompt_tokens: inputTokens, total_tokens: inputTokens }
})
