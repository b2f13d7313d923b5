/** Decodes Anthropic's messages into chunks: https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { ChunkPart, StreamChunk } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import { failureOfWord, readFinishReason } from "../finishReasons.js"
import { Generation } from "../Generation.js"
import type { Step } from "../Protocol.js"
import { Calls } from "./calls.js"
import { reportedError } from "./errors.js"
import type { Block, Event, NonObject, Usage as WireUsage } from "./schema.js"

/** The state between events. Its calls, blocks and generation are mutable. */
export interface State {
  /** The last value of each count: `message_start` has some, `message_delta` the others. */
  readonly usage: WireUsage
  readonly calls: Calls
  /** Whether text has arrived. */
  readonly hasText: boolean
  readonly generation: Generation
  /** How many parts the message has so far. */
  readonly count: number
  /** The part of each text and thinking block, by the block's index on the wire. */
  readonly blocks: Map<number, OpenPart>
  readonly open: OpenPart | undefined
  /** The key of signatures in `providerMetadata`. */
  readonly provider: string
}

interface OpenPart {
  readonly block: number
  readonly index: number
  readonly type: "text" | "reasoning"
}

/** The state before the first event. */
export const initialState = (provider: string): State => ({
  usage: {},
  calls: new Calls(),
  hasText: false,
  generation: new Generation(),
  count: 0,
  blocks: new Map(),
  open: undefined,
  provider
})

/** Decodes one event. */
export const step = (state: State, event: Event): Step<State> => {
  switch (event.type) {
    case "ping":
      return { state }
    case "message_start":
    case "message":
      return message(state, event)
    case "content_block_start":
      return blockStart(state, event)
    case "content_block_delta":
      return blockDelta(state, event)
    case "content_block_stop":
      return { state, chunk: chunkWith(event, { toolCalls: state.calls.stop(event.index) }) }
    case "message_delta":
      return messageDelta(state, event)
    case "message_stop":
      return { state, isEnd: true }
    case "error":
      return { state, failure: reportedError(event) ?? { message: "", codes: [] } }
    default:
      return { state, chunk: chunkWith(event, {}), failure: event.type == null ? reportedError(event) : undefined }
  }
}

const empty = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null } as const

const chunkWith = (event: Event, fields: Partial<StreamChunk>): StreamChunk => ({
  ...empty,
  ...fields,
  rawChunk: event
})

// Nearly all chunks are text. Spreading `empty` into them took as long as checking the event.
const textChunk = (event: Event, content: string, reasoning: string): StreamChunk => ({
  content,
  reasoning,
  toolCalls: empty.toolCalls,
  finishReason: null,
  usage: null,
  rawChunk: event
})

/** Opens the part of a block. */
const openPart = (state: State, event: Event, type: OpenPart["type"]): readonly [State, ChunkPart] => {
  const block = event.index ?? -1
  const open = { block, index: state.count, type }
  state.blocks.set(block, open)
  return [
    { ...state, count: state.count + 1, open },
    { index: open.index, type }
  ]
}

/** Returns to the part of a block, or opens one if the start of the block is missing. */
const enterPart = (state: State, event: Event, type: OpenPart["type"]): readonly [State, ChunkPart] => {
  const known = state.blocks.get(event.index ?? -1) ?? (isOpen(state, event, type) ? state.open : undefined)
  return known?.type === type
    ? [
        { ...state, open: known },
        { index: known.index, type }
      ]
    : openPart(state, event, type)
}

const isOpen = ({ open, blocks }: State, event: Event, type: OpenPart["type"]): boolean =>
  open !== undefined &&
  open.type === type &&
  // Some servers number the deltas differently from the start of their block, or each delta anew.
  (open.block === (event.index ?? -1) || !blocks.has(event.index ?? -1))

/** The object in a known event: `null` if the wire has null, `undefined` if it is absent or not an object. */
const objectOf = <A extends object>(value: A | NonObject | undefined): A | null | undefined =>
  isNonObject(value) ? (value === null ? null : undefined) : value

