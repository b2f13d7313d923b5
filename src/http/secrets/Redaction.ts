/** Removes keys and echoes of the request from a provider's error message. */
import { locate } from "./DecodedLetters.js"
import { markTexts } from "./promptEchoes.js"
import { markSecrets } from "./secretEchoes.js"
import { unprintable } from "./unprintable.js"

/** What must not appear in an error message. */
export interface Confidential {
  /** Keys and tokens in plain text. */
  readonly secrets: Iterable<string>
  /** Every text of the request; `undefined` where they are not known, so that no message may be quoted. */
  readonly sentTexts: (() => Iterable<string>) | undefined
}

const maxLength = 300

// In UTF-16 code units. More is examined than is shown, so that no key is cut before it is found.
const maxExamined = 8000
const maxShown = 4000

const mask = "[…]"

/**
 * Shortens a provider's message to one line of at most 300 characters without keys and without the request; `""` where the
 * texts of the request are not known.
 */
export const quote = (message: string, { secrets, sentTexts }: Confidential): string => {
  if (sentTexts === undefined) return ""
  // A longer run of blanks would hide what follows it, so blanks go first.
  const text = oneLineOf(message.slice(0, 16 * maxExamined)).slice(0, maxExamined)
  const located = locate(text)
  const marks = new Marks(text)
  markSecrets(text, located, secrets, marks.add)
  markTexts(text, located, sentTexts(), marks.add)
  const printable = marks.masked().replace(unprintable, "")
  return printable.length <= maxLength ? printable : `${printable.slice(0, maxLength - 1)}…`
}

/** Replaces keys, complete, in part or masked by the provider. */
export const withoutKeys = (text: string, secrets: Iterable<string>): string => {
  const examined = text.slice(0, maxExamined)
  const marks = new Marks(examined)
  markSecrets(examined, locate(examined), secrets, marks.add)
  return marks.masked()
}

const oneLineOf = (text: string): string => text.replace(/\s+/g, " ").trim()

/** The characters of a text that must not be shown. */
class Marks {
  /** How many more runs begin than end at a character, so that long runs that overlap stay cheap. */
  private readonly edges: Int32Array

  constructor(private readonly text: string) {
    this.edges = new Int32Array(text.length + 1)
  }

  readonly add = (start: number, end: number): void => {
    this.edges[start] = (this.edges[start] ?? 0) + 1
    this.edges[end] = (this.edges[end] ?? 0) - 1
  }

  /** The text with a mask for each run of marked characters. */
  masked(): string {
    let result = ""
    let depth = 0
    for (let index = 0; index < Math.min(this.text.length, maxShown); index++) {
      const before = depth
      depth += this.edges[index] ?? 0
      if (depth === 0) result += this.text[index]
      else if (before === 0) result += mask
    }
    return result
  }
}
