/** Removes keys and echoes of the prompt from a provider's error message. */

/** What must not appear in an error message. */
export interface Confidential {
  /** Keys and tokens in plain text. */
  readonly secrets: ReadonlyArray<string>
  /** Every text of the request. */
  readonly sentTexts: () => Iterable<string>
}

const maxLength = 300

// In letters and digits. Shorter windows match ordinary words of an error message; longer ones miss echoes of a part.
const windowSize = 13

const mask = "[…]"

/** Shortens a provider's message to one line of at most 300 characters without keys and without the prompt. */
export const quote = (message: string, confidential: Confidential): string => {
  const oneLine = oneLineOf(message.slice(0, 4000))
  const withoutEchoes = withoutPrompt(withoutKeys(oneLine, confidential.secrets), confidential.sentTexts())
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not reach a terminal
  const printable = withoutEchoes.replace(/[\u0000-\u001f\u007f-\u009f]/g, "")
  return printable.length <= maxLength ? printable : `${printable.slice(0, maxLength - 1)}…`
}

/** Replaces keys, complete or masked by the provider. */
export const withoutKeys = (message: string, keys: ReadonlyArray<string>): string =>
  keys
    .filter((key) => key !== "")
    .reduce((text, key) => text.replaceAll(key, mask), message)
    // Providers repeat a part of a wrong key: "Incorrect API key provided: sk-abc***xyz".
    .replace(/\b(?:sk|gsk|xai|pplx|csk|fw|hf|AIza)[-_]?[\w-]*[*•.…]{2,}[\w-]*/g, mask)
    .replace(/((?:key|token)(?: provided)?:\s*)\S+/gi, `$1${mask}`)

const withoutPrompt = (message: string, texts: Iterable<string>): string => {
  const echoed = new Uint8Array(message.length)
  const windows = windowsOf(message)
  for (const text of texts) {
    const letters = lettersOf(text)
    if (letters.length < windowSize) markWords(message, oneLineOf(text), echoed)
    else markWindows(letters, windows, echoed)
  }
  let result = ""
  for (let index = 0; index < message.length; index++) {
    if (echoed[index] === 0) result += message[index]
    else if (index === 0 || echoed[index - 1] === 0) result += mask
  }
  return result
}

const oneLineOf = (text: string): string => text.replace(/\s+/g, " ").trim()

// Only letters and digits are compared, because JSON escapes change the characters between them.
const escaping = String.raw`\\+(?:u([0-9a-f]{4})|[nrtbf])?`
const escapes = new RegExp(escaping, "gi")
const escapeOrLetter = new RegExp(String.raw`${escaping}|[\p{L}\p{N}]`, "giu")

const unescaped = (_: string, code: string | undefined): string =>
  code === undefined ? "" : String.fromCharCode(Number.parseInt(code, 16))

const lettersOf = (text: string): string => text.replace(escapes, unescaped).replace(/[^\p{L}\p{N}]+/gu, "")

type Span = readonly [start: number, end: number]

/** Every run of `windowSize` letters, with its positions in the message. */
const windowsOf = (message: string): Map<string, Array<Span>> => {
  const spans: Array<Span> = []
  let letters = ""
  for (const { 0: found, 1: code, index } of message.matchAll(escapeOrLetter)) {
    for (const letter of lettersOf(code === undefined ? found : unescaped(found, code)).split("")) {
      letters += letter
      spans.push([index, index + found.length])
    }
  }
  const windows = new Map<string, Array<Span>>()
  for (let at = 0; at + windowSize <= letters.length; at++) {
    const key = letters.slice(at, at + windowSize)
    const span: Span = [spans[at]?.[0] ?? 0, spans[at + windowSize - 1]?.[1] ?? 0]
    const same = windows.get(key)
    if (same === undefined) windows.set(key, [span])
    else same.push(span)
  }
  return windows
}

const markWindows = (letters: string, windows: Map<string, Array<Span>>, echoed: Uint8Array): void => {
  for (let at = 0; at + windowSize <= letters.length && windows.size > 0; at++) {
    const key = letters.slice(at, at + windowSize)
    for (const [start, end] of windows.get(key) ?? []) echoed.fill(1, start, end)
    // Marking it once is enough, even if the prompt repeats it.
    windows.delete(key)
  }
}

/** Marks a short text only where it stands as separate words. */
const markWords = (message: string, text: string, echoed: Uint8Array): void => {
  if (text.length < 4) return
  for (let at = message.indexOf(text); at !== -1; at = message.indexOf(text, at + 1)) {
    const around = `${message[at - 1] ?? ""}${message[at + text.length] ?? ""}`
    if (!/\w/.test(around)) echoed.fill(1, at, at + text.length)
  }
}
