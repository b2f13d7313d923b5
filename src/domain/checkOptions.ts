/** Checks options: one that cannot be right is a `ValidationError` that says what to write. */
import * as Effect from "effect/Effect"
import type { OptionProblem } from "./durationProblem.js"
import { ValidationError } from "./LLMError.js"

/** Checks a count of at least one. */
export const countProblem = (name: string, input: number): OptionProblem =>
  Number.isSafeInteger(input) && input >= 1 ? undefined : `${name} is ${input}; write a whole number of at least 1`

/** Checks a whole number that may be zero. */
export const wholeProblem = (name: string, input: number): OptionProblem =>
  Number.isSafeInteger(input) && input >= 0 ? undefined : `${name} is ${input}; write a whole number of at least 0`

/** Checks a number that may be zero or infinite. */
export const amountProblem = (name: string, input: number): OptionProblem =>
  input >= 0 ? undefined : `${name} is ${input}; write a number of at least 0`

/** The first problem of the options of `subject` as an error. */
export const optionError = (
  subject: string,
  problems: ReadonlyArray<OptionProblem>,
  { provider = "", model = "" } = {}
): ValidationError | undefined => {
  const problem = problems.find((each) => each !== undefined)
  return problem === undefined
    ? undefined
    : new ValidationError({ provider, model, message: `${subject} is not valid: ${problem}` })
}

/** Fails with the first problem of the options of `subject`. */
export const checkOptions = (
  subject: string,
  problems: ReadonlyArray<OptionProblem>
): Effect.Effect<void, ValidationError> => optionError(subject, problems) ?? Effect.void
