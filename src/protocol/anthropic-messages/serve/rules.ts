/** The checks of Messages requests, with Anthropic's error messages. */
import type { JsonObject } from "../../../http/Json.js"
import { wrongTypeIn } from "../../jsonSchema.js"
import { list, number, object, objects, text } from "../../serve/fields.js"
import { isSignature } from "../../serve/signature.js"
import type { RequestTarget } from "../../serve/WireFormat.js"
import { toolNames } from "../toolNames.js"

/** What is wrong with a request, if anything is. */
export const problemOf = (body: JsonObject, target: RequestTarget): string | undefined => {
  const messages = objects(body["messages"])
  if (target.headers["anthropic-version"] === undefined) return "anthropic-version: header is required"
  if (text(body["model"]) === undefined) return "model: Field required"
  if (!target.isCount && number(body["max_tokens"]) === undefined) return "max_tokens: Field required"
  if (body["messages"] === undefined) return "messages: Field required"
  if (messages.length === 0) return "messages: at least one message is required"
  const wrong = messages.findIndex((message) => message["role"] !== "user" && message["role"] !== "assistant")
  if (wrong !== -1) return `messages.${wrong}.role: Input should be 'user' or 'assistant'`
  const empty = messages.findIndex(({ content }) => content === "" || list(content).some(isEmptyText))
  if (empty !== -1) return `messages.${empty}: text content blocks must be non-empty`
  return samplingProblem(body) ?? toolProblem(body) ?? callProblem(messages) ?? thinkingProblem(body, messages)
}

const isEmptyText = (block: unknown): boolean => object(block)["type"] === "text" && object(block)["text"] === ""

const resultsOf = (message: JsonObject | undefined): ReadonlyArray<JsonObject> =>
  objects(message?.["content"]).filter((block) => block["type"] === "tool_result")

const callsOf = (message: JsonObject | undefined): ReadonlyArray<JsonObject> =>
  objects(message?.["content"]).filter((block) => block["type"] === "tool_use")

/** Every call has a result in the next message, and every result a call in the message before. */
const callProblem = (messages: ReadonlyArray<JsonObject>): string | undefined => {
  for (const [index, message] of messages.entries()) {
    const results = resultsOf(messages[index + 1])
    const unanswered = callsOf(message).find((call) => !results.some((result) => result["tool_use_id"] === call["id"]))
    if (unanswered !== undefined) {
      return `messages.${index + 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered["id"]}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`
    }
    const calls = callsOf(messages[index - 1])
    const orphan = resultsOf(message).find((result) => !calls.some((call) => call["id"] === result["tool_use_id"]))
    if (orphan !== undefined) {
      return `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan["tool_use_id"]}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`
    }
  }
  return undefined
}

/** https://platform.claude.com/docs/en/api/messages: both are from 0 to 1. */
const samplingProblem = (body: JsonObject): string | undefined => {
  for (const field of ["temperature", "top_p"]) {
    const value = number(body[field])
    if (value !== undefined && value > 1) return `${field}: Input should be less than or equal to 1`
    if (value !== undefined && value < 0) return `${field}: Input should be greater than or equal to 0`
  }
  return (number(body["max_tokens"]) ?? 1) < 1 ? "max_tokens: Input should be greater than or equal to 1" : undefined
}

/** Whether a tool is one of the caller. Anthropic's own have a `type` and no schema. */
export const isCustom = (tool: JsonObject): boolean => tool["type"] === undefined || tool["type"] === "custom"

const toolProblem = (body: JsonObject): string | undefined => {
  for (const [index, tool] of objects(body["tools"]).entries()) {
    if (!isCustom(tool)) continue
    const path = `tools.${index}.custom`
    const schema = object(tool["input_schema"])
    if (!toolNames.pattern.test(text(tool["name"]) ?? "")) {
      return `${path}.name: String should match pattern '${toolNames.pattern.source}'`
    }
    if (tool["input_schema"] === undefined) return `${path}.input_schema: Field required`
    if (schema["type"] === undefined) return `${path}.input_schema.type: Field required`
    if (schema["type"] !== "object") return `${path}.input_schema.type: Input should be 'object'`
    if (["oneOf", "anyOf", "allOf"].some((keyword) => keyword in schema)) {
      return `${path}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`
    }
    if (wrongTypeIn(schema) !== undefined) {
      return `${path}.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12).`
    }
  }
  return undefined
}

const thinkingProblem = (body: JsonObject, messages: ReadonlyArray<JsonObject>): string | undefined => {
  const thinking = object(body["thinking"])
  const budget = number(thinking["budget_tokens"]) ?? 0
  const isEnabled = thinking["type"] === "enabled"
  if (isEnabled && budget < 1024) {
    return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
  }
  if (isEnabled && budget >= (number(body["max_tokens"]) ?? Number.POSITIVE_INFINITY)) {
    return "`max_tokens` must be greater than `thinking.budget_tokens`."
  }
  const index = messages.findLastIndex((message) => message["role"] === "assistant")
  const blocks = objects(messages[index]?.["content"])
  const first = text(blocks[0]?.["type"]) ?? ""
  if (isEnabled && blocks.some((block) => block["type"] === "tool_use") && !first.endsWith("thinking")) {
    return `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`
  }
  const forged = messages.findIndex((message) => objects(message["content"]).some(isForged))
  return forged === -1 ? undefined : `messages.${forged}.content.0: Invalid \`signature\` in \`thinking\` block`
}

const isForged = (block: JsonObject): boolean => block["type"] === "thinking" && !isSignature(block["signature"])
