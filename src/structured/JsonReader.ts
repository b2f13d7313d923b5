/** Reads JSON while it is written, in linear time: no character is looked at twice. */

/** Is told of the parts of a value as they are read. */
export interface JsonListener {
  /** A value has begun; what follows up to its `end` is inside it. */
  readonly begin: (kind: "object" | "array" | "string") => void
  /** The next value is the one of this key. */
  readonly key: (key: string) => void
  /** More of the string that has begun; never the half of a character. */
  readonly text: (piece: string) => void
  /** The innermost value that has begun is whole. */
  readonly end: () => void
  /** A value that is only known when it is whole, as 12 might become 120. */
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
  ...Array.from('"\\/', (sign) => [sign, sign] as const),
  ...Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })
])

/** Reads one value. What is no JSON, and all after the value, is not told of. */
export class JsonReader {
  private readonly open: Array<"object" | "array"> = []
  private expected: Expected = "value"
  /** Whether nothing stands in the innermost list or object yet, so that it may end. */
  private isEmpty = false
  private key: string | undefined
  /** An escape or a scalar that has begun. */
  private begun = ""
  /** The first half of a character that JSON and UTF-16 write as two. */
  private half = ""

  constructor(private readonly listener: JsonListener) {}

  /** Takes the next piece. */
  push(piece: string): void {
    for (let at = 0; at < piece.length && this.expected !== "nothing"; ) at = this.read(piece, at)
  }

  private read(piece: string, at: number): number {
    if (this.expected === "string") return this.readString(piece, at)
    if (this.expected === "escape") return this.readEscape(piece, at)
    if (this.expected === "scalar") return this.readScalar(piece, at)
    const sign = piece.charAt(at)
    if (blank.test(sign)) return at + 1
    this.expected = this.afterSign(sign)
    return this.expected === "scalar" ? at : at + 1
  }

  private afterSign(sign: string): Expected {
    if (this.expected === "colon") return sign === ":" ? "value" : "nothing"
    if (this.expected === "next") return sign === "," ? this.nextInside() : this.afterEnd(sign)
    if (this.isEmpty && (sign === "}" || sign === "]")) return this.afterEnd(sign)
    this.isEmpty = false
    if (this.expected === "key") return sign === '"' ? this.beginKey() : "nothing"
    return this.beginValue(sign)
  }

  private beginKey(): Expected {
    this.key = ""
    return "string"
  }

  private beginValue(sign: string): Expected {
    if (scalarBegin.test(sign)) return "scalar"
    if (sign !== '"' && sign !== "{" && sign !== "[") return "nothing"
    const kind = sign === '"' ? "string" : sign === "{" ? "object" : "array"
    this.listener.begin(kind)
    if (kind === "string") return kind
    this.open.push(kind)
    this.isEmpty = true
    return this.nextInside()
  }

  private nextInside(): Expected {
    return this.open.at(-1) === "object" ? "key" : "value"
  }

  private afterEnd(sign: string): Expected {
    if (sign !== (this.open.at(-1) === "object" ? "}" : "]")) return "nothing"
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
    const sign = piece.charAt(end)
    this.expected = sign === '"' ? this.endString() : sign === "\\" ? "escape" : "nothing"
    return end + 1
  }

  private write(piece: string): void {
    const text = this.half + piece
    this.half = /[\uD800-\uDBFF]$/.exec(piece)?.[0] ?? (piece === "" ? this.half : "")
    this.tell(text.slice(0, text.length - this.half.length))
  }

  private tell(text: string): void {
    if (this.key !== undefined) this.key += text
    else if (text !== "") this.listener.text(text)
  }

  private endString(): Expected {
    this.tell(this.half)
    this.half = ""
    if (this.key === undefined) {
      this.listener.end()
      return this.afterValue()
    }
    this.listener.key(this.key)
    this.key = undefined
    return "colon"
  }

  private readEscape(piece: string, at: number): number {
    this.begun += piece.charAt(at)
    if (this.begun.startsWith("u") && this.begun.length < 5) return at + 1
    const code = /^u([\da-fA-F]{4})$/.exec(this.begun)?.[1]
    const character = code === undefined ? escapes.get(this.begun) : String.fromCharCode(Number.parseInt(code, 16))
    this.begun = ""
    this.expected = character === undefined ? "nothing" : "string"
    this.write(character ?? "")
    return at + 1
  }

  private readScalar(piece: string, at: number): number {
    scalarEnd.lastIndex = at
    const end = scalarEnd.exec(piece)?.index
    this.begun += piece.slice(at, end)
    if (end === undefined) return piece.length
    const value = number.test(this.begun) ? Number(this.begun) : words.get(this.begun)
    this.begun = ""
    if (value !== undefined) this.listener.scalar(value)
    this.expected = value === undefined ? "nothing" : this.afterValue()
    return end
  }
}
