/** What an answer looks like as server-sent events; without Effect, as a browser loads it too. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import { isObject } from "./Json.js"

/** The media type of a stream of events. */
export const mediaType = "text/event-stream"

/** The event after a complete answer; any other end is a cut. */
export const doneEvent = "done"

/** The event of a failure, after which nothing follows. */
export const errorEvent = "error"

/** What goes out only when it is asked for: it may be large, and it shows what the provider sent. */
export type Extra = "rawChunk" | "providerMetadata"

/** Writes one chunk without what is empty: `data: {"content":"Hello"}`. */
export const encodeChunk = (chunk: StreamChunk, also: ReadonlyArray<Extra>): string => {
  const { content, reasoning, toolCalls, finishReason, usage, origin, cost, part } = chunk
  return encodeEvent(undefined, {
    content: content === "" ? undefined : content,
    reasoning: reasoning === "" ? undefined : reasoning,
    toolCalls: toolCalls.length === 0 ? undefined : toolCalls,
    finishReason: finishReason ?? undefined,
    usage: usage ?? undefined,
    origin,
    cost,
    part: part === undefined || also.includes("providerMetadata") ? part : { index: part.index, type: part.type },
    rawChunk: also.includes("rawChunk") ? (chunk.rawChunk ?? undefined) : undefined
  })
}

/** Writes one event, whose JSON has no line ends. */
export const encodeEvent = (name: string | undefined, json: unknown): string =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(json)}\n\n`

/** Reads the JSON of one chunk, with what was left out as empty; `undefined` when it is none. */
export const decodeChunk = (json: unknown): StreamChunk | undefined => {
  const chunk = isObject(json) ? { ...empty, ...json } : undefined
  return isChunk(chunk) ? chunk : undefined
}

const empty = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null, rawChunk: null }

const isChunk = (value: unknown): value is StreamChunk =>
  isObject(value) &&
  typeof value["content"] === "string" &&
  typeof value["reasoning"] === "string" &&
  Array.isArray(value["toolCalls"]) &&
  value["toolCalls"].every(isDelta) &&
  (value["finishReason"] === null || typeof value["finishReason"] === "string") &&
  (value["usage"] === null || isObject(value["usage"])) &&
  (value["origin"] === undefined || isObject(value["origin"])) &&
  (value["part"] === undefined || isPart(value["part"])) &&
  (value["cost"] === undefined || typeof value["cost"] === "number")

const isPart = (value: unknown): boolean =>
  isObject(value) && typeof value["index"] === "number" && typeof value["type"] === "string"

const isDelta = (value: unknown): boolean =>
  isObject(value) && typeof value["index"] === "number" && typeof value["arguments"] === "string"
