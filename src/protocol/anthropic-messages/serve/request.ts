/** Parses Messages requests, as strictly as Anthropic does where clients often make mistakes. */
import * as Either from "effect/Either"
import type { JsonObject } from "../../../http/Json.js"
import { number, object, objects, text, texts } from "../../serve/fields.js"
import { callMessage, compactJson, contentMessages, textMessage, textOfContent } from "../../serve/messages.js"
import type { ParsedMessage, ParsedRequest, RequestedTool, ToolResult } from "../../serve/ParsedRequest.js"
import type { WireFormat } from "../../serve/WireFormat.js"
import { isCustom, problemOf } from "./rules.js"

/** Parses a request, or returns the reason to reject it. */
export const parseRequest: WireFormat["parseRequest"] = (body, target) => {
  const problem = problemOf(body, target)
  if (problem !== undefined) return Either.left({ kind: "invalidRequest", message: problem })
  const messages = objects(body["messages"])
  return Either.right({
    model: text(body["model"]) ?? "",
    isStream: body["stream"] === true,
    messages: [...contentMessages("system", body["system"]), ...messages.flatMap(messagesOf)],
    toolResults: toolResultsOf(messages),
    tools: objects(body["tools"]).filter(isCustom).map(toolOf),
    toolChoice: toolChoiceOf(object(body["tool_choice"])),
    format: formatOf(body),
    ...reasoningOf(object(body["thinking"])),
    isStored: false,
    wantsSealedReasoning: false,
    maxTokens: number(body["max_tokens"]),
    stop: texts(body["stop_sequences"]),
    choices: 1,
    includesUsage: true
  })
}

/** The blocks of a message; a string is one block of text. */
const blocksOf = (message: JsonObject | undefined): ReadonlyArray<JsonObject> => {
  const content = message?.["content"]
  return typeof content === "string" ? [{ type: "text", text: content }] : objects(content)
}

const messagesOf = (message: JsonObject): ReadonlyArray<ParsedMessage> => {
  const role = message["role"] === "assistant" ? "assistant" : "user"
  return blocksOf(message).flatMap((block) => {
    switch (block["type"]) {
      case "tool_use":
        return callMessage(block["name"], JSON.stringify(block["input"] ?? {}))
      case "tool_result":
        return textMessage("tool", resultOf(block), block["cache_control"] != null)
      case "thinking":
      case "redacted_thinking":
        return []
      default:
        return contentMessages(role, [block])
    }
  })
}

const resultOf = (block: JsonObject): string => compactJson(textOfContent(block["content"]))

const toolResultsOf = (messages: ReadonlyArray<JsonObject>): ReadonlyArray<ToolResult> => {
  const lastReply = messages.findLastIndex((message) => message["role"] === "assistant")
  const calls = blocksOf(messages[lastReply])
  return messages
    .slice(lastReply + 1)
    .flatMap(blocksOf)
    .filter((block) => block["type"] === "tool_result")
    .map((block) => {
      const call = calls.find((each) => each["type"] === "tool_use" && each["id"] === block["tool_use_id"])
      return { name: text(call?.["name"]) ?? "the tool", text: resultOf(block) }
    })
}

const toolOf = (tool: JsonObject): RequestedTool => ({
  name: text(tool["name"]) ?? "",
  description: text(tool["description"]) ?? "",
  parameters: object(tool["input_schema"])
})

const toolChoiceOf = (choice: JsonObject): ParsedRequest["toolChoice"] => {
  switch (choice["type"]) {
    case "any":
      return "required"
    case "none":
      return "none"
    case "tool":
      return { name: text(choice["name"]) ?? "" }
    default:
      return "auto"
  }
}

/** `output_format` is the older name, of the beta. */
const formatOf = (body: JsonObject): ParsedRequest["format"] => {
  const format = object(object(body["output_config"])["format"] ?? body["output_format"])
  return format["type"] === "json_schema" ? { schema: object(format["schema"]) } : undefined
}

const reasoningOf = (thinking: JsonObject): Pick<ParsedRequest, "wantsReasoning" | "showsReasoning"> => {
  const wantsReasoning = thinking["type"] === "enabled" || thinking["type"] === "adaptive"
  return { wantsReasoning, showsReasoning: wantsReasoning && thinking["display"] !== "omitted" }
}
