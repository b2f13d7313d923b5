/** Anthropic's Messages, from the server's side: https://docs.anthropic.com/en/docs/build-with-claude/streaming */
import type { FinishReason } from "../../../domain/StreamChunk.js"
import { isObject, type JsonObject, parseJson } from "../../../http/Json.js"
import { inTurns } from "../../serve/inTurns.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"
import { compactJson, type ListedModel, type StreamEvent, type WireFormat } from "../../serve/WireFormat.js"
import { type CitedText, citedTextsOf } from "./citedTexts.js"
import { errorBody, errorResponse } from "./errors.js"
import { namedEvent } from "./namedEvent.js"
import { parseRequest } from "./request.js"

const stopReasons: { readonly [Reason in FinishReason]: string } = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
  other: "pause_turn"
}

const stopOf = (reply: ServedReply): JsonObject => {
  const isStopped = reply.finishReason === "stop" && reply.stopSequence !== null
  return {
    stop_reason: isStopped ? "stop_sequence" : stopReasons[reply.finishReason],
    stop_sequence: isStopped ? reply.stopSequence : null
  }
}

/** What was read and written of the cache stands beside the input here, not in it. */
const inputOf = ({ usage }: ServedReply): JsonObject => ({
  input_tokens: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
  cache_creation_input_tokens: usage.cacheWriteTokens,
  cache_read_input_tokens: usage.cacheReadTokens
})

const outputOf = ({ usage }: ServedReply): JsonObject => ({
  output_tokens: usage.outputTokens,
  ...(usage.reasoningTokens === 0 ? {} : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } })
})

const cacheDetails = ({ usage: { cacheWriteTokens, cacheWriteHourTokens = 0 } }: ServedReply): JsonObject => ({
  cache_creation: {
    ephemeral_5m_input_tokens: cacheWriteTokens - cacheWriteHourTokens,
    ephemeral_1h_input_tokens: cacheWriteHourTokens
  }
})

const messageOf = (reply: ServedReply, fields: JsonObject): JsonObject => ({
  model: reply.model,
  id: `msg_${reply.id}`,
  type: "message",
  role: "assistant",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  ...fields
})

const callId = (call: ServedToolCall): string => (call.isGivenId ? call.id : `toolu_${call.id}`)

/** A content block as it begins and grows, and as it stands in a complete response. */
interface Block {
  readonly start: JsonObject
  readonly deltas: ReadonlyArray<{ readonly part: StreamEvent["part"]; readonly delta: JsonObject }>
  readonly complete: JsonObject
}

const thinkingBlock = (reply: ServedReply): Block => {
  const thinking = reply.showsReasoning ? reply.reasoning : []
  const signature = signatureOf(reply.reasoning.join(""))
  return {
    start: { type: "thinking", thinking: "", signature: "" },
    deltas: [
      ...thinking.map((piece) => ({ part: "delta" as const, delta: { type: "thinking_delta", thinking: piece } })),
      { part: "framing" as const, delta: { type: "signature_delta", signature } }
    ],
    complete: { type: "thinking", thinking: thinking.join(""), signature }
  }
}

/** Reasoning that Anthropic encrypts comes complete, in no deltas. */
const redactedBlock = (reply: ServedReply): Block => {
  const block = { type: "redacted_thinking", data: signatureOf(reply.reasoning.join("")) }
  return { start: block, deltas: [], complete: block }
}

/** The citations of a block come before its text. */
const citedBlock = ({ text, citations }: CitedText): Block => ({
  start: { type: "text", text: "", ...(citations.length === 0 ? {} : { citations: [] }) },
  deltas: [
    ...citations.map((citation) => ({ part: "framing" as const, delta: { type: "citations_delta", citation } })),
    { part: "delta" as const, delta: { type: "text_delta", text } }
  ],
  complete: { type: "text", text, ...(citations.length === 0 ? {} : { citations }) }
})

const textBlocks = (reply: ServedReply): ReadonlyArray<Block> => {
  if (reply.content.length === 0) return []
  return reply.sources.length === 0 ? [textBlock(reply)] : citedTextsOf(reply).map(citedBlock)
}

