/** The program that is tried on every runtime: all checks, one after the other, and what became of each. */
import { Cause, Effect } from "effect"
import { answers } from "./answers.js"
import type { Check, Place } from "./Check.js"
import { failures } from "./failures.js"
import { places } from "./places.js"
import { Simulation } from "./Simulation.js"

/** What became of a check: kept, broken and why, or not asked in this place. */
export interface Outcome {
  readonly title: string
  readonly result: "kept" | "broken" | "not asked"
  readonly why: string
}

const outcomeOf = (check: Check, place: Place): Effect.Effect<Outcome, never, Simulation> => {
  const { title } = check
  if (check.isFor?.(place) === false) return Effect.succeed({ title, result: "not asked", why: "" })
  return check.run(place).pipe(
    Effect.timeoutFail({ duration: "30 seconds", onTimeout: () => new Error("it has not ended within 30 seconds") }),
    Effect.matchCause({
      onSuccess: () => ({ title, result: "kept" as const, why: "" }),
      onFailure: (cause) => ({ title, result: "broken" as const, why: Cause.pretty(cause).slice(0, 2000) })
    })
  )
}

/** Runs them against the process that listens at the address. */
export const run = (backstage: string, place: Place): Promise<ReadonlyArray<Outcome>> =>
  Effect.forEach([...answers, ...failures, ...places], (check) => outcomeOf(check, place)).pipe(
    Effect.provideService(Simulation, Simulation.at(backstage)),
    Effect.runPromise
  )
