/** Tracks the items of a response, so that a text that is streamed and then repeated complete is output once. */
import type { ToolCallDelta } from "../../domain/StreamChunk.js"
import { CallIds } from "../CallIds.js"
import { TextDigest } from "../TextDigest.js"
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
  /** The slots of the texts that were output; mutable. */
  readonly emitted: Set<string>
  /** The texts since the last complete one, by the slot without its index; mutable. */
  readonly digests: Map<string, TextDigest>
}

/** The items so far. Mutable, so that an event costs the same however many items came before. */
export class Items {
  readonly list: Array<Tracked> = []
  readonly callIds = new CallIds()
  /** How many function calls there are. */
  calls = 0
  /** The last item of each id and call id, with its type. */
  readonly byId = new Map<string, number>()
  readonly types = new Set<Item["type"]>()
  /** The types whose texts were output. */
  readonly emittedTypes = new Set<Item["type"]>()
}

/** A delta of one of an item's texts, or the complete text. Without `slot` it is all texts of the item. */
export interface Piece {
  readonly slot?: string
  /** The index of the text in its item. Some servers count it up with every delta. */
  readonly at?: number
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

/** The slot of a message's text. */
const textSlot = "output_text"

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

/** How many of the last items are searched for one without an id. */
const maxSearched = 64

/** Finds an item by its id; not one that is done, if the event is about another output index. */
const findSame = ({ list, byId }: Items, address: Address): number => {
  const { type, id, callId, index } = address
  const keys = [`${type} ${callId}`, typeof id === "string" ? `${type} ${id}` : ""]
  for (const key of keys) {
    const at = byId.get(key)
    const item = at === undefined ? undefined : list[at]
    if (at === undefined || item === undefined || !isSame(item, address)) continue
    const isNext = !item.isOpen && index != null && item.index != null && item.index !== index
    if (!isNext) return at
  }
  return -1
}

const findLike = ({ list }: Items, matches: (item: Tracked) => boolean): number => {
  for (let at = list.length - 1; at >= Math.max(0, list.length - maxSearched); at--) {
    const item = list[at]
    if (item !== undefined && matches(item)) return at
  }
  return -1
}

/**
 * Finds an item by its id. Some servers send another id in every event (GitHub Copilot), or none: then it is the last
 * item of its type that is not done and whose output index does not differ.
 */
const find = (items: Items, address: Address): number => {
  // Nearly every delta belongs to the last item. The search took a quarter of the time of a step.
  const last = items.list.at(-1)
  if (last?.isOpen === true && isSame(last, address)) return items.list.length - 1
  const same = findSame(items, address)
  return same === -1 ? findLike(items, (item) => isLike(item, address)) : same
}

/** The position of a message that has arrived; -1 if no such message has arrived. */
export const positionOf = (items: Items, id: unknown, index: unknown): number =>
  find(items, { type: "message", id, callId: "", index })

/** Finds the item that an event adds, which deltas may have created before. */
const findAdded = (items: Items, address: Address): number => {
  const same = findSame(items, address)
  return same === -1 ? findLike(items, (item) => !item.isAnnounced && isLike(item, address)) : same
}

const itemAt = (items: Items, at: number, address: Address): Tracked =>
  items.list[at] ?? {
    ...address,
    name: "",
    call: items.calls,
    isAnnounced: false,
    isOpen: true,
    emitted: new Set(),
    digests: new Map()
  }

const put = (items: Items, at: number, item: Tracked): void => {
  const position = at === -1 ? items.list.length : at
  if (items.list[position] === item) return
  if (at === -1 && item.type === "function_call") items.calls++
  items.list[position] = item
  items.types.add(item.type)
  if (typeof item.id === "string" && item.id !== "") items.byId.set(`${item.type} ${item.id}`, position)
  if (item.callId !== "") items.byId.set(`${item.type} ${item.callId}`, position)
}

/** Returns the new text of a piece: `""` if it repeats a text that was output. */
const take = (items: Items, item: Tracked, { slot, at = 0, text, isComplete }: Piece): string => {
  if (text === "") return ""
  const key = slot === undefined ? "all" : at === 0 ? slot : `${slot} ${at}`
  const { emitted, digests } = item
  const digest = slot === undefined ? undefined : digests.get(slot)
  const wasEmitted = slot === undefined ? emitted.size > 0 : emitted.has(key)
  emitted.add(key)
  items.emittedTypes.add(item.type)
  if (isComplete) {
    if (slot !== undefined) digests.delete(slot)
    // The complete text of deltas that were counted differently.
    return wasEmitted || digest?.equals(text) === true ? "" : text
  }
  if (slot !== undefined) {
    const next = digest ?? new TextDigest()
    if (digest === undefined) digests.set(slot, next)
    next.push(text)
  }
  return text
}

/** Adds a piece of an item's text. */
export const takePiece = (items: Items, address: Address, piece: Piece): Output => {
  const at = find(items, address)
  const item = itemAt(items, at, address)
  const text = take(items, item, piece)
  put(items, at, item)
  return outputOf(items, item, {
    at: at === -1 ? items.list.length - 1 : at,
    text,
    isRefusal: piece.slot === refusalSlot
  })
}

/** Adds a delta to the first text of a message, if that is the last item and its text has begun. */
export const continueText = ({ list }: Items, at: number, id: unknown, text: string): boolean => {
  const item = list[at]
  if (item === undefined || at !== list.length - 1 || item.type !== "message" || !item.isOpen) return false
  if (id !== item.id || typeof id !== "string" || id === "" || text === "") return false
  const digest = item.digests.get(textSlot)
  if (digest === undefined || !item.emitted.has(textSlot)) return false
  digest.push(text)
  return true
}

/** Adds an item, or completes it with the texts that were not output yet. */
export const takeItem = (items: Items, item: Item, index: unknown, isDone: boolean): Output => {
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
  const wasEmitted = tracked.emitted.size > 0
  const text = take(items, tracked, { text: isDone ? textOf(item) : "", isComplete: true })
  const refusal =
    isDone && !wasEmitted ? take(items, tracked, { slot: refusalSlot, text: refusalOf(item), isComplete: true }) : ""
  put(items, at, tracked)
  const position = at === -1 ? items.list.length - 1 : at
  const isNamed = known.name === "" && name !== ""
  const output = outputOf(items, tracked, { at: position, text, isRefusal: false, isNamed })
  return refusal === "" ? output : { ...output, refusal }
}

const noCalls: Output["toolCalls"] = []

/** What an event adds to an item. */
interface Added {
  readonly at: number
  readonly text: string
  readonly isRefusal: boolean
  readonly isNamed?: boolean
}

const outputOf = (items: Items, item: Tracked, { at, text, isRefusal, isNamed = false }: Added): Output => {
  const isMessage = item.type === "message"
  return {
    item: at,
    content: isMessage && !isRefusal ? text : "",
    refusal: isMessage && isRefusal ? text : "",
    reasoning: item.type === "reasoning" ? text : "",
    toolCalls:
      item.type === "function_call" && (text !== "" || isNamed) ? [deltaOf(items, item, text, isNamed)] : noCalls
  }
}

const deltaOf = (items: Items, item: Tracked, text: string, isNamed: boolean): ToolCallDelta => {
  if (!isNamed) return { index: item.call, arguments: text }
  const id = items.callIds.take(item.callId || (typeof item.id === "string" ? item.id : ""), item.call)
  return { index: item.call, id, name: item.name, arguments: text }
}

/** Checks whether the response has a tool call. */
export const hasCall = ({ list }: Items): boolean =>
  list.some((item) => item.type === "function_call" && (item.name !== "" || item.emitted.size > 0))

/** Checks whether a tool call was added that never got a name. */
export const hasNamelessCall = ({ list }: Items): boolean =>
  list.some((item) => item.type === "function_call" && item.isAnnounced && item.name === "")

/** Checks whether an item is a tool call with arguments that ended without a name. */
export const isNamelessCall = ({ list }: Items, at: number): boolean => {
  const item = list[at]
  return item?.type === "function_call" && !item.isOpen && item.name === "" && item.emitted.size > 0
}

/**
 * Checks whether the list in the last event holds an item that the stream did not output. If that is uncertain, it
 * returns `false`: repeating a response is worse than missing a part that only the list has.
 */
export const lacks = (items: Items, item: Item): boolean => {
  if (!items.types.has(item.type)) return true
  return item.type === "function_call"
    ? findSame(items, addressOf(item, undefined)) !== -1
    : !items.emittedTypes.has(item.type)
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
