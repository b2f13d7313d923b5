/** Decodes OpenAI's Responses, streaming or not, into chunks, with tolerance for every server's deviations. */
import { Either } from "effect"
import type { ProviderMetadata } from "../../domain/ContentPart.js"
import type { ChunkPart, FinishReason, StreamChunk } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import { isObject } from "../../http/Json.js"
import { Generation } from "../Generation.js"
import type { Step } from "../Protocol.js"
import { failureOf } from "./errors.js"
import * as Items from "./items.js"
import { providerMetadataOf } from "./replay.js"
import { type Event, type Item, isItemType, type Response, readItem, readPart, readResponse } from "./schema.js"

/** The state between events. Its items, opened parts and generation are mutable. */
export interface State {
  readonly items: Items.Items
  readonly generation: Generation
  /** Whether the model refused: the response has the status `completed` even then. */
  readonly isRefused: boolean
  /** Whether the server stores the items, which is the default. */
  readonly isStored: boolean
  /** Whether stored reasoning has arrived: later items must then go back with their ids. */
  readonly isLinked: boolean
  readonly parts: Parts
  /** The key of ids and encrypted reasoning in `providerMetadata`. */
  readonly provider: string
}

type PartType = "text" | "refusal" | "reasoning" | "tool-call"

interface OpenPart {
  readonly item: number
  readonly type: PartType
  readonly index: number
}

/** The parts of the message so far, each of one item. */
interface Parts {
  readonly count: number
  readonly opened: Map<string, OpenPart>
  readonly open: OpenPart | undefined
}

/** The state before the first event. */
export const initialState = (provider: string): State => ({
  items: new Items.Items(),
  generation: new Generation(),
  isRefused: false,
  isStored: true,
  isLinked: false,
  parts: { count: 0, opened: new Map(), open: undefined },
  provider
})

/** The text that an event holds: the item's type, the slot in the item, and the field of the event. */
interface TextEvent {
  readonly item: Item["type"]
  readonly slot: string
  readonly field: "delta" | "text" | "refusal" | "arguments"
}

/** Events with a `delta` of a text or the complete text: https://platform.openai.com/docs/api-reference/responses-streaming */
const textEvents: ReadonlyMap<unknown, TextEvent> = new Map([
  ["response.output_text.delta", { item: "message", slot: "output_text", field: "delta" }],
  ["response.output_text.done", { item: "message", slot: "output_text", field: "text" }],
  ["response.refusal.delta", { item: "message", slot: "refusal", field: "delta" }],
  ["response.refusal.done", { item: "message", slot: "refusal", field: "refusal" }],
  ["response.reasoning_summary_text.delta", { item: "reasoning", slot: "summary_text", field: "delta" }],
  ["response.reasoning_summary_text.done", { item: "reasoning", slot: "summary_text", field: "text" }],
  ["response.reasoning_text.delta", { item: "reasoning", slot: "reasoning_text", field: "delta" }],
  ["response.reasoning_text.done", { item: "reasoning", slot: "reasoning_text", field: "text" }],
  ["response.function_call_arguments.delta", { item: "function_call", slot: "arguments", field: "delta" }],
  ["response.function_call_arguments.done", { item: "function_call", slot: "arguments", field: "arguments" }]
])

/** The item's type, by the type of a content part. */
const partItems: ReadonlyMap<unknown, Item["type"]> = new Map([
  ["output_text", "message"],
  ["refusal", "message"],
  ["summary_text", "reasoning"],
  ["reasoning_text", "reasoning"]
])

/** The events that end a stream, with the status of the response. */
const ends: ReadonlyMap<unknown, string> = new Map([
  ["response.completed", "completed"],
  ["response.done", "completed"],
  ["response.incomplete", "incomplete"],
  ["response.failed", "failed"],
  ["response.cancelled", "cancelled"]
])

