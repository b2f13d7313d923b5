/** Checks the options of policies: one that cannot be right is a `ValidationError` that says what to write. */
import * as Effect from "effect/Effect"
import type { OptionProblem } from "../domain/durationProblem.js"
import { ValidationError } from "../domain/LLMError.js"
import { type Policy, Provider } from "../provider/Provider.js"

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
