/** Parses Responses requests. */
import * as Either from "effect/Either"
import type { JsonObject } from "../../../http/Json.js"
import { number, object, objects, text, texts } from "../../serve/fields.js"
import {
  callMessage,
  compactJson,
  contentMessages,
  mentionsJson,
  textMessage,
  textOfContent
} from "../../serve/messages.js"
import { invalid, outOfRange, toolProblem } from "../../serve/openAIRules.js"
import type { ParsedMessage, ParsedRequest, RequestedTool, ToolResult } from "../../serve/ParsedRequest.js"
import type { ServedError } from "../../serve/ServedError.js"
import { isSignature } from "../../serve/signature.js"
import type { WireFormat } from "../../serve/WireFormat.js"

/** Parses a request, or returns the reason to reject it. */
export const parseRequest: WireFormat["parseRequest"] = (body) => {
  const model = text(body["model"])
  if (model === undefined) return Either.left(invalid("Missing required parameter: 'model'.", "model"))
  const { input } = body
  if (input === undefined) return Either.left(invalid("Missing required parameter: 'input'.", "input"))
  const items = typeof input === "string" ? [{ role: "user", content: input }] : objects(input)
  const problem = sealProblem(items) ?? problemOf(body, items)
  if (problem !== undefined) return Either.left(problem)
  const reasoning = object(body["reasoning"])
  const wantsReasoning = reasoning["effort"] != null ? reasoning["effort"] !== "none" : reasoning["summary"] != null
  return Either.right({
    model,
    isStream: body["stream"] === true,
    messages: [...textMessage("system", text(body["instructions"]) ?? ""), ...items.flatMap(messagesOf)],
    toolResults: toolResultsOf(items),
    tools: objects(body["tools"])
      .filter((tool) => tool["type"] === "function")
      .map(toolOf),
    toolChoice: toolChoiceOf(body["tool_choice"]),
    format: formatOf(object(object(body["text"])["format"])),
    wantsReasoning,
    showsReasoning: wantsReasoning && reasoning["summary"] != null,
    isStored: body["store"] !== false,
    isBackground: body["background"] === true,
    wantsSealedReasoning: texts(body["include"]).includes("reasoning.encrypted_content"),
    maxTokens: number(body["max_output_tokens"]),
    stop: [],
    choices: 1,
    includesUsage: true
  })
}

/** What is wrong with a request, if anything is. */
export const problemOf = (body: JsonObject, items: ReadonlyArray<JsonObject>): ServedError | undefined =>
  itemProblem(items, body["previous_response_id"] != null || body["conversation"] != null) ??
  outOfRange(body, "temperature", 0, 2) ??
  outOfRange(body, "top_p", 0, 1) ??
  outOfRange(body, "max_output_tokens", 1) ??
  toolProblem(body, (tool) => tool, "") ??
  jsonProblem(body, items) ??
  (body["background"] === true && body["store"] === false
    ? invalid("Background mode requires 'store' to be true.", "background")
    : undefined)

const jsonProblem = (body: JsonObject, items: ReadonlyArray<JsonObject>): ServedError | undefined =>
  object(object(body["text"])["format"])["type"] !== "json_object" ||
  mentionsJson([...items, { content: body["instructions"] }])
    ? undefined
    : invalid(
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
        "input"
      )

const sealProblem = (items: ReadonlyArray<JsonObject>): ServedError | undefined => {
  const sealed = items.find((item) => item["type"] === "reasoning" && item["encrypted_content"] != null)
  return sealed === undefined || isSignature(sealed["encrypted_content"])
    ? undefined
    : invalid("The encrypted content could not be verified.")
}

/** A continued conversation has the calls of its results on the server. */
const itemProblem = (items: ReadonlyArray<JsonObject>, isContinued: boolean): ServedError | undefined => {
  if (items.length === 0)
    return invalid("Invalid 'input': empty array. Expected an array with minimum length 1.", "input")
  const calls = items.filter((item) => item["type"] === "function_call")
  const answered = new Set(outputs(items).map((item) => item["call_id"]))
  const unanswered = calls.find((call) => !answered.has(call["call_id"]))
  if (unanswered !== undefined)
    return invalid(`No tool output found for function call ${unanswered["call_id"]}.`, "input")
  const called = new Set(calls.map((item) => item["call_id"]))
  const orphan = outputs(items).find((item) => !called.has(item["call_id"]))
  return orphan === undefined || isContinued
    ? undefined
    : invalid(`No tool call found for function call output with call_id ${orphan["call_id"]}.`, "input")
}

const outputs = (items: ReadonlyArray<JsonObject>): ReadonlyArray<JsonObject> =>
  items.filter((item) => item["type"] === "function_call_output")

const messagesOf = (item: JsonObject): ReadonlyArray<ParsedMessage> => {
  switch (item["type"] ?? "message") {
    case "message": {
      const role = item["role"]
      return contentMessages(role === "assistant" || role === "user" ? role : "system", item["content"])
    }
    case "function_call":
      return callMessage(item["name"], text(item["arguments"]) ?? "")
    case "function_call_output":
      return textMessage("tool", compactJson(textOfContent(item["output"])))
    default:
      return []
  }
}

const isSpoken = (item: JsonObject): boolean => item["role"] === "assistant" || item["type"] === "function_call"

const toolResultsOf = (items: ReadonlyArray<JsonObject>): ReadonlyArray<ToolResult> =>
  outputs(items.slice(items.findLastIndex(isSpoken) + 1)).map((output) => {
    const call = items.find((item) => item["type"] === "function_call" && item["call_id"] === output["call_id"])
    return { name: text(call?.["name"]) ?? "the tool", text: compactJson(textOfContent(output["output"])) }
  })

const toolOf = ({ name, description, parameters }: JsonObject): RequestedTool => ({
  name: text(name) ?? "",
  description: text(description) ?? "",
  parameters: object(parameters)
})

/** Which tools the model may call. */
export const toolChoiceOf = (choice: unknown): ParsedRequest["toolChoice"] => {
  if (choice === "none" || choice === "required") return choice
  const name = text(object(choice)["name"])
  return name === undefined ? "auto" : { name }
}

const formatOf = (format: JsonObject): ParsedRequest["format"] => {
  switch (format["type"]) {
    case "json_object":
      return { schema: undefined }
    case "json_schema":
      return { schema: object(format["schema"]) }
    default:
      return undefined
  }
}
