/** OpenAI's chat completions, from the server's side: https://platform.openai.com/docs/api-reference/chat */
import type { JsonObject } from "../../../http/Json.js"
import { inTurns } from "../../serve/inTurns.js"
import { obfuscationOf } from "../../serve/obfuscation.js"
import { errorResponse } from "../../serve/openAIErrors.js"
import { openAIFormat } from "../../serve/openAIFormat.js"
import { citationsOf } from "../../serve/openAISources.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { createdAt, dataEvent, type StreamEvent, type WireFormat } from "../../serve/WireFormat.js"
import {
  argumentsDelta,
  callJson,
  choiceJson,
  endMarker,
  errorEvent,
  finishReasons,
  headJson,
  messageJson,
  openingDelta,
  usageOf
} from "./json.js"
import { parseRequest } from "./request.js"

const callId = (call: ServedToolCall): string => (call.isGivenId ? call.id : `call_${call.id}`)

const headOf = ({ id, model }: ServedReply, kind: "chat.completion" | "chat.completion.chunk"): JsonObject =>
  headJson(kind, { id, createdAt, model })

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
    call.pieces.map((piece): Delta => ({ part: "delta", delta: argumentsDelta(index, piece) }))
  )
  return [
    { part: "framing", delta: openingDelta(hasOnlyCalls(reply) ? null : "") },
    ...shownReasoning(reply).map((piece): Delta => ({ part: "delta", delta: { reasoning_content: piece } })),
    ...reply.content.map((piece): Delta => ({ part: "delta", delta: { content: piece } })),
    ...(reply.sources.length === 0 ? [] : [{ part: "framing" as const, delta: { annotations: annotationsOf(reply) } }]),
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
    { part: "framing", text: endMarker }
  ]
}

const responseBody: WireFormat["responseBody"] = (reply, parsed) => ({
  ...headOf(reply, "chat.completion"),
  choices: Array.from({ length: parsed.choices }, (_, index) => {
    const reasoning = reply.showsReasoning ? reply.reasoning.join("") : undefined
    const message = {
      ...messageJson(contentOf(reply), { reasoning, toolCalls: reply.toolCalls.map(callOf) }),
      annotations: annotationsOf(reply)
    }
    return choiceJson(index, { message }, finishReasons[reply.finishReason])
  }),
  usage: usageOf(reply.usage, parsed.choices),
  ...tier
})

const annotationsOf = (reply: ServedReply): ReadonlyArray<JsonObject> =>
  citationsOf(reply).map((citation) => ({ type: "url_citation", url_citation: citation }))

const callOf = (call: ServedToolCall): JsonObject => callJson(callId(call), call.name, call.arguments)

/** The wire format of chat completions. */
export const openAIChat: WireFormat = {
  ...openAIFormat,
  parseRequest,
  streamEvents,
  responseBody,
  errorResponse,
  errorEvent,
  keepAlive: ": keep-alive\n\n",
  unknownEvent: dataEvent({ object: "simulated.unknown", note: "no client knows this event" })
}
