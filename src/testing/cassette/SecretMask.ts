/** Masks the secrets that a text or body repeats, in every form in which they are found. */

import { isObject } from "../../http/Json.js"
import { locate } from "../../http/secrets/DecodedLetters.js"
import { echoesOf } from "../../http/secrets/secretEchoes.js"

// In letters and digits. Longer than for error messages, so that a key such as `simulated-key` does not mask a word of the text.
const windowSize = 12

// In UTF-16 code units. Each needs about 20 bytes for its position, so long texts are searched in overlapping pieces.
const pieceLength = 256 * 1024
const overlap = 16 * 1024

/** A run of characters that repeats a secret. */
type Run = readonly [start: number, end: number]

const escapedOrSecret = /\\.?|[\p{L}\p{N}%&#;+/=_.*-]/gsu

/** The replacement of a secret in a request. */
const redacted = "<redacted>"

/** Masks a set of secrets. */
export class SecretMask {
  private readonly markEchoes: ReturnType<typeof echoesOf>

  constructor(private readonly secrets: ReadonlyArray<string>) {
    this.markEchoes = echoesOf(secrets, windowSize)
  }

  /** Says whether a text repeats a secret. */
  isIn(text: string): boolean {
    return this.runsIn(text).length > 0
  }

  /** A text with `<redacted>` for each secret. */
  text(text: string): string {
    let masked = ""
    let at = 0
    for (const [start, end] of this.runsIn(text)) {
      masked += `${text.slice(at, start)}${redacted}`
      at = end
    }
    return masked + text.slice(at)
  }

  /** A JSON value whose strings repeat no secret. At most 256 levels deep, as it was parsed. */
  json(value: unknown): unknown {
    if (typeof value === "string") return this.text(value)
    if (Array.isArray(value)) return value.map((item: unknown) => this.json(item))
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [this.text(name), this.json(inner)]))
  }

  /** Bytes with `*` for each byte of a secret, so that lengths and the boundaries of reads stay. */
  bytes(bytes: Uint8Array): Uint8Array {
    const { text, encode } = decodedBytes(bytes)
    const runs = this.runsIn(text)
    if (runs.length === 0) return bytes
    let masked = ""
    let at = 0
    for (const [start, end] of runs) {
      masked += text.slice(at, start)
      // Quotes and brackets stay, so that JSON stays JSON; a backslash goes with the character that it escapes.
      masked += text.slice(start, end).replace(escapedOrSecret, (found) => "*".repeat(encode(found).length))
      at = end
    }
    return encode(masked + text.slice(at))
  }

  private runsIn(text: string): ReadonlyArray<Run> {
    if (this.secrets.length === 0) return []
    const runs: Array<Run> = []
    for (let from = 0; from === 0 || from + overlap < text.length; from += pieceLength - overlap) {
      const piece = text.slice(from, from + pieceLength)
      this.markEchoes(piece, locate(piece), (start, end) => {
        runs.push([from + start, from + end])
      })
    }
    // After merging, so that a long run of backslashes is read once.
    return merged(runs).map(([start, end]) => [wholeEscape(text, start), wholeCharacter(text, end)])
  }
}

/** Where a run begins that may have cut an escape such as `\n` in two. */
const wholeEscape = (text: string, start: number): number => {
  let slashes = 0
  while (text[start - 1 - slashes] === "\\") slashes++
  return start - (slashes % 2)
}

const wholeCharacter = (text: string, end: number): number =>
  /[\ud800-\udbff]/.test(text[end - 1] ?? "") ? end + 1 : end

const merged = (runs: ReadonlyArray<Run>): ReadonlyArray<Run> => {
  const result: Array<Run> = []
  for (const [start, end] of [...runs].sort((one, other) => one[0] - other[0])) {
    const last = result.at(-1)
    if (last !== undefined && start <= last[1]) result[result.length - 1] = [last[0], Math.max(last[1], end)]
    else result.push([start, end])
  }
  return result
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Text as UTF-8, or anything else with one character for each byte. */
export const decodedBytes = (
  bytes: Uint8Array
): { readonly text: string; readonly isText: boolean; readonly encode: (text: string) => Uint8Array } => {
  // The strict decoder reports bytes that are no UTF-8 by an exception.
  try {
    return { text: strictUtf8.decode(bytes), isText: true, encode: (text) => encoder.encode(text) }
  } catch {
    let text = ""
    for (const byte of bytes) text += String.fromCharCode(byte)
    return { text, isText: false, encode: (plain) => Uint8Array.from(plain, (letter) => letter.charCodeAt(0)) }
  }
}
