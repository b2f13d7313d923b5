/** Decodes Anthropic's messages into chunks: https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { ChunkPart, FinishReason, StreamChunk, ToolCallDelta } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import type { Step } from "../Protocol.js"
import { reportedError } from "./errors.js"
import type { Block, Event, NonObject, Usage as WireUsage } from "./schema.js"

/** The state between events. */
export interface State {
  /** The last value of each count: `message_start` has some, `message_delta` the others. */
  readonly usage: WireUsage
  readonly calls: Calls
  /** How many parts the message has so far. */
  readonly count: number
  /** The part of each text and thinking block, by the block's index on the wire. */
  readonly blocks: ReadonlyMap<number, OpenPart>
  readonly open: OpenPart | undefined
  /** The key of signatures in `providerMetadata`. */
  readonly provider: string
}

interface OpenPart {
  readonly block: number
  readonly index: number
  readonly type: "text" | "reasoning"
}

/** The tool calls so far. */
interface Calls {
  readonly count: number
  /** By the block's index on the wire. Calls stay after their block ends, because some gateways end it too early. */
  readonly blocks: ReadonlyMap<number, Call>
}

interface Call {
  readonly index: number
  /** The arguments in the start of the block; they count only if no deltas follow. */
  readonly initial: string
}

/** The state before the first event. */
export const initialState = (provider: string): State => ({
  usage: {},
  calls: { count: 0, blocks: new Map() },
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
    case "content_block_stop": {
      const [calls, toolCalls] = stopCall(state.calls, event.index)
      return { state: withCalls(state, calls), chunk: chunkWith(event, { toolCalls }) }
    }
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
  const blocks = new Map(state.blocks).set(block, open)
  return [
    { ...state, count: state.count + 1, blocks, open },
    { index: open.index, type }
  ]
}

/** Returns to the part of a block, or opens one if the start of the block is missing. */
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

const withCalls = (state: State, calls: Calls): State => (calls === state.calls ? state : { ...state, calls })

/** The object in a known event: `null` if the wire has null, `undefined` if it is absent or not an object. */
const objectOf = <A extends object>(value: A | NonObject | undefined): A | null | undefined =>
  isNonObject(value) ? (value === null ? null : undefined) : value

const isNonObject = (value: unknown): value is NonObject | undefined =>
  typeof value !== "object" || value === null || Array.isArray(value)

/** `message_start`, or a non-streaming response, which has the finish reason too. */
const message = (state: State, event: Event): Step<State> => {
  const message = objectOf(event.message)
  if (message === undefined) return { state, malformed: "message" }
  const [usage, known] = readUsage(state.usage, message?.usage)
  const isComplete = event.type === "message"
  const finishReason = isComplete ? finishReasonOf(message?.stop_reason) : null
  return {
    state: { ...state, usage },
    chunk: { ...empty, finishReason, usage: known, rawChunk: isComplete ? event.message : event },
    model: message?.model ?? ""
  }
}

const blockStart = (state: State, event: Event): Step<State> => {
  const block = objectOf(event.content_block)
  if (block === undefined) return { state, malformed: "content_block" }
  if (block?.type === "tool_use") return callStart(state, event, block)
  const next = withCalls(state, forgetCall(state.calls, event.index))
  switch (block?.type) {
    // Anthropic starts blocks empty; some gateways start them with their first text.
    case "text": {
      const [opened, part] = openPart(next, event, "text")
      return { state: opened, chunk: chunkWith(event, { content: block.text ?? "", part }) }
    }
    case "thinking": {
      const [opened, part] = openPart(next, event, "reasoning")
      return { state: opened, chunk: chunkWith(event, { reasoning: block.thinking ?? "", part }) }
    }
    case "redacted_thinking": {
      const { data } = block
      if (data != null && typeof data !== "string") return { state, malformed: "content_block.data" }
      if (data == null) return { state: next, chunk: chunkWith(event, {}) }
      const value = { type: "provider", provider: state.provider, data: { type: "redacted_thinking", data } } as const
      const part = { index: state.count, type: "provider", value } as const
      return { state: { ...next, count: state.count + 1, open: undefined }, chunk: chunkWith(event, { part }) }
    }
    default:
      return { state: next, chunk: chunkWith(event, {}) }
  }
}

const callStart = (state: State, event: Event, block: Block): Step<State> => {
  const missing = (["id", "name"] as const).find((field) => block[field] === undefined)
  if (missing !== undefined) return { state, malformed: `content_block.${missing}` }
  const [calls, toolCalls] = startCall(state.calls, event.index, block)
  const part = { index: state.count, type: "tool-call" } as const
  return {
    state: { ...state, calls, count: state.count + 1, open: undefined },
    chunk: chunkWith(event, { toolCalls, part })
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
      if (!delta.signature) return { state, chunk: chunkWith(event, {}) }
      const [next, part] = enterPart(state, event, "reasoning")
      const providerMetadata = { [state.provider]: { signature: delta.signature } }
      return { state: next, chunk: chunkWith(event, { part: { ...part, providerMetadata } }) }
    }
    case "input_json_delta": {
      if (delta.partial_json === undefined) return { state, malformed: "delta.partial_json" }
      const [calls, toolCalls] = appendArguments(state.calls, event.index, delta.partial_json ?? "")
      return { state: withCalls(state, calls), chunk: chunkWith(event, { toolCalls }) }
    }
    default:
      return { state, chunk: chunkWith(event, {}) }
  }
}

