/** Writes a whole response as the JSON of chat completions. */
import type { ChatResponse } from "../../../domain/ChatResponse.js"
import { type AssistantPart, partsOf } from "../../../domain/ContentPart.js"
import type { JsonObject } from "../../../http/Json.js"
import type { ResponseHead } from "../../serve/ResponseWriter.js"
import { annotationsJson, callJson, choiceJson, finishReasons, headJson, messageJson, usageOf } from "./json.js"

/** The body of a response. */
export const completionBody = (response: ChatResponse, head: ResponseHead): JsonObject => {
  const parts = partsOf(response.message.content)
  const calls = parts.flatMap((part) => (part.type === "tool-call" ? [callOf(part)] : []))
  const refusal = textOf(parts, "refusal")
  const content = textOf(parts, "text")
  const message = messageJson(content === "" && (calls.length > 0 || refusal !== "") ? null : content, {
    reasoning: response.reasoning === "" ? undefined : response.reasoning,
    toolCalls: calls,
    refusal: refusal === "" ? null : refusal,
    annotations: annotationsJson(response.sources ?? [])
  })
  return {
    ...headJson("chat.completion", head),
    choices: [choiceJson(0, { message }, finishReasons[response.finishReason])],
    ...(response.usage === null ? {} : { usage: usageOf(response.usage, 1) })
  }
}

const textOf = (parts: ReadonlyArray<AssistantPart>, type: "text" | "refusal"): string =>
  parts.map((part) => (part.type === type ? part.text : "")).join("")

const callOf = ({ id, name, arguments: args, providerMetadata }: Extract<AssistantPart, { type: "tool-call" }>) => ({
  ...callJson(id, name, args),
  ...(providerMetadata === undefined ? {} : { extra_content: providerMetadata })
})
