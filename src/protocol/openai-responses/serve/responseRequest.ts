/** Reads Responses requests as requests of this library. */
import * as Either from "effect/Either"
import type { ChatRequest, ResponseFormat } from "../../../domain/ChatRequest.js"
import type { AssistantPart, ContentPart } from "../../../domain/ContentPart.js"
import type { Message } from "../../../domain/Message.js"
import type { JsonObject } from "../../../http/Json.js"
import { detailOf, sourceOf, wrongAddress } from "../../serve/dataUrl.js"
import { fieldProblem } from "../../serve/fieldRules.js"
import { number, object, objects, text, texts } from "../../serve/fields.js"
import { invalid } from "../../serve/openAIRules.js"
import { definitionOf, metadataOf, type ReadRequest, reasoningOf } from "../../serve/ReadRequest.js"
import type { ServedError } from "../../serve/ServedError.js"
import { responseFields } from "./fields.js"
import { problemOf, toolChoiceOf } from "./request.js"
import { unseal } from "./seal.js"

/** A request, and what it says about its response. */
export interface ReadResponseRequest extends ReadRequest {
  /** Whether reasoning comes with what has to go back with it. */
  readonly wantsSeals: boolean
}

/** Reads a request, or says as OpenAI does what is wrong with it or cannot be honored. */
export const readResponseRequest = (body: JsonObject): Either.Either<ReadResponseRequest, ServedError> => {
  const { input } = body
  const items = typeof input === "string" ? [{ role: "user", content: input }] : objects(input)
  const problem =
    missing(body, "model") ?? missing(body, "input") ?? fieldProblem(body, responseFields) ?? problemOf(body, items)
  if (problem !== undefined) return Either.left(problem)
  return Either.map(Either.all(items.map(messageOf)), (read) => ({
    model: text(body["model"]) ?? "",
    isStream: body["stream"] === true,
    includesUsage: true,
    obfuscates: object(body["stream_options"])["include_obfuscation"] === true,
    wantsSeals: texts(body["include"]).includes("reasoning.encrypted_content"),
    request: requestOf(body, joined(read))
  }))
}

const missing = (body: JsonObject, field: string): ServedError | undefined =>
  body[field] == null ? invalid(`Missing required parameter: '${field}'.`, field) : undefined

const requestOf = (body: JsonObject, messages: ReadonlyArray<Message>): ChatRequest => {
  const tools = objects(body["tools"]).map(definitionOf)
  const instructions = text(body["instructions"]) ?? ""
  return {
    messages: instructions === "" ? messages : [{ role: "system", content: instructions }, ...messages],
    maxTokens: number(body["max_output_tokens"]),
    temperature: number(body["temperature"]),
    topP: number(body["top_p"]),
    tools: tools.length === 0 ? undefined : tools,
    toolChoice: body["tool_choice"] == null ? undefined : toolChoiceOf(body["tool_choice"]),
    parallelToolCalls: typeof body["parallel_tool_calls"] === "boolean" ? body["parallel_tool_calls"] : undefined,
    responseFormat: formatOf(object(object(body["text"])["format"])),
    reasoning: reasoningOf(object(body["reasoning"])["effort"])
  }
}

const formatOf = ({ type, schema, name }: JsonObject): ResponseFormat | undefined =>
  type === "json_object"
    ? { type: "json" }
    : type === "json_schema"
      ? { type: "json", schema: object(schema), name: text(name) }
      : undefined

/** Joins what the model said before it was answered: reasoning, text and calls are items, but parts of one message. */
const joined = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const all: Array<Message> = []
  let parts: Array<AssistantPart> | undefined
  for (const message of messages) {
    if (message.role !== "assistant" || typeof message.content === "string") {
      parts = undefined
      all.push(message)
    } else if (parts === undefined) {
      parts = [...message.content]
      all.push({ role: "assistant", content: parts })
    } else for (const part of message.content) parts.push(part)
  }
  return all
}

const messageOf = (item: JsonObject, index: number): Either.Either<Message, ServedError> => {
  switch (item["type"] ?? "message") {
    case "function_call":
      return Either.right(assistant([callOf(item)]))
    case "reasoning":
      return Either.right(assistant([reasoningPart(item)]))
    case "function_call_output":
      return Either.map(contentOf(item["output"], `input[${index}].output`), (content) => ({
        role: "tool",
        toolCallId: text(item["call_id"]) ?? "",
        content
      }))
    default:
      return spoken(item, index)
  }
}

const assistant = (content: ReadonlyArray<AssistantPart>): Message => ({ role: "assistant", content })

const spoken = ({ role, content }: JsonObject, index: number): Either.Either<Message, ServedError> => {
  const path = `input[${index}].content`
  if (content == null)
    return Either.left({
      ...invalid(`Missing required parameter: '${path}'.`, path),
      code: "missing_required_parameter"
    })
  if (role === "user") return Either.map(contentOf(content, path), (read) => ({ role, content: read }))
  const said = typeof content === "string" ? [{ text: content }] : objects(content)
  if (role === "assistant") {
    return Either.right(
      assistant(
        said.map((part) => {
          const refusal = text(part["refusal"])
          return refusal === undefined
            ? { type: "text", text: text(part["text"]) ?? "" }
            : { type: "refusal", text: refusal }
        })
      )
    )
  }
  return Either.right({ role: "system", content: said.map((part) => text(part["text"]) ?? "").join("") })
}

const contentOf = (content: unknown, path: string): Either.Either<string | ReadonlyArray<ContentPart>, ServedError> =>
  typeof content === "string"
    ? Either.right(content)
    : Either.all(objects(content).map((part, at) => partOf(part, `${path}[${at}]`)))

const partOf = (part: JsonObject, path: string): Either.Either<ContentPart, ServedError> => {
  if (part["type"] === "input_image") {
    const source = sourceOf(text(part["image_url"]) ?? "")
    return source === undefined
      ? Either.left(wrongAddress(`${path}.image_url`))
      : Either.right({ type: "image", ...source, ...detailOf(part["detail"]) })
  }
  if (part["type"] === "input_file") {
    const source = sourceOf(text(part["file_data"]) ?? "")
    return source === undefined || "url" in source
      ? Either.left(wrongAddress(`${path}.file_data`))
      : Either.right({ type: "file", ...source, filename: text(part["filename"]) })
  }
  return Either.right({ type: "text", text: text(part["text"]) ?? "" })
}

const callOf = (item: JsonObject): AssistantPart => ({
  type: "tool-call",
  id: text(item["call_id"]) ?? "",
  name: text(item["name"]) ?? "",
  arguments: text(item["arguments"]) ?? "",
  ...metadataOf(item["extra_content"])
})

const reasoningPart = (item: JsonObject): AssistantPart => ({
  type: "reasoning",
  text: objects(item["summary"])
    .map((part) => text(part["text"]) ?? "")
    .join("\n"),
  ...unseal(text(item["encrypted_content"]) ?? "")
})
