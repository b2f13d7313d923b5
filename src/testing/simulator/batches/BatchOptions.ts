/** How the Simulator's batches behave, with the difficulties of real ones on request. */
import type * as Duration from "effect/Duration"
import { limitProblem, wholeProblem } from "../../../domain/checkOptions.js"
import { finiteDurationProblem, type OptionProblem } from "../../../domain/durationProblem.js"

/** How batches behave. Positions count from the end of a batch's requests. */
export interface SimulatedBatchOptions {
  /** How many requests for the status of a batch report that it is running; 1 by default. After these it has ended. */
  readonly polls?: number | undefined
  /** How long each request about batches waits for its response; 0 by default. */
  readonly delay?: Duration.DurationInput | undefined
  /** How many requests are not run before the batch expires; 0 by default. Those before them have their responses. */
  readonly expired?: number | undefined
  /** Rejects a whole batch after its creation, as OpenAI and Google do if its file is invalid; `false` by default. */
  readonly isRefused?: boolean | undefined
  /** Accepts a cancellation but runs all requests; `false` by default. */
  readonly ignoresCancel?: boolean | undefined
  /** How many results are lines that are not JSON; 0 by default. */
  readonly malformedLines?: number | undefined
  /** How many lines are results of requests that were not sent; 0 by default. */
  readonly foreignLines?: number | undefined
  /** How many results are repeated; 0 by default. */
  readonly repeatedLines?: number | undefined
}

/** Says which option cannot be right. */
export const batchProblems = (options: SimulatedBatchOptions): ReadonlyArray<OptionProblem> => [
  finiteDurationProblem("batches.delay", options.delay ?? 0),
  limitProblem("batches.polls", options.polls ?? 1, 0),
  limitProblem("batches.expired", options.expired ?? 0, 0),
  limitProblem("batches.malformedLines", options.malformedLines ?? 0, 0),
  wholeProblem("batches.foreignLines", options.foreignLines ?? 0),
  limitProblem("batches.repeatedLines", options.repeatedLines ?? 0, 0)
]
