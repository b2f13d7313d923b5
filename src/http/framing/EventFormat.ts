/** The format between `respondWithEvents` and `fetchChunks`: a response as server-sent events. Pages load it, so no Effect. */
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { isObject, type JsonObject } from "../Json.js"

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
  const { sources, paused, reset, fromCache, warnings } = chunk
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
    warnings,
    part: part === undefined || also.includes("providerMetadata") ? part : { index: part.index, type: part.type },
    rawChunk: also.includes("rawChunk") ? (chunk.rawChunk ?? undefined) : undefined
  }
}

/** Encodes an event. `JSON.stringify` writes no line ends, so the data is one line. */
export const encodeEvent = (name: string | undefined, json: unknown): string =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(json)}\n\n`

/** Decodes the JSON of a chunk and restores its empty fields; `undefined` if it is not a chunk. */
export const decodeChunk = (json: unknown): StreamChunk | undefined => {
  if (!isObject(json)) return undefined
  const chunk = { ...empty, ...json }
  return isChunk(chunk) ? chunk : undefined
}

const empty = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null, rawChunk: null }

const isChunk = (value: JsonObject): value is JsonObject & StreamChunk =>
  typeof value["content"] === "string" &&
  typeof value["reasoning"] === "string" &&
  isListOf(value["toolCalls"], (delta) => isIndexed(delta, "arguments")) &&
  (value["finishReason"] === null || typeof value["finishReason"] === "string") &&
  (value["usage"] === null || isObject(value["usage"])) &&
  (value["origin"] === undefined || isObject(value["origin"])) &&
  (value["part"] === undefined || isIndexed(value["part"], "type")) &&
  (value["cost"] === undefined || typeof value["cost"] === "number") &&
  isListOf(value["sources"], isObject) &&
  isListOf(value["warnings"], (warning) => typeof warning === "string") &&
  (value["reset"] === undefined || value["reset"] === true)

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  value === undefined || (Array.isArray(value) && value.every(isItem))

const isIndexed = (value: unknown, text: "arguments" | "type"): boolean =>
  isObject(value) && typeof value["index"] === "number" && typeof value[text] === "string"
