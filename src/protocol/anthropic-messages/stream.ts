/** Decodes Anthropic's messages into chunks: https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { ChunkPart, StreamChunk } from "../../domain/StreamChunk.js"
import type { JsonObject } from "../../http/Json.js"
import { failureOfWord, readFinishReason } from "../finishReasons.js"
import { Generation } from "../Generation.js"
import type { Step } from "../Protocol.js"
import { textChunk } from "../textChunk.js"
import { Calls } from "./calls.js"
import { Citations, pagesOf } from "./citations.js"
import { reportedError } from "./errors.js"
import { OpaqueBlocks } from "./opaqueBlocks.js"
import type { Block, Delta, Event, NonObject, Usage as WireUsage } from "./schema.js"
import { readUsage } from "./usage.js"

/** The state between events. Its calls, blocks, citations and generation are mutable. */
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
  readonly opaque: OpaqueBlocks
  readonly citations: Citations
  /** The key of signatures and citations in `providerMetadata`. */
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
  opaque: new OpaqueBlocks(),
  citations: new Citations(),
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
      return blockStop(state, event)
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

const chunkWith = (event: Event, fields: Partial<StreamChunk>): StreamChunk => ({
  ...textChunk(event, "", ""),
  ...fields
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
  const chunk = textChunk(isComplete ? (event.message ?? event) : event, "", "", known)
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
  if (reason === "none") return { state, chunk }
  const verdict = state.calls.judge(reason, state.hasText)
  if (verdict === "nameless") return { state, chunk, malformed: "content_block.name" }
  const read = verdict === "none" && reason === "tool_calls" ? "stop" : reason
  // `stop` would say that the answer is in the text, and there is none.
  const isOpaque = read === "stop" && !state.hasText && state.calls.count === 0 && state.opaque.count > 0
  const finishReason = isOpaque ? "other" : read
  return {
    state,
    chunk: word === "pause_turn" ? { ...chunk, finishReason, paused: true } : { ...chunk, finishReason }
  }
}

const blockStart = (before: State, event: Event): Step<State> => {
  const block = objectOf(event.content_block)
  if (block === undefined) return { state: before, malformed: "content_block" }
  // Some servers end no block, and number the next one alike.
  const [state, ended] = opaqueParts(before, event, before.opaque.stop(event.index))
  return precededBy(ended, startOf(state, event, block))
}

const precededBy = (chunks: ReadonlyArray<StreamChunk>, step: Step<State>): Step<State> =>
  chunks.length === 0 ? step : { ...step, before: [...chunks, ...(step.before ?? [])] }

const startOf = (state: State, event: Event, block: Block | null): Step<State> => {
  if (block?.type === "tool_use") return callStart(state, event, block)
  const toolCalls = state.calls.startOther(event.index)
  const step = otherStart(state, event, block)
  // The arguments of a call whose block never ended.
  return toolCalls.length === 0 ? step : precededBy([chunkWith(event, { toolCalls })], step)
}

const otherStart = (next: State, event: Event, block: Block | null | undefined): Step<State> => {
  switch (block?.type) {
    // Anthropic starts blocks empty; some gateways start them with their first text.
    case "text": {
      const [opened, part] = openPart(next, event, "text")
      if (Array.isArray(block.citations)) for (const each of block.citations) next.citations.add(part.index, each)
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
      const [after, [chunk]] = opaqueParts(next, event, [{ type: "redacted_thinking", data }])
      return { state: after, chunk }
    }
    default:
      if (block?.type != null) next.opaque.start(event.index, block)
      return { state: next, chunk: chunkWith(event, {}) }
  }
}

/** Blocks that are not decoded become opaque parts, which go back in the next request. */
const opaqueParts = (
  state: State,
  event: Event,
  blocks: ReadonlyArray<JsonObject>
): readonly [State, ReadonlyArray<StreamChunk>] =>
  blocks.length === 0
    ? [state, []]
    : [
        { ...state, count: state.count + blocks.length, open: undefined },
        blocks.map((data, at) => {
          const value = { type: "provider", provider: state.provider, data } as const
          return chunkWith(event, { part: { index: state.count + at, type: "provider", value } })
        })
      ]

const blockStop = (state: State, event: Event): Step<State> => {
  const cited = citedBlock(state, event)
  if (cited !== undefined) return cited
  const [next, [chunk]] = opaqueParts(state, event, state.opaque.stop(event.index))
  return { state: next, chunk: chunk ?? chunkWith(event, { toolCalls: state.calls.stop(event.index) }) }
}

/** The citations go back with the text, and so are metadata of its part. */
const citedBlock = (state: State, event: Event): Step<State> | undefined => {
  const open = state.blocks.get(event.index ?? -1)
  const citations = open === undefined ? undefined : state.citations.take(open.index)
  if (open === undefined || citations === undefined) return undefined
  const { index, type } = open
  const part = { index, type, providerMetadata: { [state.provider]: { citations } } }
  return {
    state: { ...state, open },
    chunk: chunkWith(event, { part }),
    citations: pagesOf(citations, index)
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
  switch (delta == null ? undefined : typeOf(delta)) {
    case "text_delta":
      if (delta?.text === undefined) return { state, malformed: "delta.text" }
      return textDelta(state, event, "text", delta?.text ?? "")
    case "thinking_delta":
      if ((delta?.thinking ?? delta?.text) === undefined) return { state, malformed: "delta.thinking" }
      return textDelta(state, event, "reasoning", delta?.thinking ?? delta?.text ?? "")
    case "signature_delta": {
      if (delta?.signature === undefined) return { state, malformed: "delta.signature" }
      if (!delta?.signature) return { state, chunk: chunkWith(event, {}) }
      const [next, part] = enterPart(state, event, "reasoning")
      const providerMetadata = { [state.provider]: { signature: delta?.signature } }
      return { state: next, chunk: chunkWith(event, { part: { ...part, providerMetadata } }) }
    }
    case "citations_delta": {
      const open = state.blocks.get(event.index ?? -1)
      if (open?.type === "text") state.citations.add(open.index, delta?.citation)
      return { state, chunk: chunkWith(event, {}) }
    }
    case "compaction_delta":
      state.opaque.addContent(event.index, delta?.content)
      return { state, chunk: chunkWith(event, {}) }
    case "input_json_delta": {
      if (delta?.partial_json === undefined) return { state, malformed: "delta.partial_json" }
      if (state.opaque.addInput(event.index, delta?.partial_json ?? "")) return { state, chunk: chunkWith(event, {}) }
      const toolCalls = state.calls.append(event.index, delta?.partial_json ?? "")
      return { state, chunk: chunkWith(event, { toolCalls }) }
    }
    default:
      return { state, chunk: chunkWith(event, {}) }
  }
}

/** The type of a delta; some gateways leave it out, or write that of the block. */
const typeOf = ({ type, text, thinking, partial_json }: Delta): string | null | undefined => {
  if (type != null && type !== "text" && type !== "thinking") return type
  if (text != null) return type === "thinking" ? "thinking_delta" : "text_delta"
  return thinking != null ? "thinking_delta" : partial_json != null ? "input_json_delta" : type
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
  const [next, ended] = opaqueParts({ ...state, usage }, event, state.opaque.stopAll())
  return precededBy(ended, finished(next, chunk, delta?.stop_reason))
}
