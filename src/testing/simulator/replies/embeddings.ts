/** Vectors that follow from their texts: texts that share words are near each other, so that a search finds them. */
import * as Either from "effect/Either"
import type { JsonObject } from "../../../http/Json.js"
import { list, number, object, objects, text } from "../../../protocol/serve/fields.js"
import { idOf, numbers } from "../../../protocol/serve/hash.js"
import { embeddingList } from "../../../protocol/serve/openAIEmbeddings.js"
import type { ServedError } from "../../../protocol/serve/ServedError.js"
import type { SuccessResponse } from "../../../protocol/serve/WireFormat.js"
import { tokensOf } from "./tokens.js"

// More would only cost time.
const mostWords = 256

/** The vector of a text, of length 1: the sum of those of its words. */
export const vectorOf = (text: string, dimensions: number): ReadonlyArray<number> => {
  const words = new Set(
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, mostWords) ?? [""]
  )
  const sum = Array.from({ length: dimensions }, () => 0)
  for (const word of words) {
    const source = numbers(`word ${word}`)
    for (let index = 0; index < dimensions; index++) sum[index] = (sum[index] ?? 0) + source.next().value - 0.5
  }
  const length = Math.hypot(...sum) || 1
  return sum.map((each) => each / length)
}

const dimensionsOf = (model: string, wanted: unknown): number =>
  Math.max(1, number(wanted) ?? (/3-large|gemini-embedding/.test(model) ? 3072 : /004|005/.test(model) ? 768 : 1536))

type Result = Either.Either<SuccessResponse, ServedError>

const invalid = (message: string): Result => Either.left({ kind: "invalidRequest", message })

const success = (body: JsonObject): Result => Either.right({ type: "json", body, deltas: 0 })

/** OpenAI's: https://platform.openai.com/docs/api-reference/embeddings */
export const embedOpenAI = (body: JsonObject): Result => {
  const model = text(body["model"])
  if (model === undefined) return invalid("you must provide a model parameter")
  if (model.includes("unknown")) return Either.left({ kind: "modelNotFound" })
  const inputs = typeof body["input"] === "string" ? [body["input"]] : list(body["input"])
  if (inputs.length === 0 || inputs.includes(""))
    return invalid("'$.input' is invalid. Please check the API reference.")
  // Tokens may stand for texts; a list of numbers is one of them.
  const texts = typeof inputs[0] === "number" ? [JSON.stringify(inputs)] : inputs.map(textOf)
  const inputTokens = texts.reduce((sum, each) => sum + tokensOf(each), 0)
  const vectors = texts.map((each) => vectorOf(each, dimensionsOf(model, body["dimensions"])))
  const isBase64 = body["encoding_format"] === "base64"
  const embeddings = embeddingList(vectors, { model, inputTokens, isBase64 })
  // Mistral's official client rejects embeddings without an id and a count of completion tokens.
  return success(
    /^(?:mistral|codestral)-/.test(model)
      ? {
          id: idOf(texts.join("\n"), 32),
          ...embeddings,
          usage: { ...object(embeddings["usage"]), completion_tokens: 0 }
        }
      : embeddings
  )
}

const textOf = (input: unknown): string => (typeof input === "string" ? input : JSON.stringify(input))

/** Google's: https://ai.google.dev/api/embeddings */
export const embedGoogle =
  (model: string) =>
  (body: JsonObject): Result => {
    const requests = objects(body["requests"])
    if (model.includes("unknown")) return Either.left({ kind: "modelNotFound" })
    if (requests.length === 0) return invalid("* BatchEmbedContentsRequest.requests: requests is not specified")
    const texts = requests.map((request) =>
      objects(object(request["content"])["parts"])
        .map((part) => text(part["text"]) ?? "")
        .join("")
    )
    const tokens = texts.reduce((sum, each) => sum + tokensOf(each), 0)
    const embeddings = texts.map((each, index) => ({
      values: vectorOf(each, dimensionsOf(model, requests[index]?.["outputDimensionality"]))
    }))
    return success({ embeddings, usageMetadata: { promptTokenCount: tokens, totalTokenCount: tokens } })
  }
