/** Checks the options of policies: one that cannot be right is a `ValidationError` that says what to write. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ValidationError } from "../domain/LLMError.js"
import { type Policy, Provider } from "../provider/Provider.js"

/** What is wrong with an option and what to write instead; `undefined` if it can be right. */
export type OptionProblem = string | undefined

/** Milliseconds; `NaN` where the input is no duration. */
export const millisOf = (input: Duration.DurationInput): number => {
  // Effect reads `NaN` and negative numbers as zero.
  if (typeof input === "number" && !(input >= 0)) return Number.NaN
  return Option.match(Duration.decodeUnknown(input), { onNone: () => Number.NaN, onSome: Duration.toMillis })
}

/** Checks a duration that may be zero or infinite. */
export const durationProblem = (name: string, input: Duration.DurationInput): OptionProblem =>
  millisOf(input) >= 0 ? undefined : `${name} is ${input}; write a duration such as "30 seconds"`

/** Checks a duration that ends. */
export const finiteDurationProblem = (name: string, input: Duration.DurationInput): OptionProblem =>
  Number.isFinite(millisOf(input)) ? undefined : `${name} is ${input}; write a finite duration such as "1 minute"`

/** Checks a duration that ends and is not zero. */
export const positiveDurationProblem = (name: string, input: Duration.DurationInput): OptionProblem =>
  Number.isFinite(millisOf(input)) && millisOf(input) > 0
    ? undefined
    : `${name} is ${input}; write a duration such as "1 minute"`

/** Checks a count of at least one. */
export const countProblem = (name: string, input: number): OptionProblem =>
  Number.isSafeInteger(input) && input >= 1 ? undefined : `${name} is ${input}; write a whole number of at least 1`

/** Checks a number that may be zero or infinite. */
export const amountProblem = (name: string, input: number): OptionProblem =>
  input >= 0 ? undefined : `${name} is ${input}; write a number of at least 0`

/** Fails with the first problem of a policy's options. */
export const checkOptions = (
  policy: string,
  problems: ReadonlyArray<OptionProblem>
): Effect.Effect<void, ValidationError> => {
  const error = errorOf(policy, problems)
  return error === undefined ? Effect.void : Effect.fail(error)
}

/** A policy that is no effect cannot fail when it is made: with a problem, each call fails, and nothing is sent. */
export const checkedPolicy = (name: string, problems: ReadonlyArray<OptionProblem>, policy: () => Policy): Policy => {
  const error = errorOf(name, problems)
  return error === undefined ? policy() : rejecting(error)
}

const errorOf = (policy: string, problems: ReadonlyArray<OptionProblem>): ValidationError | undefined => {
  const problem = problems.find((each) => each !== undefined)
  return problem === undefined
    ? undefined
    : new ValidationError({ provider: "", model: "", message: `${policy} is not valid: ${problem}` })
}

const rejecting =
  (error: ValidationError): Policy =>
  (provider) =>
    Provider.make({
      ...provider,
      open: () => Effect.fail(error),
      embeddings: provider.embeddings && { ...provider.embeddings, embed: () => Effect.fail(error) }
    })
