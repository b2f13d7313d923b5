/** Builds a JSON value while its text arrives. */
import { JsonReader } from "./JsonReader.js"
import type { Kind, Shape } from "./Shape.js"

/**
 * The type of a value whose text is incomplete: properties, list items and the ends of strings may be missing. A string
 * literal becomes `string`, because the text may be the beginning of the literal.
 */
export type DeepPartial<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean | null | undefined
      ? T
      : T extends ReadonlyArray<infer Item>
        ? PartialList<T, Item>
        : T extends object
          ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
          : T

/** A tuple keeps its positions, each of them optional; a list has some of its items. */
type PartialList<T extends ReadonlyArray<unknown>, Item> = number extends T["length"]
  ? ReadonlyArray<DeepPartial<Item>>
  : { readonly [Position in keyof T]?: DeepPartial<T[Position]> }

/** A list or an object that has not ended. It grows in place; callers get copies. */
interface Open {
  readonly value: Array<unknown> | { [key: string]: unknown }
  readonly shape: Shape
  /** Whether the schema allows this value, so that it appears in the copies. */
  readonly isIncluded: boolean
  key: string
  size: number
  /** Whether an item did not fit the schema. Later items are left out, because their positions would be wrong. */
  isTruncated: boolean
}

// Each value that is given is a copy of the open lists and objects. Copying hundreds of items takes about as long as the
// rest of the work for a read. With more open items, a value is given only every few characters, which keeps the total
// time linear.
const itemsPerCharacter = 128
const itemsPerCopy = 8

// V8 stores an object with this many keys as a hash table, in which copying a key takes as long as 512 items of a list.
const hashTableKeys = 1000
const itemsPerKey = 512

/**
 * The part of a JSON value that has arrived. Strings grow; numbers, booleans and null appear when they are complete; values
 * that the shape does not allow in their place are left out. A mutable class, because it runs for every chunk.
 */
export class PartialJson {
  private readonly reader: JsonReader
  private readonly open: Array<Open> = []
  private root: unknown
  private text: string | undefined
  private isTextIncluded = false
  private hasGrown = false
  private credit = 0
  private toCopy = 0

  /** `onItem` gets each complete item of the list at the key `list` of the object. */
  constructor(
    private readonly shape: Shape,
    private readonly list?: { readonly key: string; readonly onItem: (item: unknown) => void }
  ) {
    this.reader = new JsonReader({
      begin: (kind) => this.begin(kind),
      key: (key) => {
        const parent = this.open.at(-1)
        if (parent !== undefined) parent.key = key
      },
      text: (piece) => {
        this.text += piece
        this.hasGrown ||= this.isTextIncluded
      },
      end: () => this.end(),
      scalar: (value) => {
        if (!this.includes(kindOf(value))) return
        this.hasGrown = true
        this.put(value)
      }
    })
  }

  /** Takes the next piece, and gives the value so far if it has grown: a copy that shares its complete parts. */
  push(piece: string): unknown {
    this.reader.push(piece)
    this.credit += piece.length * itemsPerCharacter
    if (!this.hasGrown || this.credit < this.toCopy) return undefined
    this.hasGrown = false
    this.credit = 0
    return this.copy()
  }

  private begin(kind: "object" | "array" | "string"): void {
    const isIncluded = this.includes(kind)
    this.hasGrown ||= isIncluded
    if (kind === "string") {
      this.text = ""
      this.isTextIncluded = isIncluded
      return
    }
    const value = kind === "array" ? [] : {}
    this.open.push({ value, shape: this.currentShape(), isIncluded, key: "", size: 0, isTruncated: false })
    this.toCopy += itemsPerCopy
  }

  private end(): void {
    if (this.text !== undefined) {
      if (this.isTextIncluded) this.put(this.text)
      this.text = undefined
      return
    }
    const complete = this.open.pop()
    if (complete === undefined) return
    this.toCopy -= itemsPerCopy + itemsOf(complete)
    if (complete.isIncluded) this.put(complete.value)
  }

  /** Whether a value of this kind is included in the next place. */
  private includes(kind: Kind): boolean {
    const parent = this.open.at(-1)
    const isPlaceIncluded =
      parent === undefined || (parent.isIncluded && !parent.isTruncated && parent.key !== "__proto__")
    const isIncluded = isPlaceIncluded && this.currentShape().allows(kind)
    if (!isIncluded && parent !== undefined) parent.isTruncated = Array.isArray(parent.value)
    return isIncluded
  }

  private currentShape(): Shape {
    const parent = this.open.at(-1)
    if (parent === undefined) return this.shape
    return Array.isArray(parent.value) ? parent.shape.item(parent.size) : parent.shape.member(parent.key)
  }

  private put(value: unknown): void {
    const parent = this.open.at(-1)
    if (parent === undefined) {
      this.root = value
      return
    }
    this.toCopy -= itemsOf(parent)
    parent.size += 1
    this.toCopy += itemsOf(parent)
    place(parent, parent.value, value)
    const isItem = this.open.length === 2 && Array.isArray(parent.value) && this.open[0]?.key === this.list?.key
    if (isItem) this.list?.onItem(value)
  }

  private copy(): unknown {
    let inner: unknown = this.isTextIncluded ? this.text : undefined
    for (let depth = this.open.length - 1; depth >= 0; depth--) {
      const open = this.open[depth]
      if (open?.isIncluded !== true) continue
      const copied = Array.isArray(open.value) ? open.value.slice() : { ...open.value }
      if (inner !== undefined) place(open, copied, inner)
      inner = copied
    }
    return inner ?? this.root
  }
}

const place = ({ key }: Open, into: Open["value"], value: unknown): void => {
  if (Array.isArray(into)) into.push(value)
  else into[key] = value
}

const itemsOf = ({ value, size }: Open): number =>
  Array.isArray(value) || size < hashTableKeys ? size : size * itemsPerKey

const kindOf = (value: number | boolean | null): Kind => {
  if (value === null) return "null"
  return typeof value === "number" ? "number" : "boolean"
}
