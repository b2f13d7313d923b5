/** Makes a response of the model fit to be sent back, as providers reject what their own models write wrongly. */
import type { AssistantPart, ToolCallPart } from "../domain/ContentPart.js"
import type { AssistantMessage } from "../domain/Message.js"
import { parseArguments } from "./parseArguments.js"

/**
 * Replaces arguments that are not a JSON object by an empty one: Anthropic and Google cannot receive others. The result
 * of the call tells the model what was wrong.
 */
export const sendableMessage = (message: AssistantMessage): AssistantMessage =>
  typeof message.content === "string" || !message.content.some(isMalformed)
    ? message
    : { ...message, content: message.content.map((part) => (isMalformed(part) ? { ...part, arguments: "{}" } : part)) }

const isMalformed = (part: AssistantPart): part is ToolCallPart =>
  part.type === "tool-call" && parseArguments(part.arguments) === undefined

/** Removes the calls of a response that was cut off, as they have no results. */
export const withoutCalls = (message: AssistantMessage): AssistantMessage => {
  if (typeof message.content === "string" || !message.content.some(({ type }) => type === "tool-call")) return message
  const content = message.content.filter(({ type }) => type !== "tool-call")
  return { ...message, content: content.length === 0 ? "" : content }
}