const textDelta = (state: State, event: Event, type: OpenPart["type"], text: string): Step<State> => {
  const chunk = type === "text" ? textChunk(event, text, "") : textChunk(event, "", text)
  if (text === "" || isOpen(state, event, type)) return { state, chunk }
  const [next, part] = enterPart(state, event, type)
  return { state: next, chunk: { ...chunk, part } }
}

/** The wire's index of a block; some gateways leave it out. */
type BlockIndex = number | null | undefined
type CallUpdate = readonly [Calls, ReadonlyArray<ToolCallDelta>]

const keyOf = (index: BlockIndex): number => index ?? -1

const setCall = (calls: Calls, key: number, call: Call): Calls => ({
  count: Math.max(calls.count, call.index + 1),
  blocks: new Map(calls.blocks).set(key, call)
})

const startCall = (calls: Calls, blockIndex: BlockIndex, block: Block): CallUpdate => {
  const index = calls.count
  const delta: ToolCallDelta = { index, id: block.id || `call_${index}`, name: block.name ?? "", arguments: "" }
  return [setCall(calls, keyOf(blockIndex), { index, initial: argumentsOf(block.input) }), [delta]]
}

/** Another block reuses the index of a tool call: further deltas do not belong to the call. */
const forgetCall = (calls: Calls, blockIndex: BlockIndex): Calls => {
  if (!calls.blocks.has(keyOf(blockIndex))) return calls
  const blocks = new Map(calls.blocks)
  blocks.delete(keyOf(blockIndex))
  return { ...calls, blocks }
}

/** Appends arguments to a call. The JSON of tools that the provider runs itself is ignored. */
const appendArguments = (calls: Calls, blockIndex: BlockIndex, json: string): CallUpdate => {
  const call = calls.blocks.get(keyOf(blockIndex))
  if (call === undefined || json === "") return [calls, []]
  const next = call.initial === "" ? calls : setCall(calls, keyOf(blockIndex), { ...call, initial: "" })
  return [next, [{ index: call.index, arguments: json }]]
}

/** A block ends: without deltas, its arguments are those in its start. */
const stopCall = (calls: Calls, blockIndex: BlockIndex): CallUpdate => {
  const call = calls.blocks.get(keyOf(blockIndex))
  return call === undefined ? [calls, []] : appendArguments(calls, blockIndex, call.initial)
}

/** The message ends, and with it every block. */
const stopAllCalls = (calls: Calls): CallUpdate =>
  Array.from(calls.blocks.keys()).reduce<CallUpdate>(
    ([before, deltas], key) => {
      const [after, more] = stopCall(before, key)
      return [after, [...deltas, ...more]]
    },
    [calls, []]
  )

const argumentsOf = (input: unknown): string => {
  if (typeof input === "string") return input
  if (typeof input !== "object" || input === null || Object.keys(input).length === 0) return ""
  return JSON.stringify(input)
}

const messageDelta = (state: State, event: Event): Step<State> => {
  const delta = objectOf(event.delta)
  if (delta === undefined) return { state, malformed: "delta" }
  const reported = objectOf(event.usage)
  if (reported === undefined && event.usage !== undefined) return { state, malformed: "usage" }
  const [usage, known] = readUsage(state.usage, reported)
  const [calls, toolCalls] = stopAllCalls(state.calls)
  const finishReason = finishReasonOf(delta?.stop_reason)
  return { state: { ...state, usage, calls }, chunk: chunkWith(event, { toolCalls, finishReason, usage: known }) }
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
