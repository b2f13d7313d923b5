/** Reads Anthropic's messages as chunks: https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { ChunkPart, FinishReason, StreamChunk } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import type { Step } from "../Protocol.js"
import * as Calls from "./calls.js"
import { reportedError } from "./errors.js"
import type { Block, Event, NoObject, Usage as WireUsage } from "./schema.js"

/** What is remembered from event to event. */
export interface State {
  /** The last value of each count: `message_start` brings some, `message_delta` the others. */
  readonly usage: WireUsage
  readonly calls: Calls.Calls
  /** The parts of the message so far. */
  readonly count: number
  /** The part of each text and thinking block, by the index that the wire gives the block. */
  readonly blocks: ReadonlyMap<number, OpenPart>
  readonly open: OpenPart | undefined
  /** The name under which signatures stand in `providerMetadata`. */
  readonly provider: string
}

interface OpenPart {
  readonly block: number
  readonly index: number
  readonly type: "text" | "reasoning"
}

/** Nothing read yet. */
export const initialOf = (provider: string): State => ({
  usage: {},
  calls: Calls.none,
  count: 0,
  blocks: new Map(),
  open: undefined,
  provider
})

/** Turns one event into what it amounts to. */
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
    case "content_block_stop": {
      const [calls, toolCalls] = Calls.stop(state.calls, event.index)
      return { state: withCalls(state, calls), chunk: { ...nothing, toolCalls, rawChunk: event } }
    }
    case "message_delta":
      return messageDelta(state, event)
    case "message_stop":
      return { state, isEnd: true }
    case "error":
      return { state, failure: reportedError(event) ?? { message: "", codes: [] } }
    default:
      return { state, chunk: shown(event, {}), failure: event.type == null ? reportedError(event) : undefined }
  }
}

const nothing = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null } as const

const shown = (event: Event, parts: Partial<StreamChunk>): StreamChunk => ({ ...nothing, ...parts, rawChunk: event })

// Nearly all chunks, written out: to spread one object into another took as long as the check of the event.
const said = (event: Event, content: string, reasoning: string): StreamChunk => ({
  content,
  reasoning,
  toolCalls: nothing.toolCalls,
  finishReason: null,
  usage: null,
  rawChunk: event
})

/** Opens the part of a block. */
const openPart = (state: State, event: Event, type: OpenPart["type"]): readonly [State, ChunkPart] => {
  const block = event.index ?? -1
  const open = { block, index: state.count, type }
  const blocks = new Map(state.blocks).set(block, open)
  return [
    { ...state, count: state.count + 1, blocks, open },
    { index: open.index, type }
  ]
}

/** Returns to the part of a block, or opens it where the start of the block is missing. */
const enterPart = (state: State, event: Event, type: OpenPart["type"]): readonly [State, ChunkPart] => {
  const known = state.blocks.get(event.index ?? -1)
  return known?.type === type
    ? [
        { ...state, open: known },
        { index: known.index, type }
      ]
    : openPart(state, event, type)
}

const isOpen = ({ open }: State, event: Event, type: OpenPart["type"]): boolean =>
  open !== undefined && open.type === type && open.block === (event.index ?? -1)

const withCalls = (state: State, calls: Calls.Calls): State => (calls === state.calls ? state : { ...state, calls })

/** The object of a known event: `null` where the wire has null, `undefined` where it is missing or no object. */
const objectOf = <A extends object>(value: A | NoObject | undefined): A | null | undefined =>
  isNoObject(value) ? (value === null ? null : undefined) : value

const isNoObject = (value: unknown): value is NoObject | undefined =>
  typeof value !== "object" || value === null || Array.isArray(value)

/** `message_start`, or the whole answer that closes its own blocks and tells why it ended. */
const message = (state: State, event: Event): Step<State> => {
  const message = objectOf(event.message)
  if (message === undefined) return { state, malformed: "message" }
  const [usage, known] = readUsage(state.usage, message?.usage)
  const isWhole = event.type === "message"
  const finishReason = isWhole ? finishReasonOf(message?.stop_reason) : null
  return {
    state: { ...state, usage },
    chunk: { ...nothing, finishReason, usage: known, rawChunk: isWhole ? event.message : event },
    model: message?.model ?? ""
  }
}

