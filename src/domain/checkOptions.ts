/** Checks options: one that cannot be right is a `ValidationError` that says what to write. */
import * as Effect from "effect/Effect"
import { type OptionProblem, written } from "./durationProblem.js"
import { ValidationError } from "./LLMError.js"

/** Checks a count of at least one. */
export const countProblem = (name: string, input: number): OptionProblem => wholeBetween(name, input, 1)

/** Checks a whole number that may be zero. */
export const wholeProblem = (name: string, input: number): OptionProblem => wholeBetween(name, input, 0)

/** Checks a whole number that may be infinite. */
export const limitProblem = (name: string, input: number, least: 0 | 1 = 1): OptionProblem =>
  input === Number.POSITIVE_INFINITY ? undefined : wholeBetween(name, input, least)

/** Checks the port of a server. `least` is 0 where any free one will do. */
export const portProblem = (name: string, input: number, least: 0 | 1): OptionProblem =>
  wholeBetween(name, input, least, 65_535)

const wholeBetween = (name: string, input: number, least: number, most = Number.MAX_SAFE_INTEGER): OptionProblem => {
  if (Number.isSafeInteger(input) && input >= least && input <= most) return undefined
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  return `${name} is ${written(input)}; write a whole number ${range}`
}

/** Checks a number that may be zero or infinite. */
export const amountProblem = (name: string, input: number): OptionProblem =>
  typeof input === "number" && input >= 0 ? undefined : `${name} is ${written(input)}; write a number of at least 0`

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
