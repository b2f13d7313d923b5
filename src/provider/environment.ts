/** Reads the key and the address of a provider from the environment, and names the variable that is missing. */
import { Config, ConfigError, Effect, Redacted } from "effect"

/** The variables of a provider. */
export interface Variables {
  /** The names that hold the key, the first that is set counts. */
  readonly key: readonly [string, ...Array<string>]
  readonly baseUrl: string
}

/** What the environment says of a provider. */
export interface Found {
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl: string | undefined
}

/** Reads both; a missing key is a `ConfigError`. */
export const read = ({ key, baseUrl }: Variables): Effect.Effect<Found, ConfigError.ConfigError> =>
  Effect.all({
    apiKey: Effect.mapError(readKey(key), (error) => (ConfigError.isMissingDataOnly(error) ? missing(key) : error)),
    baseUrl: readOptional(baseUrl)
  })

/** Reads the address alone, and the key where there is one: a server of one's own may want none. */
export const readKeyless = ({ key, baseUrl }: Variables): Effect.Effect<Partial<Found>, ConfigError.ConfigError> =>
  Effect.all({ apiKey: Config.withDefault(readKey(key), undefined), baseUrl: readOptional(baseUrl) }).pipe(
    Effect.map(({ apiKey, baseUrl: found }) => ({ baseUrl: found, ...(apiKey === undefined ? {} : { apiKey }) }))
  )

// Not `Config.redacted`, whose error hides even that the variable is missing; a text is hidden as soon as it is read.
const readKey = ([first, ...others]: Variables["key"]): Config.Config<Redacted.Redacted<string>> =>
  Config.map(
    others.reduce((config, name) => Config.orElse(config, () => Config.string(name)), Config.string(first)),
    Redacted.make
  )

const missing = (names: Variables["key"]): ConfigError.ConfigError =>
  ConfigError.MissingData([names[0]], `set ${names.join(" or ")} to your API key`)

const readOptional = (name: string): Config.Config<string | undefined> =>
  Config.withDefault(Config.string(name), undefined)
