/** The options of commands: how each is written, what its help says, and how its text becomes a value. */
import * as Either from "effect/Either"
import { type CommandError, usageError } from "./CommandError.js"
import { didYouMean } from "./Suggestion.js"

/** How an option is written and what its help says. */
export interface OptionSyntax {
  /** Long name without dashes, such as `model`. */
  readonly name: string
  /** One-letter name, such as `m`. */
  readonly short?: string
  /** Placeholder of the value in the help; flags have none. */
  readonly value?: string
  readonly help: string
}

/** An option of a command. */
export interface Option<A> extends OptionSyntax {
  readonly isRepeatable: boolean
  /** Makes the value of all texts given, in order: an empty list where the option is absent, one empty text for a flag. */
  readonly decode: (given: ReadonlyArray<string>) => Either.Either<A, CommandError>
}

/** The options of a command, by the names that its code uses. */
export interface Options {
  readonly [key: string]: Option<unknown>
}

/** The values of a command's options. */
export type OptionValues<All extends Options> = {
  readonly [Key in keyof All]: All[Key] extends Option<infer A> ? A : never
}

const optional = <A>(
  syntax: OptionSyntax,
  decode: (text: string) => Either.Either<A, CommandError>
): Option<A | undefined> => ({
  ...syntax,
  isRepeatable: false,
  decode: ([text]) => (text === undefined ? Either.right(undefined) : decode(text))
})

const repeated = <A>(
  syntax: OptionSyntax,
  decode: (text: string) => Either.Either<A, CommandError>
): Option<ReadonlyArray<A>> => ({
  ...syntax,
  isRepeatable: true,
  decode: (texts) => Either.all(texts.map(decode))
})

/** An option without a value: true where it is given. */
export const flag = (syntax: OptionSyntax): Option<boolean> => ({
  ...syntax,
  isRepeatable: false,
  decode: (given) => Either.right(given.length > 0)
})

/** A text. */
export const text = (syntax: OptionSyntax): Option<string | undefined> => optional(syntax, Either.right)

/** A text that may be given several times; the order is kept. */
export const texts = (syntax: OptionSyntax): Option<ReadonlyArray<string>> => repeated(syntax, Either.right)

/** One of a list of words. */
export const choice = <const Word extends string>(
  syntax: OptionSyntax,
  choices: ReadonlyArray<Word>
): Option<Word | undefined> => optional(syntax, (written) => oneOf(syntax, choices, written))

/** Some of a list of words, one each time that the option is given. */
export const choices = <const Word extends string>(
  syntax: OptionSyntax,
  all: ReadonlyArray<Word>
): Option<ReadonlyArray<Word>> => repeated(syntax, (written) => oneOf(syntax, all, written))

const oneOf = <Word extends string>(
  { name }: OptionSyntax,
  choices: ReadonlyArray<Word>,
  written: string
): Either.Either<Word, CommandError> => {
  const found = choices.find((choice) => choice === written)
  return found === undefined
    ? Either.left(usageError(`--${name} must be one of ${choices.join(", ")}${didYouMean(written, choices)}`))
    : Either.right(found)
}

/** A number within bounds, both included. */
export const number = (syntax: OptionSyntax, minimum: number, maximum: number): Option<number | undefined> =>
  parsed(
    syntax,
    Number,
    (value) => value >= minimum && value <= maximum,
    `must be a number from ${minimum} to ${maximum}`
  )

/** An integer within bounds, both included. */
export const integer = (
  syntax: OptionSyntax,
  minimum: number,
  maximum = Number.MAX_SAFE_INTEGER
): Option<number | undefined> =>
  parsed(
    syntax,
    Number,
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum,
    `must be a whole number ${maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`}`
  )

/** A duration such as `200ms`, `2s` or `1.5m`, in milliseconds; a number without a unit is milliseconds. */
export const duration = (syntax: OptionSyntax): Option<number | undefined> =>
  parsed(syntax, parseMillis, (value) => value >= 0, "must be a duration such as 200ms, 2s or 1m")

const units: { readonly [unit: string]: number } = { "": 1, ms: 1, s: 1000, m: 60_000 }

const parseMillis = (written: string): number => {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(written) ?? []
  return amount === "" ? Number.NaN : Number(amount) * (units[unit] ?? Number.NaN)
}

const parsed = (
  syntax: OptionSyntax,
  parse: (written: string) => number,
  isAllowed: (value: number) => boolean,
  rule: string
): Option<number | undefined> =>
  optional(syntax, (written) => {
    const value = written.trim() === "" ? Number.NaN : parse(written)
    return isAllowed(value) ? Either.right(value) : Either.left(usageError(`--${syntax.name} ${rule}`))
  })
