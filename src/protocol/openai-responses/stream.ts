/** Reads OpenAI's Responses, streamed or whole, as chunks; every server's deviation is tolerated here. */
import { Either } from "effect"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { isObject } from "../../http/Json.js"
import type { Step } from "../Protocol.js"
import { failureOf } from "./errors.js"
import { ends, partItems, type TextEvent, textEvents } from "./events.js"
import { finishReasonOf, usageOf } from "./finish.js"
import * as Items from "./items.js"
import { keepsakeOf } from "./replay.js"
import { type Event, type Item, isShown, readItem, readPart, readResponse } from "./schema.js"

/** What is remembered from event to event. */
export interface State {
  readonly items: Items.Items
  /** Whether the model refused; it then completes as if it had answered. */
  readonly isRefused: boolean
  /** Whether the server keeps the items, as it does unless it says otherwise. */
  readonly isStored: boolean
  /** Whether reasoning that the server keeps has come: what follows then belongs to it by its id. */
  readonly isLinked: boolean
}

/** Nothing read yet. */
export const initial: State = { items: [], isRefused: false, isStored: true, isLinked: false }

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

// Written out, here and where pieces are taken: a spread costs more than all else that is done for a delta.
const chunkOf = (event: Event, output: Items.Output = Items.nothing): StreamChunk => ({
  content: output.content,
  reasoning: output.reasoning,
  toolCalls: output.toolCalls,
  finishReason: null,
  usage: null,
  rawChunk: event
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

const refusalSlot = "refusal"

const slotOf = (name: string, event: Event): string => {
  const index = event.content_index ?? event.summary_index
  // A text that is put together here is compared letter by letter; nearly all are the first of their kind.
  return name === refusalSlot || typeof index !== "number" || index === 0 ? name : `${name} ${index}`
}

const stepPiece = (state: State, event: Event, type: Item["type"], piece: Items.Piece): Step<State> => {
  if (piece.slot === refusalSlot) {
    return {
      state: state.isRefused || piece.text === "" ? state : { ...state, isRefused: true },
      chunk: chunkOf(event)
    }
  }
  const address = { type, id: event.item_id, callId: "", index: event.output_index }
  const [items, output] = Items.takePiece(state.items, address, piece)
  return { state: items === state.items ? state : { ...state, items }, chunk: chunkOf(event, output) }
}

const stepItem = (state: State, event: Event, isDone: boolean): Step<State> => {
  if (!isObject(event.item)) return { state, malformed: "item" }
  const keepsake = isDone ? keepsakeOf(event.item, state) : undefined
  const kept = keepsake === undefined ? {} : { providerData: keepsake.data }
  if (!isShown(event.item["type"])) return { state, chunk: { ...chunkOf(event), ...kept } }
  const read = readItem(event.item)
  if (Either.isLeft(read)) return { state, malformed: read.left }
  const [next, output] = takeItem(state, read.right, event.output_index, isDone)
  if (Items.hasNamelessCall(next.items)) return { state, malformed: "item.name" }
  return {
    state: keepsake?.isLinking ? { ...next, isLinked: true } : next,
    chunk: { ...chunkOf(event, output), ...kept }
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
  const [next, output] = recover(state, response.output ?? [])
  const hasCalls = Items.hasCall(next.items)
  const finishReason = finishReasonOf(response, status, { hasCalls, isRefused: next.isRefused })
  return {
    state: next,
    chunk: { ...chunkOf(event, output), finishReason, usage: usageOf(response.usage) },
    model,
    isEnd: true
  }
}

/** Shows what only the list of items at the end holds. */
const recover = (state: State, output: ReadonlyArray<unknown>): readonly [State, Items.Output] =>
  output.reduce<readonly [State, Items.Output]>(
    ([before, shown], each, index) => {
      const item = isObject(each) && isShown(each["type"]) ? Either.getOrUndefined(readItem(each)) : undefined
      if (item === undefined || !Items.lacks(state.items, item)) return [before, shown]
      const [next, more] = takeItem(before, item, index, true)
      return [next, Items.join(shown, more)]
    },
    [state, Items.nothing]
  )
