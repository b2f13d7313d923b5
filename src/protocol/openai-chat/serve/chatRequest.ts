/** Reads chat completions requests as requests of this library. */
import * as Either from "effect/Either"
import type { ChatRequest, ResponseFormat, ToolDefinition } from "../../../domain/ChatRequest.js"
import type { AssistantPart, ContentPart, TextPart } from "../../../domain/ContentPart.js"
import type { Message } from "../../../domain/Message.js"
import type { JsonObject } from "../../../http/Json.js"
import { detailOf, sourceOf, wrongAddress } from "../../serve/dataUrl.js"
import { fieldProblem } from "../../serve/fieldRules.js"
import { number, object, objects, text, texts } from "../../serve/fields.js"
import { invalid } from "../../serve/openAIRules.js"
import { definitionOf, metadataOf, type ReadRequest, reasoningOf } from "../../serve/ReadRequest.js"
import type { ServedError } from "../../serve/ServedError.js"
import { chatFields } from "./fields.js"
import { toolChoiceOf } from "./request.js"
import { problemOf } from "./rules.js"

/** Reads a request, or says as OpenAI does what is wrong with it or cannot be honored. */
export const readChatRequest = (body: JsonObject): Either.Either<ReadRequest, ServedError> => {
  const messages = objects(body["messages"])
  const problem =
    (body["model"] == null ? invalid("you must provide a model parameter", "model") : undefined) ??
    fieldProblem(body, chatFields) ??
    problemOf(body, messages, { isCompatible: true }) ??
    contentProblem(messages)
  if (problem !== undefined) return Either.left(problem)
  const streamOptions = object(body["stream_options"])
  return Either.map(Either.all(messages.map(messageOf)), (read) => ({
    model: text(body["model"]) ?? "",
    isStream: body["stream"] === true,
    includesUsage: streamOptions["include_usage"] === true,
    obfuscates: streamOptions["include_obfuscation"] === true,
    request: requestOf(body, read)
  }))
}

const requestOf = (body: JsonObject, messages: ReadonlyArray<Message>): ChatRequest => {
  const tools = objects(body["tools"]).map((tool): ToolDefinition => definitionOf(object(tool["function"])))
  return {
    messages,
    maxTokens: number(body["max_completion_tokens"]) ?? number(body["max_tokens"]),
    temperature: number(body["temperature"]),
    topP: number(body["top_p"]),
    stop: body["stop"] == null ? undefined : texts(body["stop"]),
    seed: number(body["seed"]),
    tools: tools.length === 0 ? undefined : tools,
    toolChoice: body["tool_choice"] == null ? undefined : toolChoiceOf(body["tool_choice"]),
    parallelToolCalls: typeof body["parallel_tool_calls"] === "boolean" ? body["parallel_tool_calls"] : undefined,
    responseFormat: formatOf(object(body["response_format"])),
    reasoning: reasoningOf(body["reasoning_effort"])
  }
}

const formatOf = (format: JsonObject): ResponseFormat | undefined => {
  switch (format["type"]) {
    case "json_object":
      return { type: "json" }
    case "json_schema": {
      const { name, schema } = object(format["json_schema"])
      return { type: "json", schema: object(schema), name: text(name) }
    }
    default:
      return undefined
  }
}

/** Only an assistant's message may have no content. */
const contentProblem = (messages: ReadonlyArray<JsonObject>): ServedError | undefined => {
  const index = messages.findIndex(({ role, content }) => role !== "assistant" && content == null)
  const path = `messages[${index}].content`
  return index === -1
    ? undefined
    : { ...invalid(`Missing required parameter: '${path}'.`, path), code: "missing_required_parameter" }
}

const messageOf = (message: JsonObject, index: number): Either.Either<Message, ServedError> => {
  const { content } = message
  switch (message["role"]) {
    case "user":
      return typeof content === "string"
        ? Either.right({ role: "user", content })
        : Either.map(
            Either.all(objects(content).map((part, at) => userPart(part, `messages[${index}].content[${at}]`))),
            (parts): Message => ({ role: "user", content: parts })
          )
    case "assistant":
      return Either.right({ role: "assistant", content: assistantParts(message) })
    case "tool":
      return Either.right({ role: "tool", toolCallId: text(message["tool_call_id"]) ?? "", content: textsOf(content) })
    default:
      return Either.right({ role: "system", content: textsOf(content) })
  }
}

const textsOf = (content: unknown): string | ReadonlyArray<TextPart> =>
  typeof content === "string" ? content : objects(content).map(textPart)

const textPart = (part: JsonObject): TextPart => ({ type: "text", text: text(part["text"]) ?? "", ...cacheOf(part) })

const cacheOf = (part: JsonObject): Pick<TextPart, "cache"> => {
  if (part["cache_control"] == null) return {}
  return { cache: object(part["cache_control"])["ttl"] === "1h" ? "1h" : "5m" }
}

const userPart = (part: JsonObject, path: string): Either.Either<ContentPart, ServedError> => {
  if (part["type"] === "text") return Either.right(textPart(part))
  const cache = cacheOf(part)
  if (part["type"] === "image_url") {
    const { url, detail } = object(part["image_url"])
    const source = sourceOf(text(url) ?? "")
    return source === undefined
      ? Either.left(wrongAddress(`${path}.image_url.url`))
      : Either.right({ type: "image", ...source, ...detailOf(detail), ...cache })
  }
  const file = object(part["file"])
  const source = sourceOf(text(file["file_data"]) ?? "")
  if (source === undefined || "url" in source) return Either.left(wrongAddress(`${path}.file.file_data`))
  return Either.right({ type: "file", ...source, filename: text(file["filename"]), ...cache })
}

const assistantParts = (message: JsonObject): ReadonlyArray<AssistantPart> => {
  const { content, refusal, reasoning_content: reasoning } = message
  const said =
    typeof content === "string"
      ? content === ""
        ? []
        : [{ type: "text", text: content } as const]
      : objects(content).map((part): AssistantPart => {
          const words = text(part["refusal"])
          return words === undefined ? textPart(part) : { type: "refusal", text: words }
        })
  return [
    ...(text(reasoning) ? [{ type: "reasoning", text: text(reasoning) ?? "" } as const] : []),
    ...said,
    ...(text(refusal) ? [{ type: "refusal", text: text(refusal) ?? "" } as const] : []),
    ...objects(message["tool_calls"]).map(callOf)
  ]
}

const callOf = (call: JsonObject): AssistantPart => {
  const { name, arguments: json } = object(call["function"])
  return {
    type: "tool-call",
    id: text(call["id"]) ?? "",
    name: text(name) ?? "",
    arguments: text(json) ?? "",
    ...metadataOf(call["extra_content"])
  }
}
