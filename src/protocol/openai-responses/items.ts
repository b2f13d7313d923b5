/** Follows the items of an answer, so that a text which is streamed and then repeated whole is shown once. */
import type { ToolCallDelta } from "../../domain/StreamChunk.js"
import type { Item, Part } from "./schema.js"

/** What an event says of the item that it is about. */
export interface Address {
  readonly type: Item["type"]
  readonly id: unknown
  readonly callId: string
  readonly index: unknown
}

/** What is known of an item. */
interface Tracked extends Address {
  /** The name of a called function, `""` until it is known. */
  readonly name: string
  /** Which call it is, counted from 0. */
  readonly call: number
  readonly isAnnounced: boolean
  readonly isOpen: boolean
  /** The texts of it that have been shown. */
  readonly shown: ReadonlyArray<string>
}

/** The items so far. */
export type Items = ReadonlyArray<Tracked>

/** A piece of one of an item's texts, or all of it; all texts of the item without `slot`. */
export interface Piece {
  readonly slot?: string
  readonly text: string
  readonly isWhole: boolean
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

/** Says where an item stands in an event. */
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
 * Finds an item by its id. Some servers give every event another id (GitHub Copilot), or none: then the last item of
 * its type that is not done, where the output index allows.
 */
const find = (items: Items, address: Address): number => {
  // Nearly every piece is of the last item; to search for it took a quarter of the step.
  const last = items.at(-1)
  if (last !== undefined && isSame(last, address)) return items.length - 1
  const same = items.findLastIndex((item) => isSame(item, address))
  return same === -1 ? items.findLastIndex((item) => isLike(item, address)) : same
}

/** Finds the item that an event adds: one known by its id, or by texts that came before it was added. */
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
    shown: []
  }

const put = (items: Items, at: number, item: Tracked): Items =>
  at === -1 ? [...items, item] : items[at] === item ? items : items.with(at, item)

/** Tells which text of a piece is new; what repeats a text that was shown is not. */
const take = (item: Tracked, { slot, text, isWhole }: Piece): readonly [Tracked, string] => {
  const wasShown = slot === undefined ? item.shown.length > 0 : item.shown.includes(slot)
  if (text === "" || (isWhole && wasShown)) return [item, ""]
  return [wasShown ? item : { ...item, shown: [...item.shown, slot ?? "all"] }, text]
}

/** Takes a piece of an item's text. */
export const takePiece = (items: Items, address: Address, piece: Piece): readonly [Items, Output] => {
  const at = find(items, address)
  const [item, text] = take(itemAt(items, at, address), piece)
  return [put(items, at, item), outputOf(item, at === -1 ? items.length : at, text, piece.slot === refusalSlot)]
}

/** Takes an item that is added, or done: then with the texts that have not been shown. */
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
  const wasShown = tracked.shown.length > 0
  const [taken, text] = take(tracked, { text: isDone ? textOf(item) : "", isWhole: true })
  const [refused, refusal] =
    isDone && !wasShown ? take(taken, { slot: refusalSlot, text: refusalOf(item), isWhole: true }) : [taken, ""]
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

/** Says whether a call has been shown. */
export const hasCall = (items: Items): boolean =>
  items.some((item) => item.type === "function_call" && (item.name !== "" || item.shown.length > 0))

/** Says whether a call is done without having been named. */
export const hasNamelessCall = (items: Items): boolean =>
  items.some((item) => item.type === "function_call" && !item.isOpen && item.name === "")

/**
 * Says whether the list at the end holds an item that the stream did not show. With doubt it does not: to show an
 * answer twice is worse than to miss a part of it that only the list has.
 */
export const lacks = (items: Items, item: Item): boolean => {
  const others = items.filter((each) => each.type === item.type)
  return item.type === "function_call"
    ? others.length === 0 || others.some((each) => isSame(each, addressOf(item, undefined)))
    : others.every((each) => each.shown.length === 0)
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

/** The words with which a message refuses. */
const refusalOf = (item: Item): string =>
  item.type === "message" ? (item.content ?? []).map((part) => part.refusal ?? "").join("") : ""

/** Says whether a message refuses. */
export const refuses = (item: Item): boolean => refusalOf(item) !== ""
