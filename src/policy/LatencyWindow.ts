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
  private countAtSort = 0

  /** Adds a latency. */
  add(millis: number): void {
    this.samples[this.count % capacity] = millis
    this.count += 1
  }

  /** The latency that a share of calls does not exceed; `undefined` before 20 calls. */
  quantile(share: number): number | undefined {
    if (this.count < minSamples) return undefined
    if (this.countAtSort === 0 || this.count - this.countAtSort >= samplesBetweenSorts) {
      this.countAtSort = this.count
      this.sorted = [...this.samples].sort((one, other) => one - other)
    }
    return this.sorted[Math.max(0, Math.ceil(this.sorted.length * share) - 1)]
  }
}
