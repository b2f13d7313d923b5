/** Reads the pages that a text cites: https://platform.openai.com/docs/guides/tools-web-search#output-and-citations */
import { isObject, type JsonObject } from "../../http/Json.js"
import type { Citation } from "../Citation.js"

/** The page of one annotation, whose offsets count from a position in a part. Other annotations name files. */
export const pageOf = (annotation: unknown, part: number, offset = 0): ReadonlyArray<Citation> => {
  if (!isObject(annotation) || annotation["type"] !== "url_citation") return []
  const { url, title, start_index, end_index } = annotation
  return [{ url, title, range: { part, start: moved(start_index, offset), end: moved(end_index, offset) } }]
}

const moved = (index: unknown, offset: number): unknown => (typeof index === "number" ? index + offset : null)

/** The pages of a complete message, whose texts are joined to one part. */
export const pagesOf = (item: JsonObject, part: number): ReadonlyArray<Citation> => {
  const pages: Array<Citation> = []
  let offset = 0
  for (const content of Array.isArray(item["content"]) ? item["content"] : []) {
    if (!isObject(content)) continue
    const { text, annotations } = content
    for (const each of Array.isArray(annotations) ? annotations : []) pages.push(...pageOf(each, part, offset))
    if (typeof text === "string") offset += text.length
  }
  return pages
}
