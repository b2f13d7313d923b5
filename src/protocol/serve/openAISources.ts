/** The pages that a text cites, as OpenAI writes them. */
import type { JsonObject } from "../../http/Json.js"
import type { ServedReply } from "./ServedReply.js"

/** The fields of each citation of a reply. */
export const citationsOf = ({ sources, content }: ServedReply): ReadonlyArray<JsonObject> =>
  sources.map(({ url, title = "", range = { start: 0, end: content.join("").length } }) => ({
    end_index: range.end,
    start_index: range.start,
    title,
    url
  }))
