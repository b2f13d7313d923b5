/** Chooses the model of a command from its option and the environment. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type ModelId, parse, split } from "../domain/ModelId.js"
import { providerNames } from "../provider/registry.js"
import { type CommandError, usageError } from "./CommandError.js"
import { didYouMean } from "./Suggestion.js"

/** Checks a model string from the command line or from `LLM_MODEL`. */
export const checkModel = (model: ModelId): Either.Either<ModelId, CommandError> =>
  Either.mapBoth(parse(model, providerNames), {
    onLeft: ({ message }) => {
      const { provider } = split(model)
      const suggestion = didYouMean(provider, providerNames)
      return usageError(suggestion === "" ? message : `unknown provider "${provider}"${suggestion}`)
    },
    onRight: () => model
  })

/** The value of an environment variable; `undefined` if it is unset or blank. */
export const environmentVariable = (name: string): Effect.Effect<string | undefined> =>
  Effect.map(
    Effect.orElseSucceed(Config.string(name), () => ""),
    (value) => (value.trim() === "" ? undefined : value)
  )

/** The model given as an option, or else that of `LLM_MODEL`. */
export const requestedModel = (given: string | undefined): Effect.Effect<ModelId | undefined, CommandError> =>
  given === undefined
    ? Effect.flatMap(environmentVariable("LLM_MODEL"), (model) =>
        model === undefined
          ? Effect.succeed(undefined)
          : Effect.mapError(checkModel(model), ({ message }) => usageError(`LLM_MODEL: ${message}`))
      )
    : checkModel(given)

/** The model given as an option, or else that of `LLM_MODEL`, or else `openai/gpt-4o-mini`. */
export const requestedOrDefaultModel = (given: string | undefined): Effect.Effect<ModelId, CommandError> =>
  Effect.map(requestedModel(given), (model) => model ?? "openai/gpt-4o-mini")
