/** Tests whose promise is about real time, on machines of any speed. */
import { Cause, Effect } from "effect"

const factors = [1, 5, 25] as const

/**
 * Runs a test with its times, and where it fails with 5 and 25 times as long ones: a machine that is slow or busy holds
 * the promise with some of them, and a broken promise fails with all.
 */
export const atAnySpeed = <A, E, R>(test: (factor: number) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  factors
    .map((factor) => Effect.suspend(() => test(factor)))
    .reduce((tried, next) =>
      Effect.catchAllCause(tried, (cause) => (Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : next))
    )

/** The CPU time of this process in milliseconds. What else the machine does adds nothing to it. */
export const cpuMillis = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The value that so large a part of all stays below. */
export const percentile = (values: ReadonlyArray<number>, part: number): number =>
  [...values].sort((left, right) => left - right)[Math.ceil(values.length * part) - 1] ?? 0

/** How far above its goal a measured time must be to fail a test: machines differ by less than that. */
export const slack = 5
