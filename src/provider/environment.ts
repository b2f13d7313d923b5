/** Reads the key and the base URL of a provider from environment variables. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** The names of a provider's environment variables. */
export interface Variables {
  /** The variables for the key; the first one that is set is used. */
  readonly key: readonly [string, ...Array<string>]
  /** The variable for the base URL. */
  readonly baseUrl: string
  /** The path that the vendor's official SDK adds to the address in that variable. */
  readonly basePath?: string | undefined
}

/** The values of a provider's environment variables. */
export interface Access {
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl: string | undefined
}

/** Reads both; a missing key is a `ConfigError` that names the variables. */
export const read = ({ key, baseUrl, basePath }: Variables): Effect.Effect<Access, ConfigError.ConfigError> =>
  Effect.all({
    apiKey: Effect.mapError(readKey(key), (error) => (ConfigError.isMissingDataOnly(error) ? missing(key) : error)),
    baseUrl: readBaseUrl(baseUrl, basePath)
  })

/** Reads both; the key may be missing, as for a local server. */
export const readKeyless = ({
  key,
  baseUrl,
  basePath
}: Variables): Effect.Effect<Partial<Access>, ConfigError.ConfigError> =>
  Effect.all({ apiKey: Config.withDefault(readKey(key), undefined), baseUrl: readBaseUrl(baseUrl, basePath) }).pipe(
    Effect.map(({ apiKey, baseUrl: found }) => ({ baseUrl: found, ...(apiKey === undefined ? {} : { apiKey }) }))
  )

// Not `Config.redacted`, whose error hides even that the variable is missing.
const readKey = ([first, ...others]: Variables["key"]): Config.Config<Redacted.Redacted<string>> =>
  Config.map(
    others.reduce((config, name) => Config.orElse(config, () => Config.string(name)), Config.string(first)),
    Redacted.make
  )

const missing = (names: Variables["key"]): ConfigError.ConfigError =>
  ConfigError.MissingData(
    [names[0]],
    `set ${names.join(" or ")} to your API key, or run "npx llm-connectivity simulate" to try without one`
  )

const readBaseUrl = (name: string, path: string | undefined): Config.Config<string | undefined> =>
  Config.withDefault(
    Config.map(Config.string(name), (url) => withPath(url, path)),
    undefined
  )

/** Adds the path that the SDK adds, unless the address ends in a version of the API, as ours do by default. */
const withPath = (url: string, path = ""): string =>
  /\/v\d+[a-z]*\/?$/.test(url) ? url : url.replace(/\/$/, "") + path
