/** The format between `respondWithEvents` and `fetchChunks`: a response as server-sent events. Pages load it, so no Effect. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import { webAddress } from "../domain/webAddress.js"
import { isObject, type JsonObject } from "./Json.js"

/** The media type of server-sent events. */
export const mediaType = "text/event-stream"

/** The event after a complete response; without it, the response is truncated. */
export const doneEvent = "done"

/** The event of a failure, the last event of its response. */
export const errorEvent = "error"

/** Fields that are sent only on request: they may be large, and they show what the provider sent. */
export type Extra = "rawChunk" | "providerMetadata"

/** Encodes a chunk without its empty fields: `data: {"content":"Hello"}`, after `id: …` if there is an id. */
export const encodeChunk = (chunk: StreamChunk, also: ReadonlyArray<Extra>, id?: string): string =>
  `${id === undefined ? "" : `id: ${id}\n`}${encodeEvent(undefined, compact(chunk, also))}`

/** Leaves out the empty fields of a chunk; `decodeChunk` restores them. */
export const compact = (chunk: StreamChunk, also: ReadonlyArray<Extra>): JsonObject => {
  const { content, reasoning, toolCalls, finishReason, usage, origin, cost, part } = chunk
  const { sources, paused, reset, fromCache } = chunk
  return {
    content: content === "" ? undefined : content,
    reasoning: reasoning === "" ? undefined : reasoning,
    toolCalls: toolCalls.length === 0 ? undefined : toolCalls,
    finishReason: finishReason ?? undefined,
    usage: usage ?? undefined,
    origin,
    cost,
    sources,
    paused,
    reset,
    fromCache,
    part: part === undefined || also.includes("providerMetadata") ? part : { index: part.index, type: part.type },
    rawChunk: also.includes("rawChunk") ? (chunk.rawChunk ?? undefined) : undefined
  }
}

/** Encodes an event. `JSON.stringify` writes no line ends, so the data is one line. */
export const encodeEvent = (name: string | undefined, json: unknown): string =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(json)}\n\n`

/** Decodes the JSON of a chunk and restores its empty fields; `undefined` if it is not a chunk. */
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
  (value["cost"] === undefined || typeof value["cost"] === "number") &&
  (value["sources"] === undefined || (Array.isArray(value["sources"]) && value["sources"].every(isSource))) &&
  (value["paused"] === undefined || value["paused"] === true) &&
  (value["reset"] === undefined || value["reset"] === true) &&
  (value["fromCache"] === undefined || value["fromCache"] === true)

const isPart = (value: unknown): boolean =>
  isObject(value) && typeof value["index"] === "number" && typeof value["type"] === "string"

// A page shows it as a link.
const isSource = (value: unknown): boolean =>
  isObject(value) &&
  webAddress(value["url"]) !== undefined &&
  (value["title"] === undefined || typeof value["title"] === "string") &&
  (value["range"] === undefined || isObject(value["range"]))

const isDelta = (value: unknown): boolean =>
  isObject(value) && typeof value["index"] === "number" && typeof value["arguments"] === "string"
