/** The checks of chat completions requests, with OpenAI's error messages. */
import type { JsonObject } from "../../../http/Json.js"
import { number, object, objects, text } from "../../serve/fields.js"
import { mentionsJson } from "../../serve/messages.js"
import { invalid, outOfRange, toolProblem } from "../../serve/openAIRules.js"
import type { ServedError } from "../../serve/ServedError.js"
import type { RequestTarget } from "../../serve/WireFormat.js"

const roles = new Set(["system", "developer", "user", "assistant", "tool"])
const mostChoices = 128

/** What is wrong with a request, if anything is. */
export const problemOf = (
  body: JsonObject,
  messages: ReadonlyArray<JsonObject>,
  target: Pick<RequestTarget, "isCompatible">
): ServedError | undefined => {
  if (body["messages"] === undefined) return invalid("Missing required parameter: 'messages'.", "messages")
  if (messages.length === 0)
    return invalid("Invalid 'messages': empty array. Expected an array with minimum length 1.", "messages")
  const wrong = messages.findIndex((message) => !roles.has(text(message["role"]) ?? ""))
  if (wrong !== -1) return invalid(`Invalid value for 'messages[${wrong}].role'.`, `messages[${wrong}].role`)
  return (
    callProblem(messages) ??
    outOfRange(body, "temperature", 0, 2) ??
    outOfRange(body, "top_p", 0, 1) ??
    outOfRange(body, "n", 1, mostChoices) ??
    maxTokensProblem(body, target) ??
    toolProblem(body, (tool) => object(tool["function"]), ".function") ??
    jsonProblem(body, messages)
  )
}

/** Every tool message follows the message with its call, and every call has one. */
const callProblem = (messages: ReadonlyArray<JsonObject>): ServedError | undefined => {
  let open = new Set<unknown>()
  for (const [index, message] of messages.entries()) {
    if (message["role"] === "tool") {
      if (!open.delete(message["tool_call_id"])) return orphan(index)
    } else {
      if (open.size > 0) break
      open = new Set(objects(message["tool_calls"]).map((call) => call["id"]))
    }
  }
  return open.size === 0
    ? undefined
    : invalid(
        `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${Array.from(open).join(", ")}`,
        "messages"
      )
}

const orphan = (index: number): ServedError =>
  invalid(
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    `messages.[${index}].role`
  )

/** https://platform.openai.com/docs/guides/reasoning: reasoning models take `max_completion_tokens` alone. */
const maxTokensProblem = (body: JsonObject, target: Pick<RequestTarget, "isCompatible">): ServedError | undefined =>
  body["max_tokens"] != null && !target.isCompatible && /^(?:o\d|gpt-5)/.test(text(body["model"]) ?? "")
    ? {
        ...invalid(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          "max_tokens"
        ),
        code: "unsupported_parameter"
      }
    : (outOfRange(body, "max_tokens", 1) ?? outOfRange(body, "max_completion_tokens", 1))

const jsonProblem = (body: JsonObject, messages: ReadonlyArray<JsonObject>): ServedError | undefined =>
  object(body["response_format"])["type"] !== "json_object" || mentionsJson(messages)
    ? undefined
    : invalid(
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        "messages"
      )

/** How many answers a request wants. */
export const choicesOf = (body: JsonObject): number => number(body["n"]) ?? 1
