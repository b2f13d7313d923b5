/** Checks the options of a policy that is no effect. */
import * as Effect from "effect/Effect"
import { optionError } from "../domain/checkOptions.js"
import type { OptionProblem } from "../domain/durationProblem.js"
import type { ValidationError } from "../domain/LLMError.js"
import { type Policy, Provider } from "../provider/Provider.js"

/** A policy that is no effect cannot fail when it is made: with a problem, each call fails, and nothing is sent. */
export const checkedPolicy = (name: string, problems: ReadonlyArray<OptionProblem>, policy: () => Policy): Policy => {
  const error = optionError(name, problems)
  return error === undefined ? policy() : rejecting(error)
}

const rejecting =
  (error: ValidationError): Policy =>
  (provider) =>
    Provider.make({
      ...provider,
      open: () => Effect.fail(error),
      embeddings: provider.embeddings && { ...provider.embeddings, embed: () => Effect.fail(error) }
    })
