/** Reads the pages that a response cites: https://ai.google.dev/gemini-api/docs/google-search#understanding-the-grounding-response */
import { isObject, type JsonObject } from "../../http/Json.js"
import type { Citation } from "../Citation.js"

/** The pages of a candidate, each with the texts that cite it. Offsets count bytes of the whole text. */
export const citationsOf = (metadata: unknown): ReadonlyArray<Citation> => {
  if (!isObject(metadata)) return []
  const pages = objectsIn(metadata["groundingChunks"]).map(pageOf)
  const cited = new Set<Citation>()
  const citations = objectsIn(metadata["groundingSupports"]).flatMap(({ segment, groundingChunkIndices }) => {
    const { startIndex, endIndex, text } = isObject(segment) ? segment : {}
    const indices: ReadonlyArray<unknown> = Array.isArray(groundingChunkIndices) ? groundingChunkIndices : []
    return indices.flatMap((index) => {
      const page = typeof index === "number" ? pages[index] : undefined
      if (page === undefined) return []
      cited.add(page)
      // Google leaves out an index of 0.
      return [{ ...page, range: { unit: "bytes" as const, start: startIndex ?? 0, end: endIndex ?? null, text } }]
    })
  })
  return [...citations, ...pages.filter((page) => !cited.has(page))]
}

/** A page of Google Search, or a document of file search that has an address. */
const pageOf = ({ web, retrievedContext }: JsonObject): Citation => {
  const { uri, title } = isObject(web) ? web : isObject(retrievedContext) ? retrievedContext : {}
  return { url: uri, title }
}

const objectsIn = (value: unknown): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.map((each) => (isObject(each) ? each : {})) : []
