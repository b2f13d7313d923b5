/** Takes out of a provider's sentence what must not be repeated: the key, and what it echoes of the prompt. */

/** What must not appear in a message. */
export interface Confidential {
  /** Keys and tokens in clear. */
  readonly secrets: ReadonlyArray<string>
  /** Every text that was sent. */
  readonly sentTexts: () => Iterable<string>
}

const longestQuote = 300

// Letters and digits: long enough that ordinary words of an error message are no echo, short enough that an echo shows.
const window = 13

const masked = "[…]"

/** Shortens a provider's sentence to one line of at most 300 characters without keys and without the prompt. */
export const quote = (sentence: string, confidential: Confidential): string => {
  const oneLine = sentence.slice(0, 4000).replace(/\s+/g, " ").trim()
  const withoutEchoes = withoutPrompt(withoutKeys(oneLine, confidential.secrets), confidential.sentTexts())
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  const printable = withoutEchoes.replace(/[\u0000-\u001f\u007f-\u009f]/g, "")
  return printable.length <= longestQuote ? printable : `${printable.slice(0, longestQuote - 1)}…`
}

/** Takes the keys out, whole or masked by the provider. */
export const withoutKeys = (sentence: string, keys: ReadonlyArray<string>): string =>
  keys
    .filter((key) => key !== "")
    .reduce((rest, key) => rest.replaceAll(key, masked), sentence)
    // Providers echo a part of a wrong key: "Incorrect API key provided: sk-abc***xyz".
    .replace(/\b(?:sk|gsk|xai|pplx|csk|fw|hf|AIza)[-_]?[\w-]*[*•.…]{2,}[\w-]*/g, masked)
    .replace(/((?:key|token)(?: provided)?:\s*)\S+/gi, `$1${masked}`)

const withoutPrompt = (sentence: string, texts: Iterable<string>): string => {
  const echoed = new Uint8Array(sentence.length)
  const windows = windowsOf(sentence)
  for (const text of texts) {
    const letters = lettersOf(text)
    if (letters.length < window) markWhole(sentence, oneLineOf(text), echoed)
    else markWindows(letters, windows, echoed)
  }
  let result = ""
  for (let index = 0; index < sentence.length; index++) {
    if (echoed[index] === 0) result += sentence[index]
    else if (index === 0 || echoed[index - 1] === 0) result += masked
  }
  return result
}

const oneLineOf = (text: string): string => text.replace(/\s+/g, " ").trim()

// What stands between the letters of a prompt changes on its way into an error: an echo in JSON has escapes for it.
const escaping = String.raw`\\+(?:u([0-9a-f]{4})|[nrtbf])?`
const escapes = new RegExp(escaping, "gi")
const escapeOrLetter = new RegExp(String.raw`${escaping}|[\p{L}\p{N}]`, "giu")

const unescaped = (_: string, code: string | undefined): string =>
  code === undefined ? "" : String.fromCharCode(Number.parseInt(code, 16))

const lettersOf = (text: string): string => text.replace(escapes, unescaped).replace(/[^\p{L}\p{N}]+/gu, "")

type Span = readonly [start: number, end: number]

/** Every run of so many letters, with the places in the sentence where it stands. */
const windowsOf = (sentence: string): Map<string, Array<Span>> => {
  const spans: Array<Span> = []
  let letters = ""
  for (const { 0: found, 1: code, index } of sentence.matchAll(escapeOrLetter)) {
    for (const letter of lettersOf(code === undefined ? found : unescaped(found, code)).split("")) {
      letters += letter
      spans.push([index, index + found.length])
    }
  }
  const windows = new Map<string, Array<Span>>()
  for (let at = 0; at + window <= letters.length; at++) {
    const key = letters.slice(at, at + window)
    const span: Span = [spans[at]?.[0] ?? 0, spans[at + window - 1]?.[1] ?? 0]
    const same = windows.get(key)
    if (same === undefined) windows.set(key, [span])
    else same.push(span)
  }
  return windows
}

const markWindows = (letters: string, windows: Map<string, Array<Span>>, echoed: Uint8Array): void => {
  for (let at = 0; at + window <= letters.length && windows.size > 0; at++) {
    const key = letters.slice(at, at + window)
    for (const [start, end] of windows.get(key) ?? []) echoed.fill(1, start, end)
    // Once is enough, however often a prompt repeats itself.
    windows.delete(key)
  }
}

/** A short text counts as echoed only where it stands as words of its own. */
const markWhole = (sentence: string, text: string, echoed: Uint8Array): void => {
  if (text.length < 4) return
  for (let at = sentence.indexOf(text); at !== -1; at = sentence.indexOf(text, at + 1)) {
    const around = `${sentence[at - 1] ?? ""}${sentence[at + text.length] ?? ""}`
    if (!/\w/.test(around)) echoed.fill(1, at, at + text.length)
  }
}
