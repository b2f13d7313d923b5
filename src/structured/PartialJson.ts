/** Knows at any time what a JSON value that is still being written holds. */
import { JsonReader } from "./JsonReader.js"
import type { Kind, Shape } from "./Shape.js"

/** A list or an object that has not ended. It grows in place; what others see of it are copies. */
interface Open {
  readonly value: Array<unknown> | { [key: string]: unknown }
  readonly shape: Shape
  readonly isShown: boolean
  key: string
  size: number
  /** Whether an item did not fit, so that no later one can be at its right place. */
  isCut: boolean
}

// What is open is copied for each value that is given. Hundreds of items take about as long as all else that is done for a
// read; where more is open, a value is given every few characters only, which keeps the whole linear.
const itemsPerCharacter = 128
const itemsPerCopy = 8

// V8 keeps an object with so many keys as a hash table, a key of which takes as long to copy as 512 items of a list.
const keysOfTable = 1000
const itemsPerKey = 512

/**
 * What has been written of a JSON value. Strings grow; numbers, booleans and null come when they are whole; what the shape
 * does not allow in its place is left out.
 */
export class PartialJson {
  private readonly reader: JsonReader
  private readonly open: Array<Open> = []
  private root: unknown
  private text: string | undefined
  private isTextShown = false
  private hasGrown = false
  private credit = 0
  private toCopy = 0

  constructor(private readonly shape: Shape) {
    this.reader = new JsonReader({
      begin: (kind) => this.begin(kind),
      key: (key) => {
        const inside = this.open.at(-1)
        if (inside !== undefined) inside.key = key
      },
      text: (piece) => {
        this.text += piece
        this.hasGrown ||= this.isTextShown
      },
      end: () => this.end(),
      scalar: (value) => {
        if (!this.shows(kindOf(value))) return
        this.hasGrown = true
        this.put(value)
      }
    })
  }

  /** Takes the next piece, and gives the value so far if it has grown: a copy that shares what is whole. */
  push(piece: string): unknown {
    this.reader.push(piece)
    this.credit += piece.length * itemsPerCharacter
    if (!this.hasGrown || this.credit < this.toCopy) return undefined
    this.hasGrown = false
    this.credit = 0
    return this.copy()
  }

  private begin(kind: "object" | "array" | "string"): void {
    const isShown = this.shows(kind)
    this.hasGrown ||= isShown
    if (kind === "string") {
      this.text = ""
      this.isTextShown = isShown
      return
    }
    const value = kind === "array" ? [] : {}
    this.open.push({ value, shape: this.shapeHere(), isShown, key: "", size: 0, isCut: false })
    this.toCopy += itemsPerCopy
  }

  private end(): void {
    if (this.text !== undefined) {
      if (this.isTextShown) this.put(this.text)
      this.text = undefined
      return
    }
    const whole = this.open.pop()
    if (whole === undefined) return
    this.toCopy -= itemsPerCopy + itemsOf(whole)
    if (whole.isShown) this.put(whole.value)
  }

  /** Says whether a value of this kind is shown in the place that comes next. */
  private shows(kind: Kind): boolean {
    const inside = this.open.at(-1)
    const isPlaceShown = inside === undefined || (inside.isShown && !inside.isCut && inside.key !== "__proto__")
    const isShown = isPlaceShown && this.shapeHere().allows(kind)
    if (!isShown && inside !== undefined) inside.isCut = Array.isArray(inside.value)
    return isShown
  }

  private shapeHere(): Shape {
    const inside = this.open.at(-1)
    if (inside === undefined) return this.shape
    return Array.isArray(inside.value) ? inside.shape.item(inside.size) : inside.shape.member(inside.key)
  }

  private put(value: unknown): void {
    const inside = this.open.at(-1)
    if (inside === undefined) {
      this.root = value
      return
    }
    this.toCopy -= itemsOf(inside)
    inside.size += 1
    this.toCopy += itemsOf(inside)
    place(inside, inside.value, value)
  }

  private copy(): unknown {
    let inner: unknown = this.isTextShown ? this.text : undefined
    for (let depth = this.open.length - 1; depth >= 0; depth--) {
      const each = this.open[depth]
      if (each?.isShown !== true) continue
      const copied = Array.isArray(each.value) ? each.value.slice() : { ...each.value }
      if (inner !== undefined) place(each, copied, inner)
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
  Array.isArray(value) || size < keysOfTable ? size : size * itemsPerKey

const kindOf = (value: number | boolean | null): Kind => {
  if (value === null) return "null"
  return typeof value === "number" ? "number" : "boolean"
}
