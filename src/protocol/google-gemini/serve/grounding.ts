/** The pages that a reply cites, as Google writes them: offsets are bytes of UTF-8. */
import type { JsonObject } from "../../../http/Json.js"
import type { ServedReply } from "../../serve/ServedReply.js"

const encoder = new TextEncoder()

const bytesIn = (text: string): number => encoder.encode(text).length

/** The metadata of the candidate with the answer's end. */
export const groundingOf = ({ content, sources }: ServedReply): JsonObject => {
  if (sources.length === 0) return {}
  const whole = content.join("")
  const supports = sources.flatMap(({ range }, index) => {
    if (range === undefined) return []
    const { start, end } = range
    const offset = start === 0 ? {} : { startIndex: bytesIn(whole.slice(0, start)) }
    const segment = { ...offset, endIndex: bytesIn(whole.slice(0, end)), text: whole.slice(start, end) }
    return [{ segment, groundingChunkIndices: [index] }]
  })
  const groundingChunks = sources.map(({ url, title }) => ({ web: { uri: url, title } }))
  return { groundingMetadata: { groundingChunks, groundingSupports: supports, webSearchQueries: [] } }
}