const blockStart = (state: State, event: Event): Step<State> => {
  const block = objectOf(event.content_block)
  if (block === undefined) return { state, malformed: "content_block" }
  if (block?.type === "tool_use") return callStart(state, event, block)
  const next = withCalls(state, Calls.otherBlock(state.calls, event.index))
  switch (block?.type) {
    // Anthropic starts blocks empty; gateways start them with the first of their text.
    case "text": {
      const [opened, part] = openPart(next, event, "text")
      return { state: opened, chunk: shown(event, { content: block.text ?? "", part }) }
    }
    case "thinking": {
      const [opened, part] = openPart(next, event, "reasoning")
      return { state: opened, chunk: shown(event, { reasoning: block.thinking ?? "", part }) }
    }
    case "redacted_thinking": {
      const { data } = block
      if (data != null && typeof data !== "string") return { state, malformed: "content_block.data" }
      if (data == null) return { state: next, chunk: shown(event, {}) }
      const value = { type: "provider", provider: state.provider, data: { type: "redacted_thinking", data } } as const
      const part = { index: state.count, type: "provider", value } as const
      return { state: { ...next, count: state.count + 1, open: undefined }, chunk: shown(event, { part }) }
    }
    default:
      return { state: next, chunk: shown(event, {}) }
  }
}

const callStart = (state: State, event: Event, block: Block): Step<State> => {
  const missing = (["id", "name"] as const).find((field) => block[field] === undefined)
  if (missing !== undefined) return { state, malformed: `content_block.${missing}` }
  const [calls, toolCalls] = Calls.start(state.calls, event.index, block)
  const part = { index: state.count, type: "tool-call" } as const
  return {
    state: { ...state, calls, count: state.count + 1, open: undefined },
    chunk: shown(event, { toolCalls, part })
  }
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
      if (!delta.signature) return { state, chunk: shown(event, {}) }
      const [next, part] = enterPart(state, event, "reasoning")
      const providerMetadata = { [state.provider]: { signature: delta.signature } }
      return { state: next, chunk: shown(event, { part: { ...part, providerMetadata } }) }
    }
    case "input_json_delta": {
      if (delta.partial_json === undefined) return { state, malformed: "delta.partial_json" }
      const [calls, toolCalls] = Calls.append(state.calls, event.index, delta.partial_json ?? "")
      return { state: withCalls(state, calls), chunk: { ...nothing, toolCalls, rawChunk: event } }
    }
    default:
      return { state, chunk: shown(event, {}) }
  }
}

const textDelta = (state: State, event: Event, type: OpenPart["type"], text: string): Step<State> => {
  const chunk = type === "text" ? said(event, text, "") : said(event, "", text)
  if (text === "" || isOpen(state, event, type)) return { state, chunk }
  const [next, part] = enterPart(state, event, type)
  return { state: next, chunk: { ...chunk, part } }
}

const messageDelta = (state: State, event: Event): Step<State> => {
  const delta = objectOf(event.delta)
  if (delta === undefined) return { state, malformed: "delta" }
  const reported = objectOf(event.usage)
  if (reported === undefined && event.usage !== undefined) return { state, malformed: "usage" }
  const [usage, known] = readUsage(state.usage, reported)
  const [calls, toolCalls] = Calls.stopAll(state.calls)
  const finishReason = finishReasonOf(delta?.stop_reason)
  return { state: { ...state, usage, calls }, chunk: shown(event, { toolCalls, finishReason, usage: known }) }
}

/** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const finishReasons: { readonly [reason: string]: FinishReason } = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  refusal: "content_filter"
}

const finishReasonOf = (reason: string | null | undefined): FinishReason | null => {
  if (!reason) return null
  return (Object.hasOwn(finishReasons, reason) ? finishReasons[reason] : undefined) ?? "other"
}

/** The last value of each count, and the whole in our view where this report says anything. */
const readUsage = (
  before: WireUsage,
  reported: WireUsage | null | undefined
): readonly [WireUsage, Usage.Usage | null] => {
  if (reported == null) return [before, null]
  const usage: WireUsage = {
    input_tokens: reported.input_tokens ?? before.input_tokens,
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
