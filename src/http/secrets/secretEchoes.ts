/** Finds keys in a text: complete, in part, in another case, broken into lines, and in the encodings that echoes use. */
import { type DecodedLetters, lettersOf } from "./DecodedLetters.js"

/** Marks the characters of a text from `start` to `end`. */
export type Mark = (start: number, end: number) => void

/** In letters and digits: a shorter run of a key can also occur in other texts by chance, and is of no use to a thief. */
const shortestRun = 8

// A run that begins in the public prefix must contain this many letters beyond it.
const minBeyondPrefix = 4

/** What the keys of a vendor begin with, and the scheme of a header. */
const publicPrefix =
  /^(?:(?:bearer|basic|token) +)?(?:sk-(?:ant-(?:[a-z]+\d\d-)?|proj-|svcacct-|admin-|or-(?:v\d-)?)?|gsk_|xai-|pplx-|csk-|fw_|hf_|r8_|nvapi-|tgp_v\d_|AIza)?/i

/** Keys by their form, for the keys of others: a gateway may quote its own. Providers also mask a part: `sk-abc***xyz`. */
const keyForms: ReadonlyArray<RegExp> = [
  /\b(?:sk|gsk|xai|pplx|csk|fw|hf|AIza)[-_]?[\w-]{0,256}[*•.…]{2,}[\w-]{0,256}/g,
  /\b(?:(?:sk|gsk|xai|pplx|csk|fw|hf|nvapi)[-_]|AIza)[\w-]{20,256}/g,
  /(?<=(?:key|token)(?: provided)?:\s?)\S+/gi
]

/** Marks the keys that a text repeats, in time linear in the text and in the secrets. */
export const markSecrets = (text: string, located: DecodedLetters, secrets: Iterable<string>, mark: Mark): void => {
  for (const form of keyForms) for (const { 0: found, index } of text.matchAll(form)) mark(index, index + found.length)
  echoesOf(secrets)(text, located, mark)
}

/**
 * Prepares to mark where texts repeat secrets, or at least `windowSize` letters and digits of one. Keys of others are not
 * marked.
 */
export const echoesOf = (secrets: Iterable<string>, windowSize: number = shortestRun) => {
  const windows = new Set<string>()
  const short = Array.from(secrets).filter((secret) => !addWindows(secret, windows, windowSize))
  return (text: string, located: DecodedLetters, mark: Mark): void => {
    for (const secret of short) markExact(text, secret, mark)
    if (windows.size > 0) markWindows(text, located, windows, mark, windowSize)
  }
}

const markExact = (text: string, secret: string, mark: Mark): void => {
  if (secret === "") return
  for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + secret.length)) {
    mark(at, at + secret.length)
  }
}

/** Adds the runs by which a secret is found; `false` for a secret that is too short for one. */
const addWindows = (secret: string, windows: Set<string>, size: number): boolean => {
  const letters = lettersOf(secret)
  const prefix = lettersOf(publicPrefix.exec(secret)?.[0] ?? "").length
  const from = Math.max(0, prefix - minBeyondPrefix)
  if (letters.length - from < size) return false
  addRuns(letters, from, windows, size)
  const bytes = new TextEncoder().encode(secret)
  addRuns(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""), 0, windows, size)
  for (const offset of [0, 1, 2]) addRuns(lettersOf(base64At(offset, bytes)), 0, windows, size)
  return true
}

const addRuns = (letters: string, from: number, windows: Set<string>, size: number): void => {
  for (let at = from; at + size <= letters.length; at++) windows.add(letters.slice(at, at + size))
}

/** The base64 characters of some bytes that begin `offset` bytes after a group of three, without those of other bytes. */
const base64At = (offset: number, bytes: Uint8Array): string => {
  let padded = "\0".repeat(offset)
  for (const byte of bytes) padded += String.fromCharCode(byte)
  return btoa(padded).slice(Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6))
}

const markWindows = (
  text: string,
  { letters, starts, ends }: DecodedLetters,
  windows: ReadonlySet<string>,
  mark: Mark,
  size: number
): void => {
  // The word around a run belongs to the key: its prefix, and the characters beside the escape of another.
  const wordEnds = wordsAround(text)
  for (let at = 0; at + size <= letters.length; at++) {
    if (windows.has(letters.slice(at, at + size))) {
      const [start, end] = [starts[at] ?? 0, ends[at + size - 1] ?? 0]
      mark(wordEnds.startOf[start] ?? start, wordEnds.endOf[end - 1] ?? end)
    }
  }
}

/** Where the word of each character begins and ends. */
const wordsAround = (text: string): { readonly startOf: Uint32Array; readonly endOf: Uint32Array } => {
  const startOf = Uint32Array.from({ length: text.length }, (_, at) => at)
  const endOf = Uint32Array.from({ length: text.length }, (_, at) => at + 1)
  for (const { 0: word, index } of text.matchAll(/[\w-]+/g)) {
    startOf.fill(index, index, index + word.length)
    endOf.fill(index + word.length, index, index + word.length)
  }
  return { startOf, endOf }
}
