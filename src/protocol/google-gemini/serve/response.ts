/** Google's Gemini API, from the server's side: https://ai.google.dev/api/generate-content */
import type { FinishReason } from "../../../domain/StreamChunk.js"
import { isObject, type JsonObject, parseJson } from "../../../http/Json.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"
import { dataEvent, type Wire } from "../../serve/Wire.js"
import { error } from "./errors.js"
import { read } from "./request.js"

// Calls are no reason of their own here.
const finishReasons: { readonly [Reason in FinishReason]: string } = {
  stop: "STOP",
  length: "MAX_TOKENS",
  tool_calls: "STOP",
  content_filter: "SAFETY",
  other: "OTHER"
}

/** Thoughts stand beside the candidates here, not in them; the counts grow from event to event. */
const usageOf = ({ usage }: ServedReply, candidates: number, thoughts: number): JsonObject => ({
  promptTokenCount: usage.inputTokens,
  ...(candidates === 0 ? {} : { candidatesTokenCount: candidates }),
  totalTokenCount: usage.inputTokens + candidates + thoughts,
  ...(usage.cacheReadTokens === 0 ? {} : { cachedContentTokenCount: usage.cacheReadTokens }),
  promptTokensDetails: [{ modality: "TEXT", tokenCount: usage.inputTokens }],
  ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts })
})

const finalUsage = (answer: ServedReply): JsonObject => {
  const { outputTokens, reasoningTokens } = answer.usage
  return usageOf(answer, outputTokens - reasoningTokens, reasoningTokens)
}

const responseOf = (
  answer: ServedReply,
  parts: ReadonlyArray<JsonObject>,
  usage: JsonObject,
  finishReason?: string
): JsonObject => ({
  candidates: [
    { content: { parts, role: "model" }, ...(finishReason === undefined ? {} : { finishReason }), index: 0 }
  ],
  usageMetadata: usage,
  modelVersion: answer.model,
  responseId: answer.id
})

/** The newer models think unasked, and want the signature of the first call back. */
const signs = (answer: ServedReply): boolean => answer.reasoning.length > 0 || answer.model.startsWith("gemini-3")

const signed = (answer: ServedReply): JsonObject =>
  signs(answer) ? { thoughtSignature: signatureOf(answer.reasoning.join("")) } : {}

const callPart = (call: ServedToolCall, index: number, answer: ServedReply): JsonObject => {
  const args = parseJson(call.arguments)
  const functionCall = {
    name: call.name,
    args: isObject(args) ? args : {},
    id: call.isGivenId ? call.id : call.id.slice(0, 8)
  }
  return { functionCall, ...(index === 0 ? signed(answer) : {}) }
}

const lastOf = (answer: ServedReply): JsonObject => {
  const part = { text: "", ...(answer.toolCalls.length === 0 ? signed(answer) : {}) }
  return responseOf(answer, [part], finalUsage(answer), finishReasons[answer.finishReason])
}

const events: Wire["events"] = (answer) => {
  const thoughts = answer.showsReasoning ? answer.reasoning : []
  const reasoned = answer.usage.reasoningTokens
  const lastReply = answer.content.length
  const responses = [
    ...thoughts.map((text, index) => responseOf(answer, [{ text, thought: true }], usageOf(answer, 0, index + 1))),
    ...answer.content.map((text, index) => responseOf(answer, [{ text }], usageOf(answer, index + 1, reasoned))),
    ...answer.toolCalls.map((call, index) =>
      responseOf(answer, [callPart(call, index, answer)], usageOf(answer, lastReply + index + 1, reasoned))
    )
  ]
  return [
    ...responses.map((response) => ({ part: "piece" as const, text: dataEvent(response) })),
    { part: "finish", text: dataEvent(lastOf(answer)) }
  ]
}

const whole: Wire["whole"] = (answer) => {
  const text = answer.content.join("")
  const parts = [
    ...(answer.showsReasoning ? [{ text: answer.reasoning.join(""), thought: true }] : []),
    ...(text === "" ? [] : [{ text, ...(answer.toolCalls.length === 0 ? signed(answer) : {}) }]),
    ...answer.toolCalls.map((call, index) => callPart(call, index, answer))
  ]
  return responseOf(answer, parts, finalUsage(answer), finishReasons[answer.finishReason])
}

/** The wire of the Gemini API. */
export const GoogleWire: Wire = {
  read,
  events,
  whole,
  error,
  errorEvent: (reported, model) => dataEvent(error(reported, model).body),
  keepAlive: ": keep-alive\n\n",
  unknownEvent: dataEvent({ simulatedUnknown: true }),
  requestIdHeader: "x-goog-request-id"
}
