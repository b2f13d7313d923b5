/** The bytes of a wire format, encoded once. Any sequence of deltas is a view of them, so that serving only writes. */
import { Buffer } from "node:buffer"
import { wires } from "./wires.mjs"

// The number of deltas after which they repeat.
const period = 100
const writeSize = 16 * 1024

/** The bytes of one wire format. */
export class Bytes {
  /** @param {import("./wires.mjs").Wire} wire */
  constructor(wire) {
    const { opening, delta, closing } = wires[wire]
    const deltas = Array.from({ length: period }, (_, index) => Buffer.from(delta(index)))
    this.opening = Buffer.from(opening)
    this.closing = Buffer.from(closing)
    /** How many deltas fill a write of 16 KiB. */
    this.deltasPerWrite = Math.floor(writeSize / (deltas.at(-1)?.length ?? writeSize))
    const repeated = Array.from({ length: period + this.deltasPerWrite }, (_, index) => deltas[index % period])
    this.all = Buffer.concat(repeated)
    this.offsets = [0]
    for (const each of repeated) this.offsets.push((this.offsets.at(-1) ?? 0) + each.length)
  }

  /**
   * The bytes of a number of deltas, at most `deltasPerWrite`.
   * @param {number} from
   * @param {number} count
   */
  deltas(from, count) {
    const first = from % period
    return this.all.subarray(this.offsets[first], this.offsets[first + count])
  }
}
