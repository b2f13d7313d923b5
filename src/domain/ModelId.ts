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
    : `write "provider/model", such as "${WithProvider<Model>}"`

/** The model string that was probably meant: some libraries separate the provider by a colon. */
type WithProvider<Model extends string> = Model extends ""
  ? "openai/gpt-4o-mini"
  : Model extends `${infer Provider extends "openai" | "anthropic" | "google"}:${infer Name}`
    ? `${Provider}/${Name}`
    : `${ProviderOf<Model>}/${Model}`

/** The provider that a name without one probably means. */
type ProviderOf<Model extends string> = Model extends `claude${string}`
  ? "anthropic"
  : Model extends `gemini${string}`
    ? "google"
    : "openai"

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
  // JavaScript programs may pass `undefined`, for instance from an environment variable.
  if (typeof id !== "string") return parse("", knownProviders)
  const slash = id.indexOf("/")
  const known = knownProviders.join(", ")
  if (slash === -1)
    return invalid(
      id,
      `write "provider/model", for instance "${withProvider(id, knownProviders)}" (providers: ${known})`
    )
  const provider = id.slice(0, slash)
  const model = id.slice(slash + 1).replace(provider === "google" ? /^models\// : /^$/, "")
  if (!knownProviders.includes(provider)) {
    const lower = provider.toLowerCase()
    const advice = knownProviders.includes(lower) ? `write "${lower}/${model}"` : `use one of: ${known}`
    return invalid(id, `the provider "${provider}" is unknown; ${advice}`)
  }
  if (model === "") return invalid(id, `the model is missing after "${provider}/"; add one`)
  return Either.right({ provider, model })
}

/** The model string that was probably meant by one without a slash. */
const withProvider = (id: string, knownProviders: ReadonlyArray<string>): string => {
  const [before = "", ...after] = id.split(":")
  if (after.length > 0 && knownProviders.includes(before)) return `${before}/${after.join(":")}`
  const family = before.replace(/\W.*/, "")
  const alike = knownModels.map((each) => split(each)).find(({ model }) => model.startsWith(`${family}-`))
  const provider = alike !== undefined && knownProviders.includes(alike.provider) ? alike.provider : "openai"
  return `${provider}/${id || "gpt-4o-mini"}`
}

const invalid = (id: string, problem: string): Either.Either<never, ValidationError> =>
  Either.left(
    new ValidationError({ provider: "", model: id, message: `the model string "${id}" is invalid: ${problem}` })
  )
