/** Reads the key and the address of a provider from the environment, and names the variable that is missing. */
import { Config, type ConfigError, Effect, type Redacted } from "effect"

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
  Effect.all({ apiKey: readKey(key), baseUrl: readOptional(baseUrl) })

/** Reads the address alone, and the key where there is one: a server of one's own may want none. */
export const readKeyless = ({ key, baseUrl }: Variables): Effect.Effect<Partial<Found>, ConfigError.ConfigError> =>
  Effect.all({ apiKey: Config.withDefault(readKey(key), undefined), baseUrl: readOptional(baseUrl) }).pipe(
    Effect.map(({ apiKey, baseUrl: found }) => ({ baseUrl: found, ...(apiKey === undefined ? {} : { apiKey }) }))
  )

const readKey = ([first, ...others]: Variables["key"]): Config.Config<Redacted.Redacted<string>> =>
  others.reduce((config, name) => Config.orElse(config, () => Config.redacted(name)), Config.redacted(first))

const readOptional = (name: string): Config.Config<string | undefined> =>
  Config.withDefault(Config.string(name), undefined)
