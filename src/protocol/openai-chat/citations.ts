/** Reads the pages that a response cites, in the fields of several vendors. */
import { isObject } from "../../http/Json.js"
import type { Citation } from "../Citation.js"
import type { Event, Message } from "./schema.js"

/** How many entries of each list have been read. Perplexity repeats its lists with every event. Mutable. */
export class CitedPages {
  private readonly read = { search_results: 0, citations: 0 }

  /** Gives the pages that an event adds; `undefined` for nearly all events, which have no such field. */
  take(event: Event, message: Message | undefined): ReadonlyArray<Citation> | undefined {
    const annotations = message?.annotations
    const { search_results, citations } = event
    if (annotations == null && search_results == null && citations == null) return undefined
    const pages = [
      ...listOf(annotations).flatMap(annotatedPage),
      // The results have titles, and the citations are their addresses again.
      ...this.newOf("search_results", search_results).flatMap(searchResult),
      ...this.newOf("citations", citations).map((url) => ({ url, title: undefined }))
    ]
    return pages.length === 0 ? undefined : pages
  }

  private newOf(field: "search_results" | "citations", value: unknown): ReadonlyArray<unknown> {
    const list = listOf(value)
    const added = list.slice(this.read[field])
    this.read[field] = Math.max(this.read[field], list.length)
    return added
  }
}

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** https://platform.openai.com/docs/guides/tools-web-search and https://openrouter.ai/docs/features/web-search */
const annotatedPage = (annotation: unknown): ReadonlyArray<Citation> => {
  const page = isObject(annotation) && annotation["type"] === "url_citation" ? annotation["url_citation"] : undefined
  if (!isObject(page)) return []
  const { url, title, start_index, end_index } = page
  return [{ url, title, range: { start: start_index ?? null, end: end_index ?? null } }]
}

/** https://docs.perplexity.ai/api-reference/chat-completions-post */
const searchResult = (result: unknown): ReadonlyArray<Citation> =>
  isObject(result) ? [{ url: result["url"], title: result["title"] }] : []
