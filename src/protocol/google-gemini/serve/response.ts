/** Google's Gemini API, from the server's side: https://ai.google.dev/api/generate-content */
import type { FinishReason } from "../../../domain/StreamChunk.js"
import { isObject, type JsonObject, parseJson } from "../../../http/Json.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"
import type { ListedModel, WireFormat } from "../../serve/WireFormat.js"
import { errorResponse } from "./errors.js"
import { groundingOf } from "./grounding.js"
import { event, indented } from "./json.js"
import { parseRequest } from "./request.js"

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

const finalUsage = (reply: ServedReply): JsonObject => {
  const { outputTokens, reasoningTokens } = reply.usage
  return usageOf(reply, outputTokens - reasoningTokens, reasoningTokens)
}

const responseOf = (
  reply: ServedReply,
  parts: ReadonlyArray<JsonObject>,
  usage: JsonObject,
  finishReason?: string
): JsonObject => ({
  candidates: [
    {
      content: { parts, role: "model" },
      ...(finishReason === undefined ? {} : { finishReason, ...groundingOf(reply) }),
      index: 0
    }
  ],
  usageMetadata: usage,
  modelVersion: reply.model,
  responseId: reply.id
})

/** The newer models think unasked, and want the signature of the first call back. */
const signs = (reply: ServedReply): boolean => reply.reasoning.length > 0 || reply.model.startsWith("gemini-3")

const signed = (reply: ServedReply): JsonObject =>
  signs(reply) ? { thoughtSignature: signatureOf(reply.reasoning.join("")) } : {}

const callPart = (call: ServedToolCall, index: number, reply: ServedReply): JsonObject => {
  const args = parseJson(call.arguments)
  const functionCall = {
    name: call.name,
    args: isObject(args) ? args : {},
    id: call.isGivenId ? call.id : call.id.slice(0, 8)
  }
  return { functionCall, ...(index === 0 ? signed(reply) : {}) }
}

const lastOf = (reply: ServedReply): JsonObject => {
  const part = { text: "", ...(reply.toolCalls.length === 0 ? signed(reply) : {}) }
  return responseOf(reply, [part], finalUsage(reply), finishReasons[reply.finishReason])
}

const streamEvents: WireFormat["streamEvents"] = (reply) => {
  const thoughts = reply.showsReasoning ? reply.reasoning : []
  const reasoned = reply.usage.reasoningTokens
  const contentLength = reply.content.length
  const responses = [
    ...thoughts.map((text, index) => responseOf(reply, [{ text, thought: true }], usageOf(reply, 0, index + 1))),
    ...reply.content.map((text, index) => responseOf(reply, [{ text }], usageOf(reply, index + 1, reasoned))),
    ...reply.toolCalls.map((call, index) =>
      responseOf(reply, [callPart(call, index, reply)], usageOf(reply, contentLength + index + 1, reasoned))
    )
  ]
  return [
    ...responses.map((response) => ({ part: "delta" as const, text: event(response) })),
    { part: "finish", text: event(lastOf(reply)) }
  ]
}

const responseBody: WireFormat["responseBody"] = (reply) => {
  const text = reply.content.join("")
  const parts = [
    ...(reply.showsReasoning ? [{ text: reply.reasoning.join(""), thought: true }] : []),
    ...(text === "" ? [] : [{ text, ...(reply.toolCalls.length === 0 ? signed(reply) : {}) }]),
    ...reply.toolCalls.map((call, index) => callPart(call, index, reply))
  ]
  return responseOf(reply, parts, finalUsage(reply), finishReasons[reply.finishReason])
}

const modelCard = (model: ListedModel): JsonObject => ({
  name: `models/${model.id}`,
  version: "001",
  displayName: model.name,
  description: `Simulated ${model.name}`,
  inputTokenLimit: model.contextWindow,
  outputTokenLimit: model.maxOutputTokens,
  supportedGenerationMethods: ["generateContent", "countTokens"],
  temperature: 1,
  topP: 0.95,
  topK: 64,
  maxTemperature: 2,
  thinking: true
})

/** The wire format of the Gemini API. */
export const googleGemini: WireFormat = {
  parseRequest,
  streamEvents,
  responseBody,
  errorResponse,
  errorEvent: (reported, model) => event(errorResponse(reported, model).body),
  modelList: (models) => ({ models: models.map(modelCard) }),
  modelCard,
  keepAlive: ": keep-alive\r\n\r\n",
  unknownEvent: event({ simulatedUnknown: true }),
  requestIdHeader: "x-goog-request-id",
  headers: { vary: "Origin, X-Origin, Referer", server: "scaffolding on HTTPServer2" },
  streamType: "text/event-stream",
  json: { contentType: "application/json; charset=UTF-8", stringify: indented }
}
