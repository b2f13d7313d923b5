/** Writes and reads the entries of a cache. Entries are checked, because others may have written to the store. */
import * as Schema from "effect/Schema"
import { StreamChunk } from "../../domain/StreamChunk.js"
import { compact, decodeChunk } from "../../http/framing/EventFormat.js"
import { isObject, parseJson } from "../../http/Json.js"

/** The version of the format, which is part of every key. */
export const formatVersion = 1

/** The chunks of a complete response, by network read. */
export type Reads = ReadonlyArray<ReadonlyArray<StreamChunk>>

/** Writes an entry, without the provider's raw JSON. */
export const encode = (key: string, reads: Reads): string =>
  JSON.stringify({ key, reads: reads.map((chunks) => chunks.map((chunk) => compact(chunk, ["providerMetadata"]))) })

const isChunk = Schema.is(StreamChunk)

/** Reads an entry; `undefined` if it is not one of this key, or is too large. */
export const decode = (key: string, entry: string, maxLength: number): Reads | undefined => {
  const json = entry.length > maxLength ? undefined : parseJson(entry)
  if (!isObject(json) || json["key"] !== key || !Array.isArray(json["reads"])) return undefined
  const reads: Array<ReadonlyArray<StreamChunk>> = []
  for (const read of json["reads"]) {
    if (!Array.isArray(read) || read.length === 0) return undefined
    const chunks = read.flatMap((chunk: unknown) => decodeChunk(chunk) ?? [])
    if (chunks.length !== read.length || !chunks.every((chunk) => isChunk(chunk))) return undefined
    reads.push(chunks)
  }
  return isComplete(reads) ? reads : undefined
}

/** Whether the last chunk, and no other one, has a finish reason. */
export const isComplete = (reads: Reads): boolean => {
  const chunks = reads.flat()
  return chunks.length > 0 && chunks.findIndex(({ finishReason }) => finishReason !== null) === chunks.length - 1
}

/** The chunks of the final response: those since the last reset. */
export const sinceReset = (reads: Reads): Reads => {
  const chunks = reads.flat()
  const start = chunks.findLastIndex(({ reset }) => reset === true)
  if (start === -1) return reads
  return [chunks.slice(start).map(({ reset: _, ...chunk }) => chunk)]
}

/** Marks the last chunk of a response that was not requested for this call: it costs nothing. */
export const asCached = (chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<StreamChunk> =>
  chunks.map((chunk) => (chunk.finishReason === null ? chunk : { ...chunk, cost: 0, fromCache: true }))
