/** Model strings such as `openai/gpt-4o-mini`, which choose a provider and a model. */
import * as Either from "effect/Either"
import { ValidationError } from "./LLMError.js"

/** Models that editors offer for completion; any other model id of a provider is accepted too. */
export const knownModels = [
  "openai/gpt-5.5",
  "openai/gpt-5.5-pro",
  "openai/gpt-5.4",
  "openai/gpt-5.4-mini",
  "openai/gpt-5.4-nano",
  "openai/gpt-5.2",
  "openai/gpt-5.1",
  "openai/gpt-5",
  "openai/gpt-5-mini",
  "openai/gpt-5-nano",
  "openai/gpt-4.1",
  "openai/gpt-4.1-mini",
  "openai/gpt-4.1-nano",
  "openai/gpt-4o",
  "openai/gpt-4o-mini",
  "openai/o3",
  "openai/o4-mini",
  "anthropic/claude-sonnet-5",
  "anthropic/claude-opus-4-8",
  "anthropic/claude-opus-4-7",
  "anthropic/claude-opus-4-6",
  "anthropic/claude-opus-4-5",
  "anthropic/claude-sonnet-4-6",
  "anthropic/claude-sonnet-4-5",
  "anthropic/claude-haiku-4-5",
  "google/gemini-3.5-flash",
  "google/gemini-3.1-pro-preview",
  "google/gemini-3.1-flash-lite",
  "google/gemini-3-flash-preview",
  "google/gemini-2.5-pro",
  "google/gemini-2.5-flash",
  "google/gemini-2.5-flash-lite",
  "google/gemini-flash-latest"
] as const

/** A model that editors offer for completion. */
export type KnownModel = (typeof knownModels)[number]

/** `"provider/model"`, such as `"openai/gpt-4o-mini"`; the model may hold further slashes. */
export type ModelId = KnownModel | (string & {})

/**
 * Rejects a literal model string without a provider at compile time, and names the mistake in the compiler's message. Any
 * other string is accepted, because it is checked when the model is loaded.
 */
export type CheckedModelId<Model extends string> = string extends Model
  ? Model
  : Model extends `${string}/${string}`
    ? Model
    : `write "provider/model", such as "openai/${Model}"`

/** The parts of a model string. */
export interface ParsedModelId {
  readonly provider: string
  readonly model: string
}

/** Splits a model string at its first slash without checking the provider; `own`, a request's model, takes precedence. */
export const split = (id: ModelId, own?: string | undefined): ParsedModelId => {
  const slash = id.indexOf("/")
  return { provider: id.slice(0, Math.max(slash, 0)), model: own ?? id.slice(slash + 1) }
}

/** Parses a model string; `google/models/x` and `google/x` are the same. */
export const parse = (
  id: ModelId,
  knownProviders: ReadonlyArray<string>
): Either.Either<ParsedModelId, ValidationError> => {
  const slash = id.indexOf("/")
  const provider = id.slice(0, Math.max(slash, 0))
  const model = id.slice(slash + 1).replace(provider === "google" ? /^models\// : /^$/, "")
  const known = knownProviders.join(", ")
  if (slash === -1)
    return invalid(id, `write "provider/model", for instance "openai/${id || "gpt-4o-mini"}" (providers: ${known})`)
  if (!knownProviders.includes(provider))
    return invalid(id, `the provider "${provider}" is unknown; use one of: ${known}`)
  if (model === "") return invalid(id, `the model is missing after "${provider}/"; add one`)
  return Either.right({ provider, model })
}

const invalid = (id: string, problem: string): Either.Either<never, ValidationError> =>
  Either.left(
    new ValidationError({ provider: "", model: id, message: `the model string "${id}" is invalid: ${problem}` })
  )