/** Decodes one event. */
export const step = (state: State, event: Event): Step<State> => {
  const text = textEvents.get(event.type)
  if (text !== undefined) return stepText(state, event, text)
  switch (event.type) {
    case "response.output_item.added":
    case "response.output_item.done":
      return stepItem(state, event, event.type === "response.output_item.done")
    case "response.content_part.done":
    case "response.reasoning_summary_part.done":
    case "response.reasoning_part.done":
      return stepPart(state, event)
    case "response.created":
    case "response.queued":
    case "response.in_progress":
      return stepStart(state, event)
    case "keepalive":
    case "ping":
      return { state }
  }
  if (ends.has(event.type) || isResponse(event)) return stepEnd(state, event)
  return { state, chunk: chunkOf(event), ...(isError(event) ? { failure: failureOf(event) } : {}) }
}

/** A non-streaming response is its own last event. */
const isResponse = (event: Event): boolean => event.type == null && Array.isArray(event.output)

/** OpenAI's error events have a type; those of gateways and compatible servers often do not. */
const isError = (event: Event): boolean =>
  event.type === "error" || event.object === "error" || (event.type == null && event.error != null)

const noCalls: StreamChunk["toolCalls"] = []

const chunkOf = (event: Event): StreamChunk => textChunk(event, "", "")

const textChunk = (event: Event, content: string, reasoning: string): StreamChunk => ({
  content,
  reasoning,
  toolCalls: noCalls,
  finishReason: null,
  usage: null,
  rawChunk: event
})

/** Finds or opens the part of an item. The flag says whether a chunk must name the part, as it was not open. */
const enterPart = (parts: Parts, item: number, type: PartType): readonly [Parts, OpenPart, boolean] => {
  const { open } = parts
  if (open !== undefined && open.item === item && open.type === type) return [parts, open, false]
  const known = parts.opened.get(`${item} ${type}`)
  if (known !== undefined) return [{ ...parts, open: known }, known, type !== "tool-call"]
  const opened = { item, type, index: parts.count }
  parts.opened.set(`${item} ${type}`, opened)
  return [{ ...parts, count: parts.count + 1, open: opened }, opened, true]
}

/** Writes the output of one item as chunks, one per part. */
const chunksOf = (
  parts: Parts,
  output: Items.Output,
  event: Event,
  metadata?: ProviderMetadata
): readonly [Parts, ReadonlyArray<StreamChunk>] => {
  const { item, content, refusal, reasoning, toolCalls } = output
  const chunks: Array<StreamChunk> = []
  let next = parts
  const add = (type: PartType, text: string, thought: string, calls: StreamChunk["toolCalls"]) => {
    const [entered, { index }, isMarked] = enterPart(next, item, type)
    next = entered
    const chunk = {
      content: text,
      reasoning: thought,
      toolCalls: calls,
      finishReason: null,
      usage: null,
      rawChunk: event
    }
    const part = metadata === undefined ? { index, type } : { index, type, providerMetadata: metadata }
    chunks.push(isMarked || metadata !== undefined ? { ...chunk, part } : chunk)
  }
  const has = (type: PartType): boolean => metadata !== undefined && parts.opened.has(`${item} ${type}`)
  if (reasoning !== "" || has("reasoning")) add("reasoning", "", reasoning, noCalls)
  if (content !== "" || has("text")) add("text", content, "", noCalls)
  if (refusal !== "" || has("refusal")) add("refusal", refusal, "", noCalls)
  if (toolCalls.length > 0 || has("tool-call")) add("tool-call", "", "", toolCalls)
  return [next, chunks]
}

const stepOf = (state: State, event: Event, chunks: ReadonlyArray<StreamChunk>): Step<State> => ({
  state,
  before: chunks.length > 1 ? chunks.slice(0, -1) : undefined,
  chunk: chunks.at(-1) ?? chunkOf(event)
})

