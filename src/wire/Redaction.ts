/** Takes out of a provider's sentence what must not be repeated: the key, and what it echoes of the prompt. */

/** What must not appear in a message. */
export interface Confidential {
  readonly keys: ReadonlyArray<string>
  /** The texts that were sent. */
  readonly texts: () => Iterable<string>
}

const longestQuote = 300

// Long enough that ordinary words of an error message are no echo, short enough that an echo shows.
const window = 16

const masked = "[…]"

/** Shortens a provider's sentence to one line of at most 300 characters without keys and without the prompt. */
export const quote = (sentence: string, confidential: Confidential): string => {
  const oneLine = sentence.slice(0, 4000).replace(/\s+/g, " ").trim()
  const withoutEchoes = withoutPrompt(withoutKeys(oneLine, confidential.keys), confidential.texts())
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  const printable = withoutEchoes.replace(/[\u0000-\u001f\u007f-\u009f]/g, "")
  return printable.length <= longestQuote ? printable : `${printable.slice(0, longestQuote - 1)}…`
}

const withoutKeys = (sentence: string, keys: ReadonlyArray<string>): string =>
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
    if (text.length < window) markWhole(sentence, oneLineOf(text), echoed)
    else markWindows(oneLineOf(text), windows, echoed)
  }
  let result = ""
  for (let index = 0; index < sentence.length; index++) {
    if (echoed[index] === 0) result += sentence[index]
    else if (index === 0 || echoed[index - 1] === 0) result += masked
  }
  return result
}

const oneLineOf = (text: string): string => text.replace(/\s+/g, " ").trim()

const windowsOf = (sentence: string): Map<string, Array<number>> => {
  const windows = new Map<string, Array<number>>()
  for (let at = 0; at + window <= sentence.length; at++) {
    const key = sentence.slice(at, at + window)
    windows.set(key, [...(windows.get(key) ?? []), at])
  }
  return windows
}

const markWindows = (text: string, windows: ReadonlyMap<string, ReadonlyArray<number>>, echoed: Uint8Array): void => {
  for (let at = 0; at + window <= text.length; at++) {
    for (const start of windows.get(text.slice(at, at + window)) ?? []) echoed.fill(1, start, start + window)
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
