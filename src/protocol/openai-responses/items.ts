/** Tracks the items of a response, so that a text that is streamed and then repeated complete is output once. */
import type { ToolCallDelta } from "../../domain/StreamChunk.js"
import type { Item, Part } from "./schema.js"

/** How an event identifies its item. */
export interface Address {
  readonly type: Item["type"]
  readonly id: unknown
  readonly callId: string
  readonly index: unknown
}

/** An item so far. */
interface Tracked extends Address {
  /** The name of a called function, `""` until it is known. */
  readonly name: string
  /** The index among the tool calls, from 0. */
  readonly call: number
  readonly isAnnounced: boolean
  readonly isOpen: boolean
  /** The slots of the texts that were output. */
  readonly emitted: ReadonlyArray<string>
}

/** The items so far. */
export type Items = ReadonlyArray<Tracked>

/** A delta of one of an item's texts, or the complete text. Without `slot` it is all texts of the item. */
export interface Piece {
  readonly slot?: string
  readonly text: string
  readonly isComplete: boolean
}

/** The output that an event adds to one item. */
export interface Output {
  /** The position of the item in the list of items. */
  readonly item: number
  readonly content: string
  readonly refusal: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<ToolCallDelta>
}

/** The slot of a refusal's text. */
export const refusalSlot = "refusal"

const addressOf = (item: Item, index: unknown): Address => ({
  type: item.type,
  id: item.id,
  callId: item.type === "function_call" ? (item.call_id ?? "") : "",
  index
})

const isSame = (item: Tracked, { type, id, callId }: Address): boolean => {
  if (item.type !== type) return false
  if (item.callId !== "" && callId !== "") return item.callId === callId
  return id != null && id !== "" && (item.id === id || item.callId === id)
}

const isLike = (item: Tracked, { type, callId, index }: Address): boolean =>
  item.type === type &&
  item.isOpen &&
  (item.callId === "" || callId === "") &&
  (item.index == null || index == null || item.index === index)

/**
 * Finds an item by its id. Some servers send another id in every event (GitHub Copilot), or none: then it is the last
 * item of its type that is not done and whose output index does not differ.
 */
const find = (items: Items, address: Address): number => {
  // Nearly every delta belongs to the last item. The search took a quarter of the time of a step.
  const last = items.at(-1)
  if (last !== undefined && isSame(last, address)) return items.length - 1
  const same = items.findLastIndex((item) => isSame(item, address))
  return same === -1 ? items.findLastIndex((item) => isLike(item, address)) : same
}

/** Finds the item that an event adds, which deltas may have created before. */
const findAdded = (items: Items, address: Address): number => {
  const same = items.findLastIndex((item) => isSame(item, address))
  return same === -1 ? items.findLastIndex((item) => !item.isAnnounced && isLike(item, address)) : same
}

const itemAt = (items: Items, at: number, address: Address): Tracked =>
  items[at] ?? {
    ...address,
    name: "",
    call: items.filter((item) => item.type === "function_call").length,
    isAnnounced: false,
    isOpen: true,
    emitted: []
  }

const put = (items: Items, at: number, item: Tracked): Items =>
  at === -1 ? [...items, item] : items[at] === item ? items : items.with(at, item)

/** Returns the new text of a piece: `""` if it repeats a text that was output. */
const take = (item: Tracked, { slot, text, isComplete }: Piece): readonly [Tracked, string] => {
  const wasEmitted = slot === undefined ? item.emitted.length > 0 : item.emitted.includes(slot)
  if (text === "" || (isComplete && wasEmitted)) return [item, ""]
  return [wasEmitted ? item : { ...item, emitted: [...item.emitted, slot ?? "all"] }, text]
}

/** Adds a piece of an item's text. */
export const takePiece = (items: Items, address: Address, piece: Piece): readonly [Items, Output] => {
  const at = find(items, address)
  const [item, text] = take(itemAt(items, at, address), piece)
  return [put(items, at, item), outputOf(item, at === -1 ? items.length : at, text, piece.slot === refusalSlot)]
}

