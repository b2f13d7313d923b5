/** How the Simulator's batches behave, the traps of the real ones among them. */
import type * as Duration from "effect/Duration"

/** How batches behave. Positions count from the end of a batch's requests. */
export interface SimulatedBatchOptions {
  /** How many requests for its status say that a batch runs, before it has ended; 1 by default. */
  readonly polls?: number | undefined
  /** How long each request about batches waits for its response; 0 by default. */
  readonly delay?: Duration.DurationInput | undefined
  /** How many requests are not run before the batch expires; 0 by default. Those before them have their responses. */
  readonly expired?: number | undefined
  /** Refuses the batch as a whole after it was created, as OpenAI and Google do with a file that is wrong. */
  readonly isRefused?: boolean | undefined
  /** Accepts a cancellation and runs everything nonetheless. */
  readonly ignoresCancel?: boolean | undefined
  /** How many results are lines that are not JSON; 0 by default. */
  readonly malformedLines?: number | undefined
  /** How many results of requests that nobody sent are among the lines; 0 by default. */
  readonly foreignLines?: number | undefined
  /** How many results stand there twice; 0 by default. */
  readonly repeatedLines?: number | undefined
}
