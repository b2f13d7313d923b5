/** When a loop stops although the model wants to go on. */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { amountProblem, limitProblem } from "../domain/checkOptions.js"
import { durationProblem, type OptionProblem } from "../domain/durationProblem.js"
import { ValidationError } from "../domain/LLMError.js"
import type { Usage } from "../domain/Usage.js"
import type { StepSummary } from "./StepSummary.js"

/** The state of a loop after a step. */
export interface LoopProgress {
  /** The steps so far, in order. */
  readonly steps: ReadonlyArray<StepSummary>
  /** The summed usage; `null` while no step has reported any. */
  readonly usage: Usage | null
  /** The summed cost in US dollars; `null` where the cost of a step is unknown. */
  readonly cost: number | null
  /** The time since the loop began. */
  readonly elapsed: Duration.Duration
}

/**
 * The limits of a loop. They are checked after each step whose calls have run; the first one that is reached stops it. A
 * loop that is resumed counts its dollars, tokens and time from the resumption.
 */
export interface StopWhen {
  /** The most steps, those before a resumption included; 8 by default, `Infinity` for no limit. */
  readonly steps?: number | undefined
  /** One of these tools was called. */
  readonly toolCalled?: string | ReadonlyArray<string> | undefined
  /** The cost in US dollars at which the loop stops. A step with an unknown cost fails the loop with a `ValidationError`. */
  readonly dollars?: number | undefined
  /** The number of tokens at which the loop stops. A step without usage fails the loop with a `ValidationError`. */
  readonly tokens?: number | undefined
  /** The time after which the loop stops. */
  readonly time?: Duration.DurationInput | undefined
  /** Any other condition. */
  readonly condition?: ((progress: LoopProgress) => boolean) | undefined
  /**
   * How many calls of one tool with equal arguments may follow each other: the one that reaches this number does not run
   * and stops the loop. 3 by default, `Infinity` for tools that poll.
   */
  readonly repeatedCalls?: number | undefined
  /** How many steps in a row may have calls that do not fit a tool before the loop stops; 3 by default. */
  readonly invalidSteps?: number | undefined
}

/** The limit that stopped a loop. */
export type ReachedLimit = keyof StopWhen

/** The defaults of the limits that have one. */
export const defaults = { steps: 8, repeatedCalls: 3, invalidSteps: 3 } as const

/** Says which limit cannot be right, before a loop begins. */
export const stopWhenProblems = (stopWhen: StopWhen): ReadonlyArray<OptionProblem> => [
  limitProblem("stopWhen.steps", stopWhen.steps ?? defaults.steps),
  amountProblem("stopWhen.dollars", stopWhen.dollars ?? 0),
  amountProblem("stopWhen.tokens", stopWhen.tokens ?? 0),
  durationProblem("stopWhen.time", stopWhen.time ?? 0),
  limitProblem("stopWhen.repeatedCalls", stopWhen.repeatedCalls ?? defaults.repeatedCalls),
  limitProblem("stopWhen.invalidSteps", stopWhen.invalidSteps ?? defaults.invalidSteps)
]

/** Finds the limit that a loop has reached, if any; the error is of a limit that cannot be checked. */
export const reachedLimit = (
  stopWhen: StopWhen,
  step: number,
  progress: LoopProgress
): Either.Either<ReachedLimit | undefined, ValidationError> => {
  const { steps = defaults.steps, toolCalled = [], dollars, tokens, time, condition } = stopWhen
  const last = progress.steps.at(-1)
  const tools = typeof toolCalled === "string" ? [toolCalled] : toolCalled
  if (step + 1 >= steps) return Either.right("steps")
  if (last?.calls.some(({ name }) => tools.includes(name)) === true) return Either.right("toolCalled")
  if (dollars !== undefined) {
    if (progress.cost === null)
      return Either.left(uncheckable(last, "dollars", "price", "give the layer a ModelCatalog"))
    if (progress.cost >= dollars) return Either.right("dollars")
  }
  if (tokens !== undefined) {
    if (last?.usage == null) return Either.left(uncheckable(last, "tokens", "usage", "limit steps or time instead"))
    if ((progress.usage?.totalTokens ?? 0) >= tokens) return Either.right("tokens")
  }
  if (time !== undefined && Duration.greaterThanOrEqualTo(progress.elapsed, time)) return Either.right("time")
  return Either.right(condition?.(progress) === true ? "condition" : undefined)
}

const uncheckable = (last: StepSummary | undefined, limit: string, missing: string, fix: string): ValidationError => {
  const { provider = "", model = "" } = last ?? {}
  return new ValidationError({
    provider,
    model,
    message: `stopWhen.${limit} cannot be checked, because the ${missing} of ${provider}/${model} is unknown; ${fix}`
  })
}