/** Adds an item, or completes it with the texts that were not output yet. */
export const takeItem = (items: Items, item: Item, index: unknown, isDone: boolean): readonly [Items, Output] => {
  const address = addressOf(item, index)
  const at = isDone ? find(items, address) : findAdded(items, address)
  const known = itemAt(items, at, address)
  const name = known.name || (item.type === "function_call" && item.name) || ""
  const tracked: Tracked = {
    ...known,
    id: known.id ?? address.id,
    callId: known.callId || address.callId,
    name,
    isAnnounced: true,
    isOpen: known.isOpen && !isDone
  }
  const wasEmitted = tracked.emitted.length > 0
  const [taken, text] = take(tracked, { text: isDone ? textOf(item) : "", isComplete: true })
  const [refused, refusal] =
    isDone && !wasEmitted ? take(taken, { slot: refusalSlot, text: refusalOf(item), isComplete: true }) : [taken, ""]
  const position = at === -1 ? items.length : at
  const output = outputOf(taken, position, text, false, known.name === "" && name !== "")
  return [put(items, at, refused), refusal === "" ? output : { ...output, refusal }]
}

const noCalls: Output["toolCalls"] = []

const outputOf = (item: Tracked, at: number, text: string, isRefusal: boolean, isNamed = false): Output => {
  const isMessage = item.type === "message"
  return {
    item: at,
    content: isMessage && !isRefusal ? text : "",
    refusal: isMessage && isRefusal ? text : "",
    reasoning: item.type === "reasoning" ? text : "",
    toolCalls: item.type === "function_call" && (text !== "" || isNamed) ? [deltaOf(item, text, isNamed)] : noCalls
  }
}

const deltaOf = (item: Tracked, text: string, isNamed: boolean): ToolCallDelta => {
  if (!isNamed) return { index: item.call, arguments: text }
  const id = item.callId || (typeof item.id === "string" && item.id) || `call_${item.call}`
  return { index: item.call, id, name: item.name, arguments: text }
}

/** Checks whether the response has a tool call. */
export const hasCall = (items: Items): boolean =>
  items.some((item) => item.type === "function_call" && (item.name !== "" || item.emitted.length > 0))

/** Checks whether a tool call ended without a name. */
export const hasNamelessCall = (items: Items): boolean =>
  items.some((item) => item.type === "function_call" && !item.isOpen && item.name === "")

/**
 * Checks whether the list in the last event holds an item that the stream did not output. If that is uncertain, it
 * returns `false`: repeating a response is worse than missing a part that only the list has.
 */
export const lacks = (items: Items, item: Item): boolean => {
  const others = items.filter((each) => each.type === item.type)
  return item.type === "function_call"
    ? others.length === 0 || others.some((each) => isSame(each, addressOf(item, undefined)))
    : others.every((each) => each.emitted.length === 0)
}

/** All texts of an item. */
const textOf = (item: Item): string => {
  switch (item.type) {
    case "message":
      return textOfParts((item.content ?? []).filter((part) => part.type == null || textTypes.includes(part.type)))
    case "reasoning": {
      const [summary, content] = [textOfParts(item.summary ?? []), textOfParts(item.content ?? [])]
      return summary === content ? summary : summary + content
    }
    case "function_call":
      return typeof item.arguments === "string"
        ? item.arguments
        : item.arguments == null
          ? ""
          : JSON.stringify(item.arguments)
  }
}

const textTypes: ReadonlyArray<string> = ["output_text", "text"]

const textOfParts = (parts: ReadonlyArray<Part>): string => parts.map((part) => part.text ?? "").join("")

/** The text of a message's refusal. */
const refusalOf = (item: Item): string =>
  item.type === "message" ? (item.content ?? []).map((part) => part.refusal ?? "").join("") : ""

/** Checks whether a message is a refusal. */
export const refuses = (item: Item): boolean => refusalOf(item) !== ""
