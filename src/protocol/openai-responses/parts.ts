/** Writes the output of items as the parts of a message. */
import type { ProviderMetadata, ProviderPart } from "../../domain/ContentPart.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { noCalls, textChunk } from "../textChunk.js"
import type * as Items from "./items.js"
import type { Event } from "./schema.js"

/** The types of parts that stream. */
export type PartType = "text" | "refusal" | "reasoning" | "tool-call"

/** The part of one item. */
interface OpenPart {
  readonly item: number
  readonly type: PartType
  readonly index: number
}

/** The parts of the message so far, each of one item. `opened` is mutable. */
export interface Parts {
  readonly count: number
  readonly opened: Map<string, OpenPart>
  readonly open: OpenPart | undefined
}

/** The parts of a message that has not begun. */
export const noParts = (): Parts => ({ count: 0, opened: new Map(), open: undefined })

/** Whether a part of this type has been opened. */
export const hasPart = (parts: Parts, type: PartType): boolean =>
  Array.from(parts.opened.values()).some((part) => part.type === type)

/** The index of the text of an item. */
export const textIndexOf = (parts: Parts, item: number): number | undefined => parts.opened.get(`${item} text`)?.index

/** A chunk without output. */
export const chunkOf = (event: Event): StreamChunk => textChunk(event, "", "")

/** Finds or opens the part of an item. The flag says whether a chunk must name the part, as it was not open. */
export const enterPart = (parts: Parts, item: number, type: PartType): readonly [Parts, OpenPart, boolean] => {
  const { open } = parts
  if (open !== undefined && open.item === item && open.type === type) return [parts, open, false]
  const known = parts.opened.get(`${item} ${type}`)
  if (known !== undefined) return [{ ...parts, open: known }, known, type !== "tool-call"]
  const opened = { item, type, index: parts.count }
  parts.opened.set(`${item} ${type}`, opened)
  return [{ ...parts, count: parts.count + 1, open: opened }, opened, true]
}

/** Writes the output of one item as chunks, one per part. */
export const chunksOf = (
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
    const chunk = { ...textChunk(event, text, thought), toolCalls: calls }
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

/** Adds a part that does not stream. */
export const addOpaque = (parts: Parts, event: Event, value: ProviderPart): readonly [Parts, StreamChunk] => [
  { ...parts, count: parts.count + 1, open: undefined },
  { ...chunkOf(event), part: { index: parts.count, type: "provider", value } }
]
