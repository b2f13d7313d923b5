/**
 * Reads output that vendors put into other fields, or write in other shapes, than OpenAI does. A delta with text of its
 * own does not come here.
 */
import { isObject, type JsonObject } from "../../http/Json.js"
import type { Choice, Message } from "./schema.js"

/** The delta or message of a choice, with what stands in other fields. */
export const messageOf = (choice: Choice | undefined): Message | undefined => {
  const message = choice?.delta ?? choice?.message ?? undefined
  if (choice === undefined) return undefined
  const hasOutput = message !== undefined && Boolean(message.content || message.reasoning_content || message.reasoning)
  return hasOutput && choice.message == null ? message : withOddFields(choice, message)
}

const withOddFields = (choice: Choice, message: Message | undefined): Message | undefined => {
  const content = message?.content || (typeof choice.text === "string" ? choice.text : "")
  const reasoning =
    message?.reasoning_content || message?.reasoning || (message === undefined ? "" : thoughtIn(message))
  const call = message?.function_call
  if (!isObject(call) && !content && !reasoning) return message
  const hasCalls = message?.tool_calls != null && [message.tool_calls].flat().length > 0
  return {
    ...message,
    content,
    reasoning,
    // OpenAI's API of 2023 calls one function, in this field: https://platform.openai.com/docs/api-reference/chat/object
    ...(isObject(call) && !hasCalls ? { tool_calls: [{ function: functionIn(call) }] } : {})
  }
}

const functionIn = ({ name, arguments: args }: JsonObject) => ({
  name: typeof name === "string" ? name : undefined,
  arguments: args
})

/** GitHub Copilot's `reasoning_text`, Ollama's `thinking`, and LiteLLM's `thinking_blocks`. */
const thoughtIn = ({ reasoning_text, thinking, thinking_blocks }: Message): string =>
  textIn(reasoning_text) || textIn(thinking) || textIn(thinking_blocks)

/** The text of a text, of a list of texts, or of an object that holds one. */
export const textIn = (value: unknown): string => {
  if (typeof value === "string") return value
  if (Array.isArray(value)) return value.map(textIn).join("")
  if (!isObject(value)) return ""
  return textIn(value["text"] ?? value["content"] ?? value["thinking"] ?? value["summary"] ?? value["value"])
}

/** Brings content and reasoning that are no text and no list of parts, and a finish reason that is no word, into shape. */
export const reshape = (json: unknown): unknown => {
  if (!isObject(json)) return json
  const { choices } = json
  const list = Array.isArray(choices) ? choices : isObject(choices) ? [choices] : undefined
  return list === undefined ? json : { ...json, choices: list.filter(isObject).map(reshapeChoice) }
}

const reshapeChoice = (choice: JsonObject): JsonObject => {
  const { delta, message, finish_reason: reason } = choice
  return {
    ...choice,
    ...(isObject(delta) ? { delta: reshapeMessage(delta) } : {}),
    ...(isObject(message) ? { message: reshapeMessage(message) } : {}),
    // Text Generation Inference once sent an object.
    ...(isObject(reason) ? { finish_reason: reason["type"] ?? reason["reason"] } : {})
  }
}

const reshapeMessage = (message: JsonObject): JsonObject => {
  const { content, reasoning, reasoning_content } = message
  return {
    ...message,
    ...(Array.isArray(content) ? { content: content.map(reshapePart) } : {}),
    ...(isObject(content) && typeof content["text"] === "string" ? { content: content["text"] } : {}),
    ...(typeof reasoning === "object" && reasoning !== null ? { reasoning: textIn(reasoning) } : {}),
    ...(typeof reasoning_content === "object" && reasoning_content !== null
      ? { reasoning_content: textIn(reasoning_content) }
      : {})
  }
}

const reshapePart = (part: unknown): unknown => {
  if (typeof part === "string") return { type: "text", text: part }
  const text = isObject(part) ? part["text"] : undefined
  return isObject(part) && isObject(text) && typeof text["value"] === "string" ? { ...part, text: text["value"] } : part
}