const stepText = (state: State, event: Event, { item, slot, field }: TextEvent): Step<State> => {
  const isComplete = field !== "delta"
  const value = event[field]
  // A delta is required, a repeated complete text is not; `null` is an empty delta.
  const present = value ?? (isComplete || value === null ? "" : undefined)
  const text = field === "arguments" && typeof present === "object" ? JSON.stringify(present) : present
  return typeof text === "string"
    ? stepPiece(state, event, item, { slot, at: indexIn(slot, event), text, isComplete })
    : { state, malformed: field }
}

const stepPart = (state: State, event: Event): Step<State> => {
  const part = isObject(event.part) ? event.part : undefined
  const item = partItems.get(part?.["type"])
  if (part === undefined) return { state, malformed: "part" }
  if (item === undefined) return { state, chunk: chunkOf(event) }
  const read = readPart(part)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const { type, text, refusal } = read.right
  const slot = type ?? ""
  const piece = { slot, at: indexIn(slot, event), text: refusal ?? text ?? "", isComplete: true }
  return stepPiece(state, event, item, piece)
}

const indexIn = (slot: string, event: Event): number => {
  const index = event.content_index ?? event.summary_index
  return slot === Items.refusalSlot || typeof index !== "number" ? 0 : index
}

const stepPiece = (state: State, event: Event, type: Item["type"], piece: Items.Piece): Step<State> => {
  const address = { type, id: event.item_id, callId: "", index: event.output_index }
  const output = Items.takePiece(state.items, address, piece)
  const { open } = state.parts
  // Nearly all events continue the open text. They reuse the state and allocate only their chunk.
  if (open !== undefined && open.item === output.item && isContinued(output, open.type)) {
    return { state, chunk: textChunk(event, output.content, output.reasoning) }
  }
  const isRefused = state.isRefused || output.refusal !== ""
  const [parts, chunks] = chunksOf(state.parts, output, event)
  const isSame = parts === state.parts && isRefused === state.isRefused
  return stepOf(isSame ? state : { ...state, parts, isRefused }, event, chunks)
}

const isContinued = ({ content, refusal, reasoning, toolCalls }: Items.Output, type: PartType): boolean =>
  refusal === "" &&
  toolCalls.length === 0 &&
  (content === "" || type === "text") &&
  (reasoning === "" || type === "reasoning")

const stepItem = (state: State, event: Event, isDone: boolean): Step<State> => {
  if (!isObject(event.item)) return { state, malformed: "item" }
  const itemMetadata = isDone ? providerMetadataOf(event.item, state) : undefined
  if (!isItemType(event.item["type"])) {
    return itemMetadata === undefined ? { state, chunk: chunkOf(event) } : hostedItem(state, event, itemMetadata.data)
  }
  const read = readItem(event.item)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const [taken, output] = takeItem(state, read.right, event.output_index, isDone)
  if (Items.isNamelessCall(taken.items, output.item)) return { state, malformed: "item.name" }
  const metadata = itemMetadata === undefined ? undefined : { [state.provider]: itemMetadata.data }
  // Encrypted reasoning may have no text. Its part then holds only metadata.
  const [before] =
    metadata !== undefined && read.right.type === "reasoning"
      ? enterPart(taken.parts, output.item, "reasoning")
      : [taken.parts]
  const [parts, chunks] = chunksOf(before, output, event, metadata)
  return stepOf({ ...taken, parts, isLinked: taken.isLinked || itemMetadata?.isLinking === true }, event, chunks)
}

/** An item of a tool that the server runs becomes an opaque part. */
const hostedItem = (state: State, event: Event, data: unknown): Step<State> => {
  const { count } = state.parts
  const part: ChunkPart = {
    index: count,
    type: "provider",
    value: { type: "provider", provider: state.provider, data }
  }
  return {
    state: { ...state, parts: { ...state.parts, count: count + 1, open: undefined } },
    chunk: { ...chunkOf(event), part }
  }
}

