/** Reads Anthropic's messages as chunks: https://platform.claude.com/docs/en/build-with-claude/streaming */
import type { FinishReason, StreamChunk } from "../../domain/StreamChunk.js"
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
}

/** Nothing read yet. */
export const initial: State = { usage: {}, calls: Calls.none }

/** What an answer carries back to the provider: the signature of the reasoning before it, or reasoning kept secret. */
export type Carried =
  | { readonly type: "signature"; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: unknown }

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

const carrying = (carried: Carried | undefined): { readonly providerData?: Carried } =>
  carried === undefined ? {} : { providerData: carried }

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
    case "text":
      return { state: next, chunk: shown(event, { content: block.text ?? "" }) }
    case "thinking":
      return { state: next, chunk: shown(event, { reasoning: block.thinking ?? "" }) }
    case "redacted_thinking": {
      const { data } = block
      if (data != null && typeof data !== "string") return { state, malformed: "content_block.data" }
      const carried = data == null ? undefined : ({ type: "redacted_thinking", data } as const)
      return { state: next, chunk: shown(event, carrying(carried)) }
    }
    default:
      return { state: next, chunk: shown(event, {}) }
  }
}

const callStart = (state: State, event: Event, block: Block): Step<State> => {
  const missing = (["id", "name"] as const).find((field) => block[field] === undefined)
  if (missing !== undefined) return { state, malformed: `content_block.${missing}` }
  const [calls, toolCalls] = Calls.start(state.calls, event.index, block)
  return { state: { ...state, calls }, chunk: shown(event, { toolCalls }) }
}

const blockDelta = (state: State, event: Event): Step<State> => {
  const delta = objectOf(event.delta)
  if (delta === undefined) return { state, malformed: "delta" }
  switch (delta?.type) {
    case "text_delta":
      if (delta.text === undefined) return { state, malformed: "delta.text" }
      return { state, chunk: said(event, delta.text ?? "", "") }
    case "thinking_delta":
      if (delta.thinking === undefined) return { state, malformed: "delta.thinking" }
      return { state, chunk: said(event, "", delta.thinking ?? "") }
    case "signature_delta": {
      if (delta.signature === undefined) return { state, malformed: "delta.signature" }
      const carried = delta.signature ? ({ type: "signature", signature: delta.signature } as const) : undefined
      return { state, chunk: shown(event, carrying(carried)) }
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

const messageDelta = (state: State, event: Event): Step<State> => {
  const delta = objectOf(event.delta)
  if (delta === undefined) return { state, malformed: "delta" }
  const reported = objectOf(event.usage)
  if (reported === undefined && event.usage !== undefined) return { state, malformed: "usage" }
  const [usage, known] = readUsage(state.usage, reported)
  const [calls, toolCalls] = Calls.stopAll(state.calls)
  const finishReason = finishReasonOf(delta?.stop_reason)
  return { state: { usage, calls }, chunk: shown(event, { toolCalls, finishReason, usage: known }) }
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
