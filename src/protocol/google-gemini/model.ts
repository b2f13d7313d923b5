/** What the id of a model tells: where it is asked, and how much of the API it takes. */
import { Either } from "effect"

/** Writes the path of a model below the base URL; `models/x` and `tunedModels/x` are whole already. */
export const pathOf = (model: string): Either.Either<string, string> => {
  const [, collection = "models", name = model] = /^(models|tunedModels)\/(.+)$/s.exec(model) ?? []
  return Either.try({
    try: () => `/${collection}/${encodeURIComponent(name)}`,
    // Half of a surrogate pair.
    catch: () => "the model's id has a character that no URL can hold"
  })
}

/**
 * Says whether a model is older than Gemini 3. An id that names no generation, such as `gemini-flash-latest`, is taken
 * for the newest.
 */
export const isBefore3 = (model: string): boolean =>
  /(?:^|\/)gemini-(?:[12](?:[.-]|$)|pro(?:-vision)?$|robotics-er-1\.)/.test(model)

/** Says whether a model refuses function calls of its own that lack a signature, as Gemini does since 3. */
export const wantsSignatures = (model: string): boolean => /(?:^|\/)gemini-/.test(model) && !isBefore3(model)

/** Says whether a model of before 3 cannot be told not to think: https://ai.google.dev/gemini-api/docs/thinking */
export const alwaysThinks = (model: string): boolean => /(?:^|\/)gemini-2\.5-pro(?:-|$)/.test(model)