const takeItem = (state: State, item: Item, index: unknown, isDone: boolean): readonly [State, Items.Output] => {
  const output = Items.takeItem(state.items, item, index, isDone)
  return [{ ...state, isRefused: state.isRefused || Items.refuses(item) }, output]
}

const stepStart = (state: State, event: Event): Step<State> => {
  if (event.response == null) return { state, chunk: chunkOf(event) }
  const read = readResponse(event.response)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const { id, model, store } = read.right
  const isStart = event.type === "response.created"
  if (state.generation.isOther({ id, isStart, hasOutput: state.parts.count > 0 })) return { state, isSpliced: true }
  return {
    state: store == null || store === state.isStored ? state : { ...state, isStored: store },
    chunk: chunkOf(event),
    model: model ?? ""
  }
}

const stepEnd = (state: State, event: Event): Step<State> => {
  const read = readResponse(isResponse(event) ? event : event.response)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const response = read.right
  const status = ends.get(event.type) ?? response.status ?? "completed"
  const model = response.model ?? ""
  if (status === "failed" || response.status === "failed") {
    return { state, chunk: chunkOf(event), failure: failureOf(response), model }
  }
  const [next, chunks] = recover(state, event, response.output ?? [])
  if (next.parts.count === 0 && Items.hasNamelessCall(next.items)) return { state: next, malformed: "item.name" }
  const hasCalls = Items.hasCall(next.items)
  const finishReason = finishReasonOf(response, status, { hasCalls, isRefused: next.isRefused })
  const { before, chunk = chunkOf(event) } = stepOf(next, event, chunks)
  return {
    state: next,
    before,
    chunk: { ...chunk, finishReason, usage: usageOf(response.usage) },
    model,
    isEnd: true
  }
}

/** Writes the items that only the list in the last event holds. */
const recover = (
  state: State,
  event: Event,
  output: ReadonlyArray<unknown>
): readonly [State, ReadonlyArray<StreamChunk>] => {
  const chunks: Array<StreamChunk> = []
  let next = state
  const items = output.flatMap((each) => {
    const item = isObject(each) && isItemType(each["type"]) ? Either.getOrUndefined(readItem(each)) : undefined
    return item !== undefined && Items.lacks(state.items, item) ? [item] : []
  })
  for (const item of items) {
    const [taken, more] = takeItem(next, item, undefined, true)
    const [parts, added] = chunksOf(taken.parts, more, event)
    for (const chunk of added) chunks.push(chunk)
    next = { ...taken, parts }
  }
  return [next, chunks]
}

/** https://platform.openai.com/docs/api-reference/responses/object */
const incompleteReasons = new Map<string, FinishReason>([
  ["max_output_tokens", "length"],
  ["max_tokens", "length"],
  ["content_filter", "content_filter"]
])

const finishReasonOf = (
  response: Response,
  status: string,
  { hasCalls, isRefused }: { readonly hasCalls: boolean; readonly isRefused: boolean }
): FinishReason => {
  const reason = response.incomplete_details?.reason
  if (reason) return incompleteReasons.get(reason) ?? "other"
  // Some servers leave the status of a completed response at `in_progress`.
  const isIncomplete = response.status === "incomplete" || response.status === "cancelled"
  if (status !== "completed" || isIncomplete) return "other"
  if (isRefused) return "content_filter"
  return hasCalls ? "tool_calls" : "stop"
}

/** Reads the counts. OpenAI's totals include cached tokens and reasoning. */
const usageOf = (usage: Response["usage"]): Usage.Usage | null =>
  usage == null
    ? null
    : Usage.make({
        inputTokens: usage.input_tokens ?? 0,
        outputTokens: usage.output_tokens ?? 0,
        cacheReadTokens: usage.input_tokens_details?.cached_tokens,
        cacheWriteTokens: usage.input_tokens_details?.cache_write_tokens,
        reasoningTokens: usage.output_tokens_details?.reasoning_tokens
      })
