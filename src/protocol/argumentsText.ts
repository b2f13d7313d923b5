/** Repairs the JSON text of a tool call's arguments, as far as servers were reported to damage it. */
import { isObject, parseJson } from "../http/Json.js"
import { JsonProgress } from "./JsonProgress.js"

/** Checks for arguments that some servers send before the real ones, or for a tool without parameters. */
export const isPlaceholderText = (text: string): boolean => /^\s{0,99}(?:\{\s{0,99}\}|null)\s{0,99}$/.test(text)

/** Arguments that begin with a text hold their JSON as text, encoded twice. */
export const isQuoted = (text: string): boolean => /^\s{0,99}"/.test(text)

/** Leaves out what stands twice in one text: `{}` before the arguments, or all of them. */
export const withoutRepetition = (text: string): string => {
  const end = new JsonProgress().push(text)
  const rest = text.slice(end)
  if (rest.trim() === "") return text
  const first = text.slice(0, end)
  if (isPlaceholderText(first)) return rest
  return rest.trim() === first.trim() ? first : text
}

/** The arguments of a whole text, decoded once more where they were encoded twice; `null` means none. */
export const decodedArguments = (text: string): string => {
  if (text.trim() === "null") return "{}"
  if (!isQuoted(text)) return text
  // In a list, because only objects and lists are parsed.
  const list = parseJson(`[${text}]`)
  const inner: unknown = Array.isArray(list) && list.length === 1 ? list[0] : undefined
  return typeof inner === "string" && isObject(parseJson(inner)) ? inner : text
}
