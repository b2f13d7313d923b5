/** Parses Gemini requests; the path holds the model and whether to stream. */
import * as Either from "effect/Either"
import type { JsonObject } from "../../../http/Json.js"
import { number, object, objects, text, texts } from "../../serve/fields.js"
import { callMessage, compactJson, textMessage } from "../../serve/messages.js"
import type { ParsedMessage, ParsedRequest, RequestedTool, ToolResult } from "../../serve/ParsedRequest.js"
import type { WireFormat } from "../../serve/WireFormat.js"
import { problemOf } from "./rules.js"

/** Parses a request, or returns the reason to reject it. */
export const parseRequest: WireFormat["parseRequest"] = (body, target) => {
  const contents = objects(body["contents"])
  const problem = problemOf(body, contents, target.model)
  if (problem !== undefined) return Either.left({ kind: "invalidRequest", message: problem })
  const config = object(body["generationConfig"] ?? body["generation_config"])
  const system = object(body["systemInstruction"] ?? body["system_instruction"])
  return Either.right({
    model: target.model,
    isStream: target.isStream,
    messages: [...messagesOf({ role: "system", parts: system["parts"] ?? [] }), ...contents.flatMap(messagesOf)],
    toolResults: toolResultsOf(contents),
    tools: objects(body["tools"]).flatMap((tool) => objects(tool["functionDeclarations"]).map(toolOf)),
    toolChoice: toolChoiceOf(object(object(body["toolConfig"])["functionCallingConfig"])),
    format: formatOf(config),
    ...reasoningOf(object(config["thinkingConfig"])),
    isStored: false,
    wantsSealedReasoning: false,
    maxTokens: number(config["maxOutputTokens"]),
    stop: texts(config["stopSequences"]),
    choices: 1,
    includesUsage: true
  })
}

const messagesOf = (content: JsonObject): ReadonlyArray<ParsedMessage> => {
  const role = content["role"] === "model" ? "assistant" : content["role"] === "system" ? "system" : "user"
  return objects(content["parts"]).flatMap((part): ReadonlyArray<ParsedMessage> => {
    const { functionCall, functionResponse } = part
    if (part["thought"] === true) return []
    if (functionCall !== undefined) {
      return callMessage(object(functionCall)["name"], JSON.stringify(object(functionCall)["args"] ?? {}))
    }
    if (functionResponse !== undefined) return textMessage("tool", resultOf(object(functionResponse)))
    const content = text(part["text"])
    return content === undefined ? [{ role, text: "", media: 1, isCacheMark: false }] : textMessage(role, content)
  })
}

/** A response is an object here; one with a single text is that text wrapped. */
const resultOf = (functionResponse: JsonObject): string => {
  const response = object(functionResponse["response"])
  const [only, ...others] = Object.values(response)
  return others.length === 0 && typeof only === "string" ? compactJson(only) : JSON.stringify(response)
}

const toolResultsOf = (contents: ReadonlyArray<JsonObject>): ReadonlyArray<ToolResult> =>
  contents
    .slice(contents.findLastIndex((content) => content["role"] === "model") + 1)
    .flatMap((content) => objects(content["parts"]))
    .filter((part) => part["functionResponse"] !== undefined)
    .map((part) => object(part["functionResponse"]))
    .map((response) => ({ name: text(response["name"]) ?? "the tool", text: resultOf(response) }))

const toolOf = (tool: JsonObject): RequestedTool => ({
  name: text(tool["name"]) ?? "",
  description: text(tool["description"]) ?? "",
  parameters: object(tool["parametersJsonSchema"] ?? tool["parameters"])
})

const toolChoiceOf = (config: JsonObject): ParsedRequest["toolChoice"] => {
  const [only, ...others] = texts(config["allowedFunctionNames"])
  switch (config["mode"]) {
    case "NONE":
      return "none"
    case "ANY":
      return only !== undefined && others.length === 0 ? { name: only } : "required"
    default:
      return "auto"
  }
}

const formatOf = (config: JsonObject): ParsedRequest["format"] => {
  if (config["responseMimeType"] !== "application/json") return undefined
  const schema = config["responseJsonSchema"] ?? config["responseSchema"]
  return { schema: schema === undefined ? undefined : object(schema) }
}

const reasoningOf = (thinking: JsonObject): Pick<ParsedRequest, "wantsReasoning" | "showsReasoning"> => {
  const { includeThoughts, thinkingBudget, thinkingLevel } = thinking
  const isOff = thinkingBudget === 0
  const wantsReasoning =
    !isOff && (includeThoughts === true || thinkingBudget !== undefined || thinkingLevel !== undefined)
  return { wantsReasoning, showsReasoning: wantsReasoning && includeThoughts === true }
}
