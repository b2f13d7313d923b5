/** Anthropic's Messages, from the server's side: https://docs.anthropic.com/en/docs/build-with-claude/streaming */
import type { FinishReason } from "../../../domain/StreamChunk.js"
import { isObject, type JsonObject, parseJson } from "../../../http/Json.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"
import { namedEvent, type Wire, type WireEvent } from "../../serve/Wire.js"
import { error, errorBody } from "./errors.js"
import { read } from "./request.js"

const stopReasons: { readonly [Reason in FinishReason]: string } = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
  other: "pause_turn"
}

const stopOf = (answer: ServedReply): JsonObject => {
  const isStopped = answer.finishReason === "stop" && answer.stopSequence !== null
  return {
    stop_reason: isStopped ? "stop_sequence" : stopReasons[answer.finishReason],
    stop_sequence: isStopped ? answer.stopSequence : null
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

const beside = ({ usage: { cacheWriteTokens, cacheWriteHourTokens = 0 } }: ServedReply): JsonObject => ({
  cache_creation: {
    ephemeral_5m_input_tokens: cacheWriteTokens - cacheWriteHourTokens,
    ephemeral_1h_input_tokens: cacheWriteHourTokens
  },
  service_tier: "standard"
})

const messageOf = (answer: ServedReply, fields: JsonObject): JsonObject => ({
  id: `msg_${answer.id}`,
  type: "message",
  role: "assistant",
  model: answer.model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  ...fields
})

const callId = (call: ServedToolCall): string => (call.isGivenId ? call.id : `toolu_${call.id}`)

/** A content block as it begins and grows, and as it stands in a whole answer. */
interface Block {
  readonly start: JsonObject
  readonly deltas: ReadonlyArray<{ readonly part: WireEvent["part"]; readonly delta: JsonObject }>
  readonly whole: JsonObject
}

const thinkingBlock = (answer: ServedReply): Block => {
  const thinking = answer.showsReasoning ? answer.reasoning : []
  const signature = signatureOf(answer.reasoning.join(""))
  return {
    start: { type: "thinking", thinking: "", signature: "" },
    deltas: [
      ...thinking.map((piece) => ({ part: "piece" as const, delta: { type: "thinking_delta", thinking: piece } })),
      { part: "frame" as const, delta: { type: "signature_delta", signature } }
    ],
    whole: { type: "thinking", thinking: thinking.join(""), signature }
  }
}

const textBlock = (answer: ServedReply): Block => ({
  start: { type: "text", text: "" },
  deltas: answer.content.map((text) => ({ part: "piece" as const, delta: { type: "text_delta", text } })),
  whole: { type: "text", text: answer.content.join("") }
})

const callBlock = (call: ServedToolCall): Block => {
  const block = { type: "tool_use", id: callId(call), name: call.name }
  const input = parseJson(call.arguments)
  const delta = (json: string): JsonObject => ({ type: "input_json_delta", partial_json: json })
  return {
    start: { ...block, input: {} },
    deltas: [
      { part: "frame" as const, delta: delta("") },
      // A call without arguments streams none.
      ...(call.arguments === "{}" ? [] : call.pieces).map((piece) => ({ part: "piece" as const, delta: delta(piece) }))
    ],
    whole: { ...block, input: isObject(input) ? input : {} }
  }
}

const blocksOf = (answer: ServedReply): ReadonlyArray<Block> => [
  ...(answer.reasoning.length === 0 ? [] : [thinkingBlock(answer)]),
  ...(answer.content.length === 0 ? [] : [textBlock(answer)]),
  ...answer.toolCalls.map(callBlock)
]

const ping = 'event: ping\ndata: {"type": "ping"}\n\n'

const blockEvents = (block: Block, index: number): ReadonlyArray<WireEvent> => [
  { part: "frame", text: namedEvent({ type: "content_block_start", index, content_block: block.start }) },
  ...(index === 0 ? [{ part: "frame" as const, text: ping }] : []),
  ...block.deltas.map(({ part, delta }) => ({ part, text: namedEvent({ type: "content_block_delta", index, delta }) })),
  { part: "frame", text: namedEvent({ type: "content_block_stop", index }) }
]

const events: Wire["events"] = (answer) => {
  const started = { ...inputOf(answer), ...beside(answer), output_tokens: 1 }
  const usage = { ...inputOf(answer), ...outputOf(answer) }
  return [
    { part: "frame", text: namedEvent({ type: "message_start", message: messageOf(answer, { usage: started }) }) },
    ...blocksOf(answer).flatMap(blockEvents),
    { part: "finish", text: namedEvent({ type: "message_delta", delta: stopOf(answer), usage }) },
    { part: "frame", text: namedEvent({ type: "message_stop" }) }
  ]
}

/** The wire of Messages. */
export const AnthropicWire: Wire = {
  read,
  events,
  whole: (answer) =>
    messageOf(answer, {
      content: blocksOf(answer).map((block) => block.whole),
      ...stopOf(answer),
      usage: { ...inputOf(answer), ...beside(answer), ...outputOf(answer) }
    }),
  error,
  errorEvent: (reported, model) => namedEvent(errorBody(reported, model)),
  keepAlive: ping,
  unknownEvent: namedEvent({ type: "simulated_unknown" }),
  requestIdHeader: "request-id"
}
