/** Which model a command is about. */
import { Config, Effect, Either } from "effect"
import { type ModelId, parse, split } from "../domain/ModelId.js"
import { providerNames } from "../provider/registry.js"
import { misused, type Problem } from "./Problem.js"
import { didYouMean } from "./Suggestion.js"

/** Checks a model string that was written on the command line or in `LLM_MODEL`. */
export const checked = (model: ModelId): Either.Either<ModelId, Problem> =>
  Either.mapBoth(parse(model, providerNames), {
    onLeft: ({ message }) => {
      const { provider } = split(model)
      const meant = didYouMean(provider, providerNames)
      return misused(meant === "" ? message : `no provider is called "${provider}"${meant}`)
    },
    onRight: () => model
  })

/** A variable that is set to something. */
export const variable = (name: string): Effect.Effect<string | undefined> =>
  Effect.map(
    Effect.orElseSucceed(Config.string(name), () => ""),
    (value) => (value.trim() === "" ? undefined : value)
  )

/** The model that was written, or else that of `LLM_MODEL`. */
export const wanted = (written: string | undefined): Effect.Effect<ModelId | undefined, Problem> =>
  written === undefined
    ? Effect.flatMap(variable("LLM_MODEL"), (model) =>
        model === undefined
          ? Effect.succeed(undefined)
          : Effect.mapError(checked(model), ({ message }) => misused(`LLM_MODEL: ${message}`))
      )
    : checked(written)

/** The model that was written, or else that of `LLM_MODEL`, or else the usual one. */
export const wantedOrUsual = (written: string | undefined): Effect.Effect<ModelId, Problem> =>
  Effect.map(wanted(written), (model) => model ?? "openai/gpt-4o-mini")
