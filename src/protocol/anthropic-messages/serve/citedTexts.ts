/** Splits a reply into the texts that cite the same pages, as Anthropic sends each in a block of its own. */
import type { JsonObject } from "../../../http/Json.js"
import type { ServedReply } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"

/** A text with the pages that it cites. */
export interface CitedText {
  readonly text: string
  readonly citations: ReadonlyArray<JsonObject>
}

/** The texts of a reply with sources, in order. */
export const citedTextsOf = ({ content, sources }: ServedReply): ReadonlyArray<CitedText> => {
  const whole = content.join("")
  const ranges = sources.map(({ range = { start: 0, end: whole.length }, ...page }) => ({ ...range, page }))
  const bounds = [0, whole.length, ...ranges.flatMap(({ start, end }) => [start, end])]
  const starts = Array.from(new Set(bounds)).sort((one, other) => one - other)
  return starts.slice(0, -1).map((start, index) => {
    const text = whole.slice(start, starts[index + 1])
    const cited = ranges.filter((range) => range.start <= start && start < range.end)
    return { text, citations: cited.map(({ page }) => citationOf(page.url, page.title)) }
  })
}

const citationOf = (url: string, title: string | undefined): JsonObject => ({
  type: "web_search_result_location",
  cited_text: "",
  url,
  title: title ?? null,
  encrypted_index: signatureOf(url)
})
