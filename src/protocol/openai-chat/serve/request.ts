/** Parses chat completions requests. */
import * as Either from "effect/Either"
import type { JsonObject } from "../../../http/Json.js"
import { number, object, objects, text, texts } from "../../serve/fields.js"
import { callMessage, compactJson, contentMessages, textMessage, textOfContent } from "../../serve/messages.js"
import { invalid } from "../../serve/openAIRules.js"
import type { ParsedMessage, ParsedRequest, RequestedTool, ToolResult } from "../../serve/ParsedRequest.js"
import type { WireFormat } from "../../serve/WireFormat.js"
import { choicesOf, problemOf } from "./rules.js"

/** Parses a request, or returns the reason to reject it. */
export const parseRequest: WireFormat["parseRequest"] = (body, target) => {
  if (body["model"] === undefined) return Either.left(invalid("you must provide a model parameter"))
  const model = text(body["model"])
  if (model === undefined) return Either.left(invalid("Invalid type for 'model': expected a string.", "model"))
  const messages = objects(body["messages"])
  const problem = problemOf(body, messages, target)
  if (problem !== undefined) return Either.left(problem)
  return Either.right({
    model,
    isStream: body["stream"] === true,
    messages: messages.flatMap(messagesOf),
    toolResults: toolResultsOf(messages),
    tools: objects(body["tools"]).map(toolOf),
    toolChoice: toolChoiceOf(body["tool_choice"]),
    format: formatOf(object(body["response_format"])),
    ...reasoningOf(body),
    isStored: false,
    wantsSealedReasoning: false,
    maxTokens: number(body["max_completion_tokens"]) ?? number(body["max_tokens"]),
    stop: texts(body["stop"]),
    choices: choicesOf(body),
    includesUsage: object(body["stream_options"])["include_usage"] === true
  })
}

const messagesOf = (message: JsonObject): ReadonlyArray<ParsedMessage> => {
  const role = message["role"]
  const calls = objects(message["tool_calls"]).map((call) => object(call["function"]))
  if (role === "tool") return textMessage("tool", compactJson(textOfContent(message["content"])))
  return [
    ...contentMessages(role === "assistant" ? role : role === "user" ? role : "system", message["content"] ?? ""),
    ...calls.flatMap((call) => callMessage(call["name"], text(call["arguments"]) ?? ""))
  ]
}

const toolResultsOf = (messages: ReadonlyArray<JsonObject>): ReadonlyArray<ToolResult> => {
  const lastReply = messages.findLastIndex((message) => message["role"] === "assistant")
  const calls = objects(messages[lastReply]?.["tool_calls"])
  return messages
    .slice(lastReply + 1)
    .filter((message) => message["role"] === "tool")
    .map((message) => {
      const call = calls.find((each) => each["id"] === message["tool_call_id"])
      return {
        name: text(object(call?.["function"])["name"]) ?? "the tool",
        text: compactJson(textOfContent(message["content"]))
      }
    })
}

const toolOf = (tool: JsonObject): RequestedTool => {
  const { name, description, parameters } = object(tool["function"])
  return { name: text(name) ?? "", description: text(description) ?? "", parameters: object(parameters) }
}

/** Which tools the model may call. */
export const toolChoiceOf = (choice: unknown): ParsedRequest["toolChoice"] => {
  if (choice === "none" || choice === "required") return choice
  const name = text(object(object(choice)["function"])["name"])
  return name === undefined ? "auto" : { name }
}

const formatOf = (format: JsonObject): ParsedRequest["format"] => {
  switch (format["type"]) {
    case "json_object":
      return { schema: undefined }
    case "json_schema":
      return { schema: object(object(format["json_schema"])["schema"]) }
    default:
      return undefined
  }
}

/** OpenAI has an effort, and its vendors other names for the same wish. */
const reasoningOf = (body: JsonObject): Pick<ParsedRequest, "wantsReasoning" | "showsReasoning"> => {
  const effort = body["reasoning_effort"] ?? object(body["reasoning"])["effort"]
  const wants =
    (effort != null && effort !== "none") ||
    body["enable_thinking"] === true ||
    object(body["thinking"])["type"] === "enabled" ||
    object(body["reasoning"])["enabled"] === true
  return { wantsReasoning: wants, showsReasoning: wants }
}
