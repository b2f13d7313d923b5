/** The file that says what a gateway serves, and to whom. It names environment variables and never holds a key. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { oneOf, optional, positive, says, validator } from "../../domain/validation.js"
import { parseJson } from "../../http/Json.js"
import type { Budget } from "../../policy/spending/SpendLedger.js"
import type { CallerLimits } from "../../server/gateway/Caller.js"

/** A model and how its calls recover. */
export interface ModelConfig {
  /** The model string, such as `anthropic/claude-sonnet-4-5`. */
  readonly model: string
  /** The models that answer when this one cannot, in their order. */
  readonly fallback?: ReadonlyArray<string> | undefined
}

/** A caller and the variable that holds its key. */
export interface CallerConfig {
  /** By which budgets, limits and logs know it. */
  readonly name: string
  /** The environment variable with the bearer token of the caller. */
  readonly keyVariable: string
  /** The names of the models that it may use; all by default. */
  readonly models?: ReadonlyArray<string> | undefined
  readonly limits?: CallerLimits | undefined
}

/** The content of the file. */
export interface GatewayConfig {
  /** By the names that callers use. */
  readonly models: { readonly [name: string]: string | ModelConfig }
  readonly callers?: ReadonlyArray<CallerConfig> | undefined
  /** Whether every program of this machine may call without a key. */
  readonly allowAnyone?: boolean | undefined
  /** 127.0.0.1 by default. */
  readonly host?: string | undefined
  /** 4000 by default. */
  readonly port?: number | undefined
  readonly limits?: CallerLimits | undefined
  /** In US dollars, in this process. */
  readonly budget?: Budget | undefined
  /** In bytes. */
  readonly maxRequestSize?: number | undefined
}

const text = Schema.NonEmptyString.pipe(says("must be a text"))
const dollars = Schema.Finite.pipe(Schema.positive(), says("must be US dollars above 0"))
const dollarsByName = Schema.Record({ key: Schema.String, value: dollars })

const modelConfig: Schema.Schema<string | ModelConfig> = Schema.Union(
  Schema.String,
  Schema.Struct({ model: Schema.String, fallback: optional(Schema.Array(Schema.String)) })
).pipe(says('must be a model string such as "openai/gpt-4o-mini", or { "model": …, "fallback": […] }'))

const limits: Schema.Schema<CallerLimits> = Schema.Struct({
  concurrency: optional(positive()),
  requestsPerMinute: optional(positive())
})

// Whoever writes a key here must not see it again in a message or log.
const variable = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
  says("must be the name of an environment variable that holds the key, not the key itself")
)

const caller: Schema.Schema<CallerConfig> = Schema.Struct({
  name: text,
  keyVariable: variable,
  models: optional(Schema.Array(Schema.String)),
  limits: optional(limits)
})

const budget: Schema.Schema<Budget> = Schema.Struct({
  total: optional(dollars),
  providers: optional(dollarsByName),
  models: optional(dollarsByName),
  callers: optional<number | { readonly [name: string]: number }>(Schema.Union(dollars, dollarsByName)),
  per: optional(oneOf("day", "month"))
})

const schema: Schema.Schema<GatewayConfig> = Schema.Struct({
  models: Schema.Record({ key: Schema.String, value: modelConfig }),
  callers: optional(Schema.Array(caller)),
  allowAnyone: optional(Schema.Boolean.pipe(says("must be true or false"))),
  host: optional(text),
  port: optional(Schema.Int.pipe(Schema.between(0, 65_535), says("must be a port"))),
  limits: optional(limits),
  budget: optional(budget),
  maxRequestSize: optional(positive())
})

const validate = validator(schema, "the file")

/** Reads the content of a file, or says in one sentence what is wrong with it. */
export const parseConfig = (content: string): Either.Either<GatewayConfig, string> => {
  const json = parseJson(content)
  if (json === undefined) return Either.left("it is not valid JSON")
  return Either.filterOrLeft(
    validate(json),
    (config) => problemOf(config) === undefined,
    (config) => problemOf(config) ?? ""
  )
}

const problemOf = ({ models, callers = [], allowAnyone = false }: GatewayConfig): string | undefined => {
  if (Object.keys(models).length === 0) return 'models is empty; add one, such as "fast": "openai/gpt-4o-mini"'
  if (allowAnyone && callers.length > 0) return "allowAnyone makes callers useless; remove one of them"
  if (!allowAnyone && callers.length === 0)
    return 'nobody may call; add callers with their keyVariable, or "allowAnyone": true for programs of this machine'
  const unknown = callers.flatMap((each) => each.models ?? []).find((name) => !Object.hasOwn(models, name))
  return unknown === undefined ? undefined : `callers may use "${unknown}", which models does not have`
}
