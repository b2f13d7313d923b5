/** Decodes OpenAI's Responses, streaming or not, into chunks, with tolerance for every server's deviations. */
import * as Either from "effect/Either"
import type { FinishReason, StreamChunk } from "../../domain/StreamChunk.js"
import * as Usage from "../../domain/Usage.js"
import { isObject, type JsonObject } from "../../http/Json.js"
import { failureOfWord, readFinishReason } from "../finishReasons.js"
import { Generation } from "../Generation.js"
import type { Step } from "../Protocol.js"
import { textChunk } from "../textChunk.js"
import { pageOf, pagesOf } from "./annotations.js"
import { failureOf } from "./errors.js"
import * as Items from "./items.js"
import {
  addOpaque,
  chunkOf,
  chunksOf,
  enterPart,
  hasPart,
  noParts,
  type Parts,
  type PartType,
  textIndexOf
} from "./parts.js"
import { isHosted, opaqueItem, providerMetadataOf } from "./replay.js"
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
  /** Whether there are items that are not decoded and go back as they are, and whether one waits for the caller. */
  readonly opaque: "none" | "some" | "approval" | "waiting"
  /** The key of ids and encrypted reasoning in `providerMetadata`. */
  readonly provider: string
}

/** The state before the first event. */
export const initialState = (provider: string): State => ({
  items: new Items.Items(),
  generation: new Generation(),
  isRefused: false,
  isStored: true,
  isLinked: false,
  parts: noParts(),
  opaque: "none",
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

/** The names of other servers for texts, which count where they have one: vLLM, OpenRouter and xAI, before they took over OpenAI's. */
const otherTextEvents: ReadonlyMap<unknown, TextEvent> = new Map([
  ["response.reasoning.delta", { item: "reasoning", slot: "reasoning_text", field: "delta" }],
  ["response.reasoning.done", { item: "reasoning", slot: "reasoning_text", field: "text" }],
  ["response.reasoning_content.delta", { item: "reasoning", slot: "reasoning_text", field: "delta" }],
  ["response.reasoning_content.done", { item: "reasoning", slot: "reasoning_text", field: "text" }],
  ["response.reasoning_summary.delta", { item: "reasoning", slot: "summary_text", field: "delta" }],
  ["response.reasoning_summary.done", { item: "reasoning", slot: "summary_text", field: "text" }]
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
    case "response.output_text.annotation.added":
      return stepAnnotation(state, event)
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
  const other = otherTextEvents.get(event.type)
  if (other !== undefined && typeof event[other.field] === "string") return stepText(state, event, other)
  return { state, chunk: chunkOf(event), ...(isError(event) ? { failure: failureOf(event) } : {}) }
}

/** A non-streaming response is its own last event. */
const isResponse = (event: Event): boolean => event.type == null && Array.isArray(event.output)

/** OpenAI's error events have a type; those of gateways and compatible servers often do not. */
const isError = (event: Event): boolean =>
  event.type === "error" ||
  event.type === "response.error" ||
  event.object === "error" ||
  (event.type == null && event.error != null)

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
  if (typeof text !== "string") return { state, malformed: field }
  const piece = { slot, at: indexIn(slot, event), text, isComplete }
  return field === "arguments" && typeof event.name === "string"
    ? stepNamed(state, event, event.name, piece)
    : stepPiece(state, event, item, piece)
}

/** The end of the arguments repeats the name of the call, which nothing may have told before. */
const stepNamed = (state: State, event: Event, name: string, piece: Items.Piece): Step<State> => {
  const id = typeof event.item_id === "string" ? event.item_id : undefined
  const [taken, output] = takeItem(state, { type: "function_call", id, name }, event.output_index, false)
  if (output.toolCalls.length === 0) return stepPiece(taken, event, "function_call", piece)
  const [parts, chunks] = chunksOf(taken.parts, output, event)
  const step = stepPiece({ ...taken, parts }, event, "function_call", piece)
  return { ...step, before: [...chunks, ...(step.before ?? [])] }
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
  const { type } = event.item
  if (isDone && isOpaque(type)) {
    const [next, chunk] = opaquePart(withOpaque(state, event.item), event, opaqueItem(event.item, state.isStored))
    return { state: next, chunk }
  }
  if (!isItemType(type)) {
    if (itemMetadata === undefined) return { state, chunk: chunkOf(event) }
    const [next, chunk] = opaquePart(state, event, itemMetadata.data)
    return { state: next, chunk }
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
  const next = { ...taken, parts, isLinked: taken.isLinked || itemMetadata?.isLinking === true }
  const text = isDone && type === "message" ? textIndexOf(parts, output.item) : undefined
  const citations = text === undefined ? [] : pagesOf(event.item, text)
  const step = stepOf(next, event, chunks)
  return citations.length === 0 ? step : { ...step, citations }
}

/** The message repeats its annotations when it is done. Those of its later texts wait for it. */
const stepAnnotation = (state: State, event: Event): Step<State> => {
  const item = Items.positionOf(state.items, event.item_id, event.output_index)
  const part = event.content_index ? undefined : textIndexOf(state.parts, item)
  const citations = part === undefined ? [] : pageOf(event.annotation, part)
  return { state, chunk: chunkOf(event), ...(citations.length === 0 ? {} : { citations }) }
}

const isOpaque = (type: unknown): type is string => typeof type === "string" && !isItemType(type) && !isHosted(type)

/** A call waits for the caller until the server gives its output itself. */
const withOpaque = (state: State, { type, execution }: JsonObject): State => {
  // The model has said all it can until the caller approves, so the response ends with `stop`.
  if (type === "mcp_approval_request") return { ...state, opaque: "approval" }
  const isCall = typeof type === "string" && type.endsWith("_call") && execution !== "server"
  return { ...state, opaque: isCall ? "waiting" : "some" }
}

/** An item that is not decoded becomes an opaque part. */
const opaquePart = (state: State, event: Event, data: unknown): readonly [State, StreamChunk] => {
  const [parts, chunk] = addOpaque(state.parts, event, { type: "provider", provider: state.provider, data })
  return [{ ...state, parts }, chunk]
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
  const reason = response.incomplete_details?.reason
  if (reason && readFinishReason(reason) === "failure") {
    return { state, chunk: chunkOf(event), failure: failureOfWord(reason), model }
  }
  const [next, chunks] = recover(state, event, response.output ?? [])
  if (next.parts.count === 0 && Items.hasNamelessCall(next.items)) return { state: next, malformed: "item.name" }
  const hasCalls = Items.hasCall(next.items)
  const finishReason = finishReasonOf(response, status, { hasCalls, state: next })
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
  const known = { opaque: state.opaque, lacks: lacking(state.items, output) }
  let next = state
  for (const each of output) {
    if (!isObject(each)) continue
    if (isOpaque(each["type"]) && known.opaque === "none") {
      const [after, chunk] = opaquePart(withOpaque(next, each), event, opaqueItem(each, state.isStored))
      chunks.push(chunk)
      next = after
    }
    const item = known.lacks.get(each)
    if (item === undefined) continue
    const [taken, more] = takeItem(next, item, undefined, true)
    const [parts, added] = chunksOf(taken.parts, more, event)
    for (const chunk of added) chunks.push(chunk)
    next = { ...taken, parts }
  }
  return [next, chunks]
}

/** Some servers write the content of a message as a text. */
const withParts = (item: JsonObject): JsonObject =>
  typeof item["content"] === "string" ? { ...item, content: [{ type: "output_text", text: item["content"] }] } : item

/** The items that have not arrived, found before any of them is taken. */
const lacking = (items: Items.Items, output: ReadonlyArray<unknown>): ReadonlyMap<unknown, Item> =>
  new Map(
    output.flatMap((each): ReadonlyArray<readonly [unknown, Item]> => {
      const item =
        isObject(each) && isItemType(each["type"]) ? Either.getOrUndefined(readItem(withParts(each))) : undefined
      return item !== undefined && Items.lacks(items, item) ? [[each, item]] : []
    })
  )

const finishReasonOf = (
  response: Response,
  status: string,
  { hasCalls, state }: { readonly hasCalls: boolean; readonly state: State }
): FinishReason => {
  const reason = response.incomplete_details?.reason
  if (reason) return incompleteReasonOf(reason)
  // Some servers leave the status of a completed response at `in_progress`.
  const isIncomplete = response.status === "incomplete" || response.status === "cancelled"
  if (status !== "completed" || isIncomplete) return "other"
  if (state.isRefused) return "content_filter"
  if (hasCalls || state.opaque === "waiting") return "tool_calls"
  // `stop` would say that the answer is in the text, and there is none.
  return state.opaque === "some" && !hasPart(state.parts, "text") ? "other" : "stop"
}

/** https://platform.openai.com/docs/api-reference/responses/object. A response that is incomplete has not stopped. */
const incompleteReasonOf = (reason: string): FinishReason => {
  const word = readFinishReason(reason)
  return word === "length" || word === "content_filter" ? word : "other"
}

/** Reads the counts. OpenAI's totals include cached tokens and reasoning. */
const usageOf = (usage: Response["usage"]): Usage.Usage | null => {
  if (usage == null) return null
  const inputTokens = Usage.countOf(usage.input_tokens ?? usage.prompt_tokens)
  const outputTokens = Usage.countOf(usage.output_tokens ?? usage.completion_tokens)
  if (inputTokens === undefined && outputTokens === undefined) return null
  return Usage.read({
    inputTokens,
    outputTokens,
    cacheReadTokens: usage.input_tokens_details?.cached_tokens,
    cacheWriteTokens: usage.input_tokens_details?.cache_write_tokens,
    reasoningTokens: usage.output_tokens_details?.reasoning_tokens
  })
}
