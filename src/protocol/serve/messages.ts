/** Turns of a conversation as every protocol's reader makes them, so that they count the same. */
import type { JsonObject } from "../../http/Json.js"
import { objects, text } from "./fields.js"
import type { Turn } from "./ParsedRequest.js"

/** A text, unless it is empty. */
export const turnOf = (role: Turn["role"], said: string, isCacheMark = false): ReadonlyArray<Turn> =>
  said === "" ? [] : [{ role, text: said, media: 0, isCacheMark }]

/** A call that the model made. */
export const callTurn = (name: unknown, json: string): ReadonlyArray<Turn> =>
  turnOf("assistant", `${text(name) ?? ""}${canonical(json)}`)

/** A content: a string, or parts, of which those without a text are images or files. */
export const contentTurns = (role: Turn["role"], content: unknown): ReadonlyArray<Turn> =>
  typeof content === "string" ? turnOf(role, content) : objects(content).flatMap((part) => partTurns(role, part))

const partTurns = (role: Turn["role"], part: JsonObject): ReadonlyArray<Turn> => {
  const said = text(part["text"]) ?? text(part["refusal"])
  const isCacheMark = part["cache_control"] != null
  return said === undefined ? [{ role, text: "", media: 1, isCacheMark }] : turnOf(role, said, isCacheMark)
}

/** The text of a content. */
export const textOfContent = (content: unknown): string =>
  contentTurns("user", content)
    .map((turn) => turn.text)
    .join("")

/** The same JSON written the same way, as some protocols carry as text what others carry as an object. */
export const canonical = (json: string): string => {
  try {
    return JSON.stringify(JSON.parse(json))
  } catch {
    return json
  }
}
