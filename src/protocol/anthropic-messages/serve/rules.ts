/** The checks of Messages requests, with Anthropic's error messages. */
import type { JsonObject } from "../../../http/Json.js"
import { list, number, object, objects, text } from "../../serve/fields.js"
import { isSignature } from "../../serve/signature.js"
import type { Address } from "../../serve/Wire.js"

/** What is wrong with a request, if anything is. */
export const problemOf = (body: JsonObject, address: Address): string | undefined => {
  const messages = objects(body["messages"])
  if (address.headers["anthropic-version"] === undefined) return "anthropic-version: header is required"
  if (text(body["model"]) === undefined) return "model: Field required"
  if (!address.isCount && number(body["max_tokens"]) === undefined) return "max_tokens: Field required"
  if (body["messages"] === undefined) return "messages: Field required"
  if (messages.length === 0) return "messages: at least one message is required"
  const wrong = messages.findIndex((message) => message["role"] !== "user" && message["role"] !== "assistant")
  if (wrong !== -1) return `messages.${wrong}.role: Input should be 'user' or 'assistant'`
  const empty = messages.findIndex(({ content }) => content === "" || list(content).some(isEmptyText))
  if (empty !== -1) return `messages.${empty}: text content blocks must be non-empty`
  return toolProblem(messages) ?? thinkingProblem(body, messages)
}

const isEmptyText = (block: unknown): boolean => object(block)["type"] === "text" && object(block)["text"] === ""

const toolProblem = (messages: ReadonlyArray<JsonObject>): string | undefined => {
  for (const [index, message] of messages.entries()) {
    const calls = objects(message["content"]).filter((block) => block["type"] === "tool_use")
    const next = objects(messages[index + 1]?.["content"]).filter((block) => block["type"] === "tool_result")
    const lonely = calls.find((call) => !next.some((result) => result["tool_use_id"] === call["id"]))
    if (lonely !== undefined) {
      return `messages.${index + 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${lonely["id"]}.`
    }
    const stray = next.find((result) => !calls.some((call) => call["id"] === result["tool_use_id"]))
    if (stray !== undefined) {
      return `messages.${index + 1}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray["tool_use_id"]}.`
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
