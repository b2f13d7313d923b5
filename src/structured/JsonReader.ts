/** Parses JSON while it arrives, in linear time: it reads no character twice. */
import { maxJsonDepth } from "../domain/JsonText.js"

/** Callbacks for the parts of a value, in the order of the text. */
export interface JsonListener {
  /** A value has begun; everything up to its `end` is inside it. */
  readonly begin: (kind: "object" | "array" | "string") => void
  /** The next value belongs to this key. */
  readonly key: (key: string) => void
  /** More of the open string; surrogate pairs are never split. */
  readonly text: (piece: string) => void
  /** The innermost open value is complete. */
  readonly end: () => void
  /** A complete number, boolean or null. A partial one is not reported, as 12 might become 120. */
  readonly scalar: (value: number | boolean | null) => void
}

type Expected = "value" | "key" | "colon" | "next" | "string" | "escape" | "scalar" | "nothing"

const blank = /\s/
const scalarBegin = /[-\dtfn]/
const scalarEnd = /[^-+.\w]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const stringEnd = /["\\\u0000-\u001f]/g
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const words: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null]
])
const escapes: ReadonlyMap<string, string> = new Map([
  ...Array.from('"\\/', (character) => [character, character] as const),
  ...Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })
])

/**
 * Parses one value, and calls back with its parts. At a syntax error, below 256 levels, or after the value, it ignores
 * the rest of the text. A mutable class, because it runs for every chunk.
 */
export class JsonReader {
  private readonly open: Array<"object" | "array"> = []
  private expected: Expected = "value"
  /** Whether the innermost list or object is empty, so that it may end here. */
  private isEmpty = false
  private key: string | undefined
  /** The beginning of an escape or a scalar. */
  private unfinished = ""
  /** The first half of a surrogate pair. */
  private highSurrogate = ""

  constructor(private readonly listener: JsonListener) {}

  /** Takes the next piece. */
  push(piece: string): void {
    for (let at = 0; at < piece.length && this.expected !== "nothing"; ) at = this.read(piece, at)
  }

  private read(piece: string, at: number): number {
    if (this.expected === "string") return this.readString(piece, at)
    if (this.expected === "escape") return this.readEscape(piece, at)
    if (this.expected === "scalar") return this.readScalar(piece, at)
    const character = piece.charAt(at)
    if (blank.test(character)) return at + 1
    this.expected = this.afterCharacter(character)
    return this.expected === "scalar" ? at : at + 1
  }

  private afterCharacter(character: string): Expected {
    if (this.expected === "colon") return character === ":" ? "value" : "nothing"
    if (this.expected === "next") return character === "," ? this.nextInside() : this.afterEnd(character)
    if (this.isEmpty && (character === "}" || character === "]")) return this.afterEnd(character)
    this.isEmpty = false
    if (this.expected === "key") return character === '"' ? this.beginKey() : "nothing"
    return this.beginValue(character)
  }

  private beginKey(): Expected {
    this.key = ""
    return "string"
  }

  private beginValue(character: string): Expected {
    if (scalarBegin.test(character)) return "scalar"
    if (character !== '"' && character !== "{" && character !== "[") return "nothing"
    const kind = character === '"' ? "string" : character === "{" ? "object" : "array"
    if (kind !== "string" && this.open.length >= maxJsonDepth) return "nothing"
    this.listener.begin(kind)
    if (kind === "string") return kind
    this.open.push(kind)
    this.isEmpty = true
    return this.nextInside()
  }

  private nextInside(): Expected {
    return this.open.at(-1) === "object" ? "key" : "value"
  }

  private afterEnd(character: string): Expected {
    if (character !== (this.open.at(-1) === "object" ? "}" : "]")) return "nothing"
    this.open.pop()
    this.isEmpty = false
    this.listener.end()
    return this.afterValue()
  }

  private afterValue(): Expected {
    return this.open.length === 0 ? "nothing" : "next"
  }

  private readString(piece: string, at: number): number {
    stringEnd.lastIndex = at
    const end = stringEnd.exec(piece)?.index
    this.write(piece.slice(at, end))
    if (end === undefined) return piece.length
    const character = piece.charAt(end)
    this.expected = character === '"' ? this.endString() : character === "\\" ? "escape" : "nothing"
    return end + 1
  }

  private write(piece: string): void {
    const text = this.highSurrogate + piece
    this.highSurrogate = /[\uD800-\uDBFF]$/.exec(piece)?.[0] ?? (piece === "" ? this.highSurrogate : "")
    this.emit(text.slice(0, text.length - this.highSurrogate.length))
  }

  private emit(text: string): void {
    if (this.key !== undefined) this.key += text
    else if (text !== "") this.listener.text(text)
  }

  private endString(): Expected {
    this.emit(this.highSurrogate)
    this.highSurrogate = ""
    if (this.key === undefined) {
      this.listener.end()
      return this.afterValue()
    }
    this.listener.key(this.key)
    this.key = undefined
    return "colon"
  }

  private readEscape(piece: string, at: number): number {
    this.unfinished += piece.charAt(at)
    if (this.unfinished.startsWith("u") && this.unfinished.length < 5) return at + 1
    const code = /^u([\da-fA-F]{4})$/.exec(this.unfinished)?.[1]
    const meant = code === undefined ? escapes.get(this.unfinished) : String.fromCharCode(Number.parseInt(code, 16))
    this.unfinished = ""
    this.expected = meant === undefined ? "nothing" : "string"
    this.write(meant ?? "")
    return at + 1
  }

  private readScalar(piece: string, at: number): number {
    scalarEnd.lastIndex = at
    const end = scalarEnd.exec(piece)?.index
    this.unfinished += piece.slice(at, end)
    if (end === undefined) return piece.length
    const value = number.test(this.unfinished) ? Number(this.unfinished) : words.get(this.unfinished)
    this.unfinished = ""
    if (value !== undefined) this.listener.scalar(value)
    this.expected = value === undefined ? "nothing" : this.afterValue()
    return end
  }
}
