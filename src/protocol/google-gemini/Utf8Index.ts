/** Finds UTF-16 offsets of a text by its UTF-8 offsets, while the text arrives. */
import type { SourceRange } from "../../domain/Source.js"
import type { TextIndex } from "../Citation.js"

// A look-up reads at most one block of this length.
const blockLength = 4096

/** A part of the text, and where it begins. */
interface Block {
  readonly text: string
  readonly units: number
  readonly bytes: number
}

/** The text of one response. Mutable, as it reads every delta. */
export class Utf8Index implements TextIndex {
  private readonly blocks: Array<Block> = []
  private last: Block = { text: "", units: 0, bytes: 0 }

  /** Appends a text. */
  push(text: string): void {
    for (let at = 0; at < text.length; at += blockLength) this.append(text.slice(at, at + blockLength))
  }

  rangeOf({ start, end }: SourceRange, base: number, quoted: string | undefined) {
    const before = this.bytesAt(base)
    const range = { start: this.unitsAt(before + start), end: this.unitsAt(before + end) }
    if (range.end === undefined) return "early"
    if (range.start === undefined) return undefined
    const isQuoted = quoted === undefined || this.slice(range.start, range.end) === quoted
    return isQuoted ? { start: range.start, end: range.end } : undefined
  }

  private append(text: string): void {
    const { last } = this
    this.last = { ...last, text: last.text + text }
    if (this.last.text.length < blockLength) return
    this.blocks.push(this.last)
    const { units, bytes } = this.last
    this.last = { text: "", units: units + this.last.text.length, bytes: bytes + bytesIn(this.last.text) }
  }

  /** The UTF-8 offset of a UTF-16 offset. */
  private bytesAt(units: number): number {
    const block = this.blockBefore((each) => each.units <= units)
    return block.bytes + bytesIn(block.text.slice(0, units - block.units))
  }

  /** The UTF-16 offset of a UTF-8 offset; `undefined` inside a character and behind the text. */
  private unitsAt(bytes: number): number | undefined {
    const block = this.blockBefore((each) => each.bytes <= bytes)
    let at = 0
    let rest = bytes - block.bytes
    while (rest > 0 && at < block.text.length) rest -= bytesOf(block.text.charCodeAt(at++))
    return rest === 0 && !isLowSurrogate(block.text.charCodeAt(at)) ? block.units + at : undefined
  }

  /** The text between two UTF-16 offsets. */
  private slice(start: number, end: number): string {
    let text = ""
    for (let at = this.indexBefore((each) => each.units <= start); at <= this.blocks.length; at++) {
      const block = this.blocks[at] ?? this.last
      if (block.units >= end) break
      text += block.text.slice(Math.max(0, start - block.units), end - block.units)
    }
    return text
  }

  private blockBefore(isBefore: (block: Block) => boolean): Block {
    return this.blocks[this.indexBefore(isBefore)] ?? this.last
  }

  /** The index of the last block that begins before an offset; that of the unfinished one is the number of the others. */
  private indexBefore(isBefore: (block: Block) => boolean): number {
    if (isBefore(this.last)) return this.blocks.length
    let low = 0
    let high = this.blocks.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const block = this.blocks[middle]
      if (block !== undefined && isBefore(block)) low = middle
      else high = middle - 1
    }
    return low
  }
}

const bytesIn = (text: string): number => {
  let bytes = 0
  for (let at = 0; at < text.length; at++) bytes += bytesOf(text.charCodeAt(at))
  return bytes
}

/** The bytes of one code unit. Both halves of a surrogate pair count 2, so that a pair may arrive in two pieces. */
const bytesOf = (unit: number): number => {
  if (unit < 0x80) return 1
  return unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000
