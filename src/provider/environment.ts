/** Reads the key and the base URL of a provider from environment variables. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** The names of a provider's environment variables. */
export interface Variables {
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

/** Reads both; without a key it fails with a `ConfigError` that names the variables, and those that are empty. */
export const read = ({ key, baseUrl, basePath }: Variables): Effect.Effect<Access, ConfigError.ConfigError> =>
  Effect.all({ apiKey: readKey(key), baseUrl: readBaseUrl(baseUrl, basePath) })

/** Reads both; the key may be missing, as for a local server. */
export const readKeyless = ({
  key,
  baseUrl,
  basePath
}: Variables): Effect.Effect<Partial<Access>, ConfigError.ConfigError> =>
  Effect.all({ found: findKey(key), baseUrl: readBaseUrl(baseUrl, basePath) }).pipe(
    Effect.map(({ found: { apiKey }, baseUrl: found }) => ({
      baseUrl: found,
      ...(apiKey === undefined ? {} : { apiKey })
    }))
  )

const readKey = (names: Variables["key"]): Effect.Effect<Redacted.Redacted<string>, ConfigError.ConfigError> =>
  Effect.flatMap(findKey(names), ({ apiKey, empty }) =>
    apiKey === undefined ? Effect.fail(missing(names, empty)) : Effect.succeed(apiKey)
  )

/** The first key that is set, and the variables before it that are empty. */
const findKey = (names: Variables["key"]) =>
  Effect.gen(function* () {
    const empty: Array<string> = []
    for (const name of names) {
      const value = yield* variable(name)
      if (value === undefined) continue
      if (!isBlank(value)) return { apiKey: Redacted.make(value), empty }
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

const readBaseUrl = (name: string, path: string | undefined): Config.Config<string | undefined> =>
  Config.map(variable(name), (url) => (url === undefined || isBlank(url) ? undefined : withPath(url.trim(), path)))

/** Adds the path that the SDK adds, unless the address ends in a version of the API, as ours do by default. */
const withPath = (url: string, path = ""): string =>
  /\/v\d+[a-z]*\/?$/.test(url) ? url : url.replace(/\/$/, "") + path
