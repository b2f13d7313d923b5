/** Reads OpenAI's Responses, streamed or whole, as chunks; every server's deviation is tolerated here. */
import { Either } from "effect"
import type { ProviderMetadata } from "../../domain/ContentPart.js"
import type { ChunkPart, StreamChunk } from "../../domain/StreamChunk.js"
import { isObject } from "../../http/Json.js"
import type { Step } from "../Protocol.js"
import { failureOf } from "./errors.js"
import { ends, partItems, type TextEvent, textEvents } from "./events.js"
import { finishReasonOf, usageOf } from "./finish.js"
import * as Items from "./items.js"
import { providerMetadataOf } from "./replay.js"
import { type Event, type Item, isShown, readItem, readPart, readResponse } from "./schema.js"

/** What is remembered from event to event. */
export interface State {
  readonly items: Items.Items
  /** Whether the model refused; it then completes as if it had answered. */
  readonly isRefused: boolean
  /** Whether the server stores the items, as it does unless it reports otherwise. */
  readonly isStored: boolean
  /** Whether reasoning that the server stores has arrived: what follows then belongs to it by its id. */
  readonly isLinked: boolean
  readonly parts: Parts
  /** The name under which ids and encrypted reasoning stand in `providerMetadata`. */
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
  readonly opened: ReadonlyArray<OpenPart>
  readonly open: OpenPart | undefined
}

/** Nothing read yet. */
export const initialOf = (provider: string): State => ({
  items: [],
  isRefused: false,
  isStored: true,
  isLinked: false,
  parts: { count: 0, opened: [], open: undefined },
  provider
})

/** Turns one event into what it amounts to. */
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
  if (ends.has(event.type) || isAnswer(event)) return stepEnd(state, event)
  return { state, chunk: chunkOf(event), ...(isError(event) ? { failure: failureOf(event) } : {}) }
}

/** A whole answer is its own last event. */
const isAnswer = (event: Event): boolean => event.type == null && Array.isArray(event.output)

/** OpenAI's errors have a type; those of the servers that copy it, or stand before it, often have not. */
const isError = (event: Event): boolean =>
  event.type === "error" || event.object === "error" || (event.type == null && event.error != null)

const noCalls: StreamChunk["toolCalls"] = []

const chunkOf = (event: Event): StreamChunk => ({
  content: "",
  reasoning: "",
  toolCalls: noCalls,
  finishReason: null,
  usage: null,
  rawChunk: event
})

/** Finds or opens the part of an item; the mark is missing where the part is open already. */
const enterPart = (parts: Parts, item: number, type: PartType): readonly [Parts, OpenPart, boolean] => {
  const { open } = parts
  if (open !== undefined && open.item === item && open.type === type) return [parts, open, false]
  const known = parts.opened.find((each) => each.item === item && each.type === type)
  if (known !== undefined) return [{ ...parts, open: known }, known, type !== "tool-call"]
  const opened = { item, type, index: parts.count }
  return [{ count: parts.count + 1, opened: [...parts.opened, opened], open: opened }, opened, true]
}

/** Writes the output of one item as chunks of one part each. */
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
  const has = (type: PartType): boolean =>
    metadata !== undefined && parts.opened.some((each) => each.item === item && each.type === type)
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
  const isWhole = field !== "delta"
  const value = event[field]
  // What is all there again may be left out, a delta may not; `null` is an empty one.
  const given = value ?? (isWhole || value === null ? "" : undefined)
  const text = field === "arguments" && typeof given === "object" ? JSON.stringify(given) : given
  return typeof text === "string"
    ? stepPiece(state, event, item, { slot: slotOf(slot, event), text, isWhole })
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
  const piece = { slot: slotOf(type ?? "", event), text: refusal ?? text ?? "", isWhole: true }
  return stepPiece(state, event, item, piece)
}

const slotOf = (name: string, event: Event): string => {
  const index = event.content_index ?? event.summary_index
  // A concatenated string is compared letter by letter; nearly all texts are the first of their kind.
  return name === Items.refusalSlot || typeof index !== "number" || index === 0 ? name : `${name} ${index}`
}

const stepPiece = (state: State, event: Event, type: Item["type"], piece: Items.Piece): Step<State> => {
  const address = { type, id: event.item_id, callId: "", index: event.output_index }
  const [items, output] = Items.takePiece(state.items, address, piece)
  const isRefused = state.isRefused || output.refusal !== ""
  const [parts, chunks] = chunksOf(state.parts, output, event)
  const isSame = items === state.items && parts === state.parts && isRefused === state.isRefused
  return stepOf(isSame ? state : { ...state, items, parts, isRefused }, event, chunks)
}

const stepItem = (state: State, event: Event, isDone: boolean): Step<State> => {
  if (!isObject(event.item)) return { state, malformed: "item" }
  const kept = isDone ? providerMetadataOf(event.item, state) : undefined
  if (!isShown(event.item["type"])) {
    return kept === undefined ? { state, chunk: chunkOf(event) } : hostedItem(state, event, kept.data)
  }
  const read = readItem(event.item)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const [taken, output] = takeItem(state, read.right, event.output_index, isDone)
  if (Items.hasNamelessCall(taken.items)) return { state, malformed: "item.name" }
  const metadata = kept === undefined ? undefined : { [state.provider]: kept.data }
  // Encrypted reasoning may have no text: its part holds only the metadata.
  const [before] =
    metadata !== undefined && read.right.type === "reasoning"
      ? enterPart(taken.parts, output.item, "reasoning")
      : [taken.parts]
  const [parts, chunks] = chunksOf(before, output, event, metadata)
  return stepOf({ ...taken, parts, isLinked: taken.isLinked || kept?.isLinking === true }, event, chunks)
}

/** An item of a tool that the server runs is an opaque part. */
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
  const [items, output] = Items.takeItem(state.items, item, index, isDone)
  return [{ ...state, items, isRefused: state.isRefused || Items.refuses(item) }, output]
}

const stepStart = (state: State, event: Event): Step<State> => {
  if (event.response == null) return { state, chunk: chunkOf(event) }
  const read = readResponse(event.response)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const { model, store } = read.right
  return {
    state: store == null || store === state.isStored ? state : { ...state, isStored: store },
    chunk: chunkOf(event),
    model: model ?? ""
  }
}

const stepEnd = (state: State, event: Event): Step<State> => {
  const read = readResponse(isAnswer(event) ? event : event.response)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const response = read.right
  const status = ends.get(event.type) ?? response.status ?? "completed"
  const model = response.model ?? ""
  if (status === "failed" || response.status === "failed") {
    return { state, chunk: chunkOf(event), failure: failureOf(response), model }
  }
  const [next, chunks] = recover(state, event, response.output ?? [])
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

/** Shows what only the list of items at the end holds. */
const recover = (
  state: State,
  event: Event,
  output: ReadonlyArray<unknown>
): readonly [State, ReadonlyArray<StreamChunk>] =>
  output.reduce<readonly [State, ReadonlyArray<StreamChunk>]>(
    ([before, shown], each, index) => {
      const item = isObject(each) && isShown(each["type"]) ? Either.getOrUndefined(readItem(each)) : undefined
      if (item === undefined || !Items.lacks(state.items, item)) return [before, shown]
      const [taken, more] = takeItem(before, item, index, true)
      const [parts, chunks] = chunksOf(taken.parts, more, event)
      return [{ ...taken, parts }, [...shown, ...chunks]]
    },
    [state, []]
  )
