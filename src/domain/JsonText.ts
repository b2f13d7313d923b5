/** JSON of untrusted depth. Functions that recurse into a value, `JSON.stringify` among them, overflow the stack. */

/** The most levels of lists and objects that are read or written. */
export const maxJsonDepth = 256

/** Whether a JSON text opens more than `maxJsonDepth` levels. Linear, and free for texts too short to do so. */
export const isTooDeep = (text: string): boolean => {
  // Every level of valid JSON takes two characters.
  if (text.length <= 2 * maxJsonDepth) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at + 1)
    } else if (code === openBracket || code === openBrace) {
      depth++
      if (depth > maxJsonDepth) return true
    } else if (code === closeBracket || code === closeBrace) depth--
  }
  return false
}

/** Whether a value has a cycle or more than `levels` levels, so that a function may recurse into all others. */
export const isBottomless = (value: unknown, levels = maxJsonDepth): boolean => {
  if (typeof value !== "object" || value === null) return false
  // A cycle is deeper than every limit.
  if (levels === 0) return true
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (isBottomless(inner, levels - 1)) return true
  }
  return false
}

/** Writes a value as JSON; `undefined` if it has a cycle, a bigint or too many levels, or is not a value of JSON. */
export const toJsonText = (value: unknown): string | undefined => {
  // The levels of the value, and not of its text: requests of a megabyte have a thousand times as many letters as values.
  if (isBottomless(value)) return undefined
  // `JSON.stringify` reports a bigint by an exception.
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** The position of the quote that ends a string, or of the end of the text. */
const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start)
  while (end !== -1 && isEscaped(text, end, start)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

const isEscaped = (text: string, at: number, start: number): boolean => {
  let before = at
  while (before > start && text.charCodeAt(before - 1) === backslash) before--
  return (at - before) % 2 === 1
}