const textBlock = (reply: ServedReply): Block => ({
  start: { type: "text", text: "" },
  deltas: reply.content.map((text) => ({ part: "delta" as const, delta: { type: "text_delta", text } })),
  complete: { type: "text", text: reply.content.join("") }
})

const callBlock = (call: ServedToolCall): Block => {
  const block = { type: "tool_use", id: callId(call), name: call.name }
  const input = parseJson(call.arguments)
  const delta = (json: string): JsonObject => ({ type: "input_json_delta", partial_json: json })
  return {
    start: { ...block, input: {} },
    deltas: [
      { part: "framing" as const, delta: delta("") },
      // A call without arguments streams none.
      ...(call.arguments === "{}" ? [] : call.pieces).map((piece) => ({ part: "delta" as const, delta: delta(piece) }))
    ],
    complete: { ...block, input: isObject(input) ? input : {} }
  }
}

const blocksOf = (reply: ServedReply): ReadonlyArray<Block> => [
  ...(reply.reasoning.length === 0 ? [] : [reply.isReasoningRedacted ? redactedBlock(reply) : thinkingBlock(reply)]),
  ...textBlocks(reply),
  ...reply.toolCalls.map(callBlock)
]

const ping = 'event: ping\ndata: {"type": "ping"}\n\n'

/** The events of blocks, those of calls in turns where the script wants that. */
const blockEvents = (blocks: ReadonlyArray<Block>, isInterleaved: boolean): ReadonlyArray<StreamEvent> => {
  const framing = (data: JsonObject & { readonly type: string }): StreamEvent => ({
    part: "framing",
    text: namedEvent(data)
  })
  const openings = blocks.map(({ start }, index): ReadonlyArray<StreamEvent> => {
    const opening = framing({ type: "content_block_start", index, content_block: start })
    return index === 0 ? [opening, { part: "framing", text: ping }] : [opening]
  })
  const growth = blocks.map(({ deltas }, index) =>
    deltas.map(({ part, delta }) => ({ part, text: namedEvent({ type: "content_block_delta", index, delta }) }))
  )
  const closings = blocks.map((_, index) => [framing({ type: "content_block_stop", index })])
  return inTurns(openings, growth, isInterleaved, closings)
}

const streamEvents: WireFormat["streamEvents"] = (reply) => {
  const started = { ...inputOf(reply), ...cacheDetails(reply), output_tokens: 1, service_tier: "standard" }
  const usage = { ...inputOf(reply), ...outputOf(reply) }
  return [
    { part: "framing", text: namedEvent({ type: "message_start", message: messageOf(reply, { usage: started }) }) },
    ...blockEvents(blocksOf(reply), reply.interleavesCalls),
    { part: "finish", text: namedEvent({ type: "message_delta", delta: stopOf(reply), usage }) },
    { part: "framing", text: namedEvent({ type: "message_stop" }) }
  ]
}

const modelCard = ({ id, name, createdAt }: ListedModel): JsonObject => ({
  type: "model",
  id,
  display_name: name,
  created_at: new Date(createdAt * 1000).toISOString().replace(".000", "")
})

/** The wire format of Messages. */
export const anthropicMessages: WireFormat = {
  parseRequest,
  streamEvents,
  responseBody: (reply) =>
    messageOf(reply, {
      content: blocksOf(reply).map((block) => block.complete),
      ...stopOf(reply),
      usage: { ...inputOf(reply), ...cacheDetails(reply), ...outputOf(reply), service_tier: "standard" }
    }),
  errorResponse,
  errorEvent: (reported, model) => namedEvent(errorBody(reported, model)),
  modelList: (models) => ({
    data: models.map(modelCard),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null
  }),
  modelCard,
  keepAlive: ping,
  unknownEvent: namedEvent({ type: "simulated_unknown" }),
  requestIdHeader: "request-id",
  headers: { "anthropic-organization-id": "00000000-0000-4000-8000-000000000000", "x-robots-tag": "none" },
  streamType: "text/event-stream; charset=utf-8",
  json: compactJson
}
