/** A histogram of durations in little memory: the bounds of each bucket are 2 % apart. */
import * as Duration from "effect/Duration"

/** The distribution of durations. */
export interface DurationSummary {
  /** Half of the durations are at most this long; accurate to 1 %. */
  readonly median: Duration.Duration
  /** 95 % of the durations are at most this long; accurate to 1 %. */
  readonly p95: Duration.Duration
  /** The longest duration. */
  readonly max: Duration.Duration
}

const growth = Math.log(1.02)

/** Counts durations. From a nanosecond to an hour there are about 1,500 buckets. */
export class DurationHistogram {
  private readonly counts = new Map<number, number>()
  private count = 0
  private shortest = Number.POSITIVE_INFINITY
  private longest = 0

  /** Adds a duration. */
  add(nanos: number): void {
    const bucket = nanos <= 0 ? Number.NEGATIVE_INFINITY : Math.ceil(Math.log(nanos) / growth)
    this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + 1)
    this.count += 1
    this.shortest = Math.min(this.shortest, nanos)
    this.longest = Math.max(this.longest, nanos)
  }

  /** Summarizes the durations; `null` if there are none. */
  summary(): DurationSummary | null {
    if (this.count === 0) return null
    return { median: this.quantile(0.5), p95: this.quantile(0.95), max: durationOf(this.longest) }
  }

  private quantile(fraction: number): Duration.Duration {
    let upTo = 0
    for (const [bucket, count] of Array.from(this.counts).sort(([one], [other]) => one - other)) {
      upTo += count
      // The middle of the bucket, but not outside the measured range.
      const middle = Math.exp((bucket - 0.5) * growth)
      if (upTo >= fraction * this.count) return durationOf(Math.min(Math.max(middle, this.shortest), this.longest))
    }
    return durationOf(this.longest)
  }
}

/** Converts nanoseconds to a duration. */
export const durationOf = (nanos: number): Duration.Duration => Duration.nanos(BigInt(Math.round(nanos)))
