/** Sums up many times in little memory: each is counted in a class of times that are within 2 % of each other. */
import { Duration } from "effect"

/** How long one had to wait. */
export interface DurationSummary {
  /** Half of the durations were no longer; within 1 %. */
  readonly median: Duration.Duration
  /** 95 of 100 durations were no longer; within 1 %. */
  readonly p95: Duration.Duration
  /** The longest one. */
  readonly max: Duration.Duration
}

const growth = Math.log(1.02)

/** The durations so far; from a nanosecond to an hour there are some 1,500 classes. */
export class DurationHistogram {
  private readonly counts = new Map<number, number>()
  private count = 0
  private shortest = Number.POSITIVE_INFINITY
  private longest = 0

  /** Adds one. */
  add(nanos: number): void {
    const each = nanos <= 0 ? Number.NEGATIVE_INFINITY : Math.ceil(Math.log(nanos) / growth)
    this.counts.set(each, (this.counts.get(each) ?? 0) + 1)
    this.count += 1
    this.shortest = Math.min(this.shortest, nanos)
    this.longest = Math.max(this.longest, nanos)
  }

  /** Sums them up; `null` where there were none. */
  summary(): DurationSummary | null {
    if (this.count === 0) return null
    return { median: this.quantile(0.5), p95: this.quantile(0.95), max: durationOf(this.longest) }
  }

  private quantile(part: number): Duration.Duration {
    let upTo = 0
    for (const [each, count] of Array.from(this.counts).sort(([one], [other]) => one - other)) {
      upTo += count
      // The middle of its class, as far as a wait was there.
      const middle = Math.exp((each - 0.5) * growth)
      if (upTo >= part * this.count) return durationOf(Math.min(Math.max(middle, this.shortest), this.longest))
    }
    return durationOf(this.longest)
  }
}

/** A duration of so many nanoseconds. */
export const durationOf = (nanos: number): Duration.Duration => Duration.nanos(BigInt(Math.round(nanos)))