const isNonObject = (value: unknown): value is NonObject | undefined =>
  typeof value !== "object" || value === null || Array.isArray(value)

/** `message_start`, or a non-streaming response, which has the finish reason too. */
const message = (state: State, event: Event): Step<State> => {
  const isComplete = event.type === "message"
  // Some servers repeat the whole message at the end of a stream, without the field: its blocks were output.
  const message = objectOf(event.message ?? (isComplete ? withoutType(event) : undefined))
  if (message === undefined) return { state, malformed: "message" }
  const hasOutput = state.count > 0 || state.calls.count > 0
  if (!isComplete && state.generation.isOther({ id: message?.id, isStart: true, hasOutput })) {
    return { state, isSpliced: true }
  }
  const [usage, known] = readUsage(state.usage, message?.usage)
  const chunk = { ...empty, usage: known, rawChunk: isComplete ? (event.message ?? event) : event }
  const step = finished({ ...state, usage }, chunk, isComplete ? message?.stop_reason : null)
  return { ...step, model: message?.model ?? "" }
}

const withoutType = ({ id, model, stop_reason, usage }: Event) => ({
  id,
  model,
  stop_reason,
  usage: objectOf(usage)
})

/** Adds the finish reason, if there is one, and judges the calls. */
const finished = (state: State, chunk: StreamChunk, word: string | null | undefined): Step<State> => {
  if (!word) return { state, chunk }
  const reason = readFinishReason(word)
  if (reason === "failure") return { state, chunk, failure: failureOfWord(word) }
  const verdict = state.calls.judge(reason, state.hasText)
  if (verdict === "nameless") return { state, chunk, malformed: "content_block.name" }
  const finishReason = verdict === "none" && reason === "tool_calls" ? "stop" : reason
  return { state, chunk: { ...chunk, finishReason } }
}

const blockStart = (state: State, event: Event): Step<State> => {
  const block = objectOf(event.content_block)
  if (block === undefined) return { state, malformed: "content_block" }
  if (block?.type === "tool_use") return callStart(state, event, block)
  const toolCalls = state.calls.startOther(event.index)
  const step = otherStart(state, event, block)
  // The arguments of a call whose block never ended.
  return toolCalls.length === 0 ? step : { ...step, before: [chunkWith(event, { toolCalls })] }
}

const otherStart = (next: State, event: Event, block: Block | null | undefined): Step<State> => {
  switch (block?.type) {
    // Anthropic starts blocks empty; some gateways start them with their first text.
    case "text": {
      const [opened, part] = openPart(next, event, "text")
      const text = block.text ?? ""
      const read = text === "" ? opened : { ...opened, hasText: true }
      return { state: read, chunk: chunkWith(event, { content: text, part }) }
    }
    case "thinking": {
      const [opened, part] = openPart(next, event, "reasoning")
      return { state: opened, chunk: chunkWith(event, { reasoning: block.thinking ?? "", part }) }
    }
    case "redacted_thinking": {
      const { data } = block
      if (data != null && typeof data !== "string") return { state: next, malformed: "content_block.data" }
      if (data == null) return { state: next, chunk: chunkWith(event, {}) }
      const value = { type: "provider", provider: next.provider, data: { type: "redacted_thinking", data } } as const
      const part = { index: next.count, type: "provider", value } as const
      return { state: { ...next, count: next.count + 1, open: undefined }, chunk: chunkWith(event, { part }) }
    }
    default:
      return { state: next, chunk: chunkWith(event, {}) }
  }
}

const callStart = (state: State, event: Event, block: Block): Step<State> => {
  const [toolCalls, isOpening] = state.calls.start(event.index, block)
  state.blocks.delete(event.index ?? -1)
  if (!isOpening) return { state: { ...state, open: undefined }, chunk: chunkWith(event, { toolCalls }) }
  const part = { index: state.count, type: "tool-call" } as const
  const next = { ...state, count: state.count + 1, open: undefined }
  const [last] = toolCalls.slice(-1)
  const opening = chunkWith(event, { toolCalls: last === undefined ? [] : [last], part })
  return toolCalls.length < 2
    ? { state: next, chunk: opening }
    : { state: next, before: [chunkWith(event, { toolCalls: toolCalls.slice(0, -1) })], chunk: opening }
}

