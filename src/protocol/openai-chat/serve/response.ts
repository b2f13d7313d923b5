/** OpenAI's chat completions, from the server's side: https://platform.openai.com/docs/api-reference/chat */
import type { FinishReason } from "../../../domain/StreamChunk.js"
import type { Usage } from "../../../domain/Usage.js"
import type { JsonObject } from "../../../http/Json.js"
import { error, errorOf } from "../../serve/openAIErrors.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { createdAt, dataEvent, type Wire, type WireEvent } from "../../serve/Wire.js"
import { read } from "./request.js"

const finishReasons: { readonly [Reason in FinishReason]: string } = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  other: "other"
}

const usageOf = (usage: Usage): JsonObject => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.totalTokens,
  prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: usage.reasoningTokens,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0
  }
})

const callId = (call: ServedToolCall): string => (call.isGivenId ? call.id : `call_${call.id}`)

const headOf = (answer: ServedReply, kind: string): JsonObject => ({
  id: `chatcmpl-${answer.id}`,
  object: kind,
  created: createdAt,
  model: answer.model,
  service_tier: "default",
  system_fingerprint: "fp_simulated"
})

/** The reasoning as far as it is sent. */
const shown = (answer: ServedReply): ReadonlyArray<string> => (answer.showsReasoning ? answer.reasoning : [])

const events: Wire["events"] = (answer, parsed) => {
  const head = headOf(answer, "chat.completion.chunk")
  // With the option every chunk but the last has an empty usage; without it none has the field.
  const usage = parsed.includesUsage ? { usage: null } : {}
  const event = (part: WireEvent["part"], delta: JsonObject, finish: string | null = null): WireEvent => ({
    part,
    text: dataEvent({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage })
  })
  const opening = answer.toolCalls.length > 0 && answer.content.length === 0 ? null : ""
  return [
    event("frame", { role: "assistant", content: opening, refusal: null }),
    ...shown(answer).map((piece) => event("piece", { reasoning_content: piece })),
    ...answer.content.map((piece) => event("piece", { content: piece })),
    ...answer.toolCalls.flatMap((call, index) => [
      event("frame", {
        tool_calls: [{ index, id: callId(call), type: "function", function: { name: call.name, arguments: "" } }]
      }),
      ...call.pieces.map((piece) => event("piece", { tool_calls: [{ index, function: { arguments: piece } }] }))
    ]),
    event("finish", {}, finishReasons[answer.finishReason]),
    ...(parsed.includesUsage
      ? [{ part: "frame" as const, text: dataEvent({ ...head, choices: [], usage: usageOf(answer.usage) }) }]
      : []),
    { part: "frame", text: "data: [DONE]\n\n" }
  ]
}

const whole: Wire["whole"] = (answer) => ({
  ...headOf(answer, "chat.completion"),
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content: answer.toolCalls.length > 0 && answer.content.length === 0 ? null : answer.content.join(""),
        ...(!answer.showsReasoning ? {} : { reasoning_content: answer.reasoning.join("") }),
        ...(answer.toolCalls.length === 0 ? {} : { tool_calls: answer.toolCalls.map(wholeCall) }),
        refusal: null,
        annotations: []
      },
      logprobs: null,
      finish_reason: finishReasons[answer.finishReason]
    }
  ],
  usage: usageOf(answer.usage)
})

const wholeCall = (call: ServedToolCall): JsonObject => ({
  id: callId(call),
  type: "function",
  function: { name: call.name, arguments: call.arguments }
})

/** The wire of chat completions. */
export const OpenAIChatWire: Wire = {
  read,
  events,
  whole,
  error,
  errorEvent: (reported, model) => dataEvent({ error: errorOf(reported, model) }),
  keepAlive: ": keep-alive\n\n",
  unknownEvent: dataEvent({ object: "simulated.unknown", note: "no client knows this event" }),
  requestIdHeader: "x-request-id"
}
