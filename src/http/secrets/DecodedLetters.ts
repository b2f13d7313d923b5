/**
 * Reads the letters and digits of a text in lower case, decoded from JSON, HTML and percent escapes, so that a text and
 * its echo in another form compare equal.
 */

/** The letters of a text, and where each UTF-16 code unit of them stands in it. */
export interface DecodedLetters {
  readonly letters: string
  readonly starts: ReadonlyArray<number>
  readonly ends: ReadonlyArray<number>
}

// Escapes of JSON (also in JSON in JSON), of HTML and of URLs, each also escaped more than once. What repeats
// without a bound matches in one way only, so that every match is linear.
const escaping = [
  String.raw`\\+(?:u(?<json>[0-9a-f]{4})|x(?<byte>[0-9a-f]{2})|[nrtbf])?`,
  "&(?:amp;)*(?:#x0{0,4}(?<hex>[0-9a-f]{1,6});|#0{0,4}(?<decimal>[0-9]{1,7});|(?:amp|lt|gt|quot|apos|nbsp);)",
  "(?<percent>(?:%(?:25)*[0-9a-f]{2})+)"
].join("|")
const escapes = new RegExp(escaping, "gi")
const escapeOrLetter = new RegExp(String.raw`${escaping}|[\p{L}\p{N}]`, "giu")

type Groups = { readonly [name: string]: string | undefined } | undefined

const unescaped = (groups: Groups): string => {
  if (groups?.["percent"] !== undefined) return decodedPercent(groups["percent"])
  const code = groups?.["json"] ?? groups?.["byte"] ?? groups?.["hex"]
  if (code !== undefined) return characterOf(Number.parseInt(code, 16))
  return groups?.["decimal"] === undefined ? "" : characterOf(Number(groups["decimal"]))
}

const characterOf = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : "")

const utf8 = new TextDecoder()

const decodedPercent = (run: string): string =>
  utf8.decode(Uint8Array.from(run.match(/[0-9a-f]{2}(?=%|$)/gi) ?? [], (digits) => Number.parseInt(digits, 16)))

/** Reads the letters of a text. */
export const lettersOf = (text: string): string =>
  text
    .replace(escapes, (...match) => unescaped(match.at(-1)))
    .replace(/[^\p{L}\p{N}]+/gu, "")
    .toLowerCase()

/** Reads the letters of a text with their places. */
export const locate = (text: string): DecodedLetters => {
  let letters = ""
  const starts: Array<number> = []
  const ends: Array<number> = []
  for (const { 0: found, groups, index } of text.matchAll(escapeOrLetter)) {
    const decoded = /^[\\&%]/.test(found) ? lettersOf(unescaped(groups)) : found.toLowerCase()
    letters += decoded
    for (let unit = 0; unit < decoded.length; unit++) {
      starts.push(index)
      ends.push(index + found.length)
    }
  }
  return { letters, starts, ends }
}