const blockDelta = (state: State, event: Event): Step<State> => {
  const delta = objectOf(event.delta)
  if (delta === undefined) return { state, malformed: "delta" }
  switch (delta?.type) {
    case "text_delta":
      if (delta.text === undefined) return { state, malformed: "delta.text" }
      return textDelta(state, event, "text", delta.text ?? "")
    case "thinking_delta":
      if (delta.thinking === undefined) return { state, malformed: "delta.thinking" }
      return textDelta(state, event, "reasoning", delta.thinking ?? "")
    case "signature_delta": {
      if (delta.signature === undefined) return { state, malformed: "delta.signature" }
      if (!delta.signature) return { state, chunk: chunkWith(event, {}) }
      const [next, part] = enterPart(state, event, "reasoning")
      const providerMetadata = { [state.provider]: { signature: delta.signature } }
      return { state: next, chunk: chunkWith(event, { part: { ...part, providerMetadata } }) }
    }
    case "input_json_delta": {
      if (delta.partial_json === undefined) return { state, malformed: "delta.partial_json" }
      const toolCalls = state.calls.append(event.index, delta.partial_json ?? "")
      return { state, chunk: chunkWith(event, { toolCalls }) }
    }
    default:
      return { state, chunk: chunkWith(event, {}) }
  }
}

const textDelta = (state: State, event: Event, type: OpenPart["type"], text: string): Step<State> => {
  const chunk = type === "text" ? textChunk(event, text, "") : textChunk(event, "", text)
  if (text === "") return { state, chunk }
  const read = state.hasText || type !== "text" ? state : { ...state, hasText: true }
  if (isOpen(state, event, type)) return { state: read, chunk }
  const [next, part] = enterPart(read, event, type)
  return { state: next, chunk: { ...chunk, part } }
}

const messageDelta = (state: State, event: Event): Step<State> => {
  const delta = objectOf(event.delta)
  if (delta === undefined) return { state, malformed: "delta" }
  const reported = objectOf(event.usage)
  if (reported === undefined && event.usage !== undefined) return { state, malformed: "usage" }
  const [usage, known] = readUsage(state.usage, reported)
  const toolCalls = state.calls.stopAll()
  const chunk = chunkWith(event, { toolCalls, usage: known })
  return finished({ ...state, usage }, chunk, delta?.stop_reason)
}

/** Merges the last value of each count; the second value is `null` where no count is reported. */
const readUsage = (
  before: WireUsage,
  reported: WireUsage | null | undefined
): readonly [WireUsage, Usage.Usage | null] => {
  if (reported == null) return [before, null]
  const usage: WireUsage = {
    // A zero at the end is not a count: the first event has reported the prompt.
    input_tokens: reported.input_tokens || before.input_tokens || reported.input_tokens,
    cache_read_input_tokens: reported.cache_read_input_tokens ?? before.cache_read_input_tokens,
    cache_creation_input_tokens: reported.cache_creation_input_tokens ?? before.cache_creation_input_tokens,
    cache_creation: reported.cache_creation ?? before.cache_creation,
    output_tokens: reported.output_tokens ?? before.output_tokens,
    output_tokens_details: reported.output_tokens_details ?? before.output_tokens_details
  }
  const cacheReadTokens = usage.cache_read_input_tokens ?? 0
  const cacheWriteTokens = usage.cache_creation_input_tokens ?? 0
  const known = Usage.make({
    inputTokens: (usage.input_tokens ?? 0) + cacheReadTokens + cacheWriteTokens,
    outputTokens: usage.output_tokens ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
    cacheWriteHourTokens: usage.cache_creation?.ephemeral_1h_input_tokens,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens
  })
  return [usage, Object.values(usage).some((count) => count != null) ? known : null]
}
