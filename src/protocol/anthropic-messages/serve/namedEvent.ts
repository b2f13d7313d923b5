/** Events as Anthropic writes them: most end in a few blanks before the last brace. */
import type { JsonObject } from "../../../http/Json.js"
import { hash } from "../../serve/hash.js"

// In the recordings: 0 to 15 blanks, and none in the ping.
const mostBlanks = 16

/** An event with its name, which the data repeats as `type`. */
export const namedEvent = (data: JsonObject & { readonly type: string }): string => {
  const json = JSON.stringify(data)
  return `event: ${data.type}\ndata: ${json.slice(0, -1)}${" ".repeat(hash(json) % mostBlanks)}}\n\n`
}
