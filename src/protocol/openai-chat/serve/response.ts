/** OpenAI's chat completions, from the server's side: https://platform.openai.com/docs/api-reference/chat */
import type { JsonObject } from "../../../http/Json.js"
import { inTurns } from "../../serve/inTurns.js"
import { obfuscationOf } from "../../serve/obfuscation.js"
import { errorOf, errorResponse } from "../../serve/openAIErrors.js"
import { openAIFormat } from "../../serve/openAIFormat.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { createdAt, dataEvent, type StreamEvent, type WireFormat } from "../../serve/WireFormat.js"
import { callJson, choiceJson, finishReasons, usageOf } from "./json.js"
import { parseRequest } from "./request.js"

const callId = (call: ServedToolCall): string => (call.isGivenId ? call.id : `call_${call.id}`)

const headOf = (reply: ServedReply, kind: string): JsonObject => ({
  id: `chatcmpl-${reply.id}`,
  object: kind,
  created: createdAt,
  model: reply.model
})

const tier = { service_tier: "default", system_fingerprint: "fp_simulated" }

/** The reasoning as far as it is sent. */
const shownReasoning = (reply: ServedReply): ReadonlyArray<string> => (reply.showsReasoning ? reply.reasoning : [])

const hasOnlyCalls = (reply: ServedReply): boolean => reply.toolCalls.length > 0 && reply.content.length === 0

const contentOf = (reply: ServedReply): string | null => (hasOnlyCalls(reply) ? null : reply.content.join(""))

interface Delta {
  readonly part: StreamEvent["part"]
  readonly delta: JsonObject
  readonly finish?: string
}

const deltasOf = (reply: ServedReply): ReadonlyArray<Delta> => {
  const openings = reply.toolCalls.map((call, index): ReadonlyArray<Delta> => {
    const opening = { index, ...callJson(callId(call), call.name, "") }
    return [{ part: "framing", delta: { tool_calls: [opening] } }]
  })
  const rest = reply.toolCalls.map((call, index) =>
    call.pieces.map(
      (piece): Delta => ({ part: "delta", delta: { tool_calls: [{ index, function: { arguments: piece } }] } })
    )
  )
  return [
    { part: "framing", delta: { role: "assistant", content: hasOnlyCalls(reply) ? null : "", refusal: null } },
    ...shownReasoning(reply).map((piece): Delta => ({ part: "delta", delta: { reasoning_content: piece } })),
    ...reply.content.map((piece): Delta => ({ part: "delta", delta: { content: piece } })),
    ...inTurns(openings, rest, reply.interleavesCalls),
    { part: "finish", delta: {}, finish: finishReasons[reply.finishReason] }
  ]
}

const streamEvents: WireFormat["streamEvents"] = (reply, parsed) => {
  const head = { ...headOf(reply, "chat.completion.chunk"), ...tier }
  // With the option every chunk but the last has an empty usage; without it none has the field.
  const usage = parsed.includesUsage ? { usage: null } : {}
  const eventOf = ({ delta, finish = null }: { delta: JsonObject; finish?: string | null }, index: number): string => {
    const choice = choiceJson(index, { delta }, finish)
    return dataEvent({ ...head, choices: [choice], ...usage, obfuscation: obfuscationOf(delta) })
  }
  const events = deltasOf(reply).flatMap((each) =>
    Array.from({ length: parsed.choices }, (_, index): StreamEvent => {
      // A library that reads one choice counts its deltas.
      return { part: index === 0 ? each.part : "framing", text: eventOf(each, index) }
    })
  )
  const last = { ...head, choices: [], usage: usageOf(reply.usage, parsed.choices) }
  return [
    ...events,
    ...(parsed.includesUsage
      ? [{ part: "framing" as const, text: dataEvent({ ...last, obfuscation: obfuscationOf(last.usage) }) }]
      : []),
    { part: "framing", text: "data: [DONE]\n\n" }
  ]
}

const responseBody: WireFormat["responseBody"] = (reply, parsed) => ({
  ...headOf(reply, "chat.completion"),
  choices: Array.from({ length: parsed.choices }, (_, index) => {
    const message = {
      role: "assistant",
      content: contentOf(reply),
      ...(!reply.showsReasoning ? {} : { reasoning_content: reply.reasoning.join("") }),
      ...(reply.toolCalls.length === 0 ? {} : { tool_calls: reply.toolCalls.map(callOf) }),
      refusal: null,
      annotations: []
    }
    return choiceJson(index, { message }, finishReasons[reply.finishReason])
  }),
  usage: usageOf(reply.usage, parsed.choices),
  ...tier
})

const callOf = (call: ServedToolCall): JsonObject => callJson(callId(call), call.name, call.arguments)

/** The wire format of chat completions. */
export const openAIChat: WireFormat = {
  ...openAIFormat,
  parseRequest,
  streamEvents,
  responseBody,
  errorResponse,
  errorEvent: (reported, model) => dataEvent({ error: errorOf(reported, model) }),
  keepAlive: ": keep-alive\n\n",
  unknownEvent: dataEvent({ object: "simulated.unknown", note: "no client knows this event" })
}
