/** Reads the key and the base URL of a provider from environment variables. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { ValidationError } from "../domain/LLMError.js"
import { isSendable, unsendable } from "./Auth.js"

/** The names of a provider's environment variables. */
export interface Variables {
  /** The provider, which errors name. */
  readonly provider: string
  /** The variables for the key; the first one that is set, and not empty, is used. */
  readonly key: readonly [string, ...Array<string>]
  /** The variable for the base URL; an empty one counts as unset. */
  readonly baseUrl: string
  /** The path that the vendor's official SDK adds to the address in that variable. */
  readonly basePath?: string | undefined
}

/** The values of a provider's environment variables. */
export interface Access {
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl: string | undefined
}

/** A missing key is a `ConfigError`, one that no header can hold a `ValidationError`. Both name the variables. */
export type EnvironmentError = ConfigError.ConfigError | ValidationError

/** Reads both; the error for a missing key also says which variables are empty. */
export const read = (variables: Variables): Effect.Effect<Access, EnvironmentError> =>
  Effect.all({ apiKey: readKey(variables), baseUrl: readBaseUrl(variables) })

/** Reads both; the key may be missing, as for a local server. */
export const readKeyless = (variables: Variables): Effect.Effect<Partial<Access>, EnvironmentError> =>
  Effect.all({ found: findKey(variables), baseUrl: readBaseUrl(variables) }).pipe(
    Effect.map(({ found: { apiKey }, baseUrl: found }) => ({
      baseUrl: found,
      ...(apiKey === undefined ? {} : { apiKey })
    }))
  )

const readKey = (variables: Variables): Effect.Effect<Redacted.Redacted<string>, EnvironmentError> =>
  Effect.flatMap(findKey(variables), ({ apiKey, empty }) =>
    apiKey === undefined ? Effect.fail(missing(variables.key, empty)) : Effect.succeed(apiKey)
  )

/** The first key that is set, and the variables before it that are empty. */
const findKey = ({ key: names, provider }: Variables) =>
  Effect.gen(function* () {
    const empty: Array<string> = []
    for (const name of names) {
      const value = yield* variable(name)
      if (value === undefined) continue
      if (isSendable(value)) return { apiKey: Redacted.make(value), empty }
      if (!isBlank(value)) {
        return yield* new ValidationError({ provider, model: "", message: `${provider}: ${name} ${unsendable}` })
      }
      empty.push(name)
    }
    return { apiKey: undefined, empty }
  })

// Not `Config.redacted`, whose error hides even that the variable is missing.
const variable = (name: string): Config.Config<string | undefined> => Config.withDefault(Config.string(name), undefined)

// Compose files and CI set variables without a value to the empty string.
const isBlank = (value: string): boolean => value.trim() === ""

const missing = (names: Variables["key"], empty: ReadonlyArray<string>): ConfigError.ConfigError =>
  ConfigError.MissingData(
    [names[0]],
    (empty.length === 0 ? "" : `${empty.join(" and ")} ${empty.length === 1 ? "is" : "are"} empty; `) +
      `set ${names.join(" or ")} to your API key, or run "npx llm-connectivity simulate" to try without one`
  )

const readBaseUrl = ({ baseUrl, basePath }: Variables): Config.Config<string | undefined> =>
  Config.map(variable(baseUrl), (url) =>
    url === undefined || isBlank(url) ? undefined : withPath(url.trim(), basePath)
  )

/** Adds the path that the SDK adds, unless the address ends in a version of the API, as ours do by default. */
const withPath = (url: string, path = ""): string =>
  /\/v\d+[a-z]*\/?$/.test(url) ? url : url.replace(/\/$/, "") + path
