/** The padding of OpenAI's deltas: https://platform.openai.com/docs/api-reference/chat/streaming#stream_options */
import type { JsonObject } from "../../http/Json.js"
import { idOf } from "./hash.js"

const step = 16

/** Letters and digits that bring the size of a delta to a multiple of 16, so that its size does not tell its text. */
export const obfuscationOf = (delta: string | JsonObject): string => {
  const text = typeof delta === "string" ? delta : JSON.stringify(delta)
  return idOf(text, step - 1 - ((text.length + step - 1) % step))
}
