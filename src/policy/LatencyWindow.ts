/** The latest latencies of one model, and their quantiles. */

const capacity = 256

// Fewer say nothing about a tail.
const minSamples = 20

// Sorting 256 numbers takes 10 µs, too much for each call.
const samplesBetweenSorts = 16

/** Keeps the latest 256 latencies in milliseconds. Mutable, because every call adds one. */
export class LatencyWindow {
  private readonly samples: Array<number> = []
  private sorted: ReadonlyArray<number> = []
  private count = 0

  /** Adds a latency. */
  add(millis: number): void {
    this.samples[this.count % capacity] = millis
    this.count += 1
  }

  /** The latency below which a share of calls stays; `undefined` before 20 calls. */
  quantile(share: number): number | undefined {
    if (this.count < minSamples) return undefined
    if (this.sorted.length < minSamples || this.count % samplesBetweenSorts === 0) {
      this.sorted = [...this.samples].sort((one, other) => one - other)
    }
    return this.sorted[Math.min(this.sorted.length - 1, Math.floor(this.sorted.length * share))]
  }
}
