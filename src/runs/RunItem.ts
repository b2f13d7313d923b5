/** What a run is made of, and the text of it that a store keeps: one text for each network read. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import { compact, decodeChunk, type Extra } from "../http/framing/EventFormat.js"
import { isObject } from "../http/Json.js"
import type { ToolLoopEvent } from "../tools/ToolLoopEvent.js"

/** What a run is made of: the chunks of a response, or the events of a tool loop. */
export type RunItem = StreamChunk | ToolLoopEvent

/** Checks whether an item is an event of a tool loop. */
export const isEvent = (item: RunItem): item is ToolLoopEvent => "type" in item

/** Writes items without the empty fields of chunks, and without what `keep` does not name. */
export const encodeItems = (items: ReadonlyArray<RunItem>, keep: ReadonlyArray<Extra>): string =>
  JSON.stringify(items.map((item) => compactItem(item, keep)))

const compactItem = (item: RunItem, keep: ReadonlyArray<Extra>): unknown => {
  if (!isEvent(item)) return compact(item, keep)
  if (item.type === "chunk") return { ...item, chunk: compact(item.chunk, keep) }
  if (item.type !== "end" || keep.includes("rawChunk")) return item
  return { ...item, response: { ...item.response, rawResponse: null } }
}

/** Reads items; `undefined` if the text is not what `encodeItems` writes. */
export const decodeItems = (text: string): ReadonlyArray<RunItem> | undefined => {
  const json = parse(text)
  if (!Array.isArray(json)) return undefined
  const items: Array<RunItem> = []
  for (const each of json) {
    const item = isObject(each) && "type" in each ? decodeEvent(each) : decodeChunk(each)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

// Without a limit of depth: the JSON of a tool's arguments may be as deep as is allowed, and an event is around it.
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const decodeEvent = (json: { readonly [key: string]: unknown }): ToolLoopEvent | undefined => {
  // Only this library writes to the store, and the schema of a whole conversation would be checked for every reader.
  if (json["type"] !== "chunk") return json as unknown as ToolLoopEvent
  const chunk = decodeChunk(json["chunk"])
  return chunk === undefined ? undefined : { type: "chunk", step: Number(json["step"]), chunk }
}
