/** Options of commands, which name themselves where their value is wrong. */
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import { Either, Option } from "effect"
import { didYouMean } from "./Suggestion.js"

/** How an option is written and what it does. */
export interface Flag {
  readonly name: string
  readonly alias?: string
  /** What stands for its value in the help. */
  readonly value?: string
  readonly help: string
}

/** What a command is told by its options. */
export type Chosen<All> = All extends Options.Options<infer Values> ? Values : never

const described =
  ({ alias, value, help }: Flag) =>
  <A>(options: Options.Options<A>): Options.Options<A> => {
    const named = value === undefined ? options : Options.withPseudoName(options, value)
    return Options.withDescription(alias === undefined ? named : Options.withAlias(named, alias), help)
  }

const optional = <A>(options: Options.Options<A>): Options.Options<A | undefined> =>
  Options.map(Options.optional(options), Option.getOrUndefined)

/** An option that is there or not. */
export const isSet = (flag: Flag): Options.Options<boolean> => described(flag)(Options.boolean(flag.name))

/** A text. */
export const text = (flag: Flag): Options.Options<string | undefined> =>
  optional(described(flag)(Options.text(flag.name)))

/** Any number of texts, in their order. */
export const texts = (flag: Flag): Options.Options<ReadonlyArray<string>> =>
  Options.repeated(described(flag)(Options.text(flag.name)))

/** Any number of words of a list. */
export const words = <const Word extends string>(
  flag: Flag,
  known: ReadonlyArray<Word>
): Options.Options<ReadonlyArray<Word>> =>
  Options.mapEffect(texts(flag), (written) => Either.all(written.map((each) => oneOf(flag, known, each))))

/** One word of a list. */
export const word = <const Word extends string>(
  flag: Flag,
  known: ReadonlyArray<Word>
): Options.Options<Word | undefined> =>
  optional(Options.mapEffect(described(flag)(Options.text(flag.name)), (written) => oneOf(flag, known, written)))

const oneOf = <Word extends string>(
  flag: Flag,
  known: ReadonlyArray<Word>,
  written: string
): Either.Either<Word, ValidationError.ValidationError> => {
  const found = known.find((each) => each === written)
  return found === undefined
    ? wrong(flag, `must be one of ${known.join(", ")}${didYouMean(written, known)}`)
    : Either.right(found)
}

/** A number within bounds. */
export const number = (flag: Flag, low: number, high: number): Options.Options<number | undefined> =>
  parsed(flag, Number, (value) => value >= low && value <= high, `must be a number from ${low} to ${high}`)

/** A whole number from a lowest one on. */
export const wholeNumber = (
  flag: Flag,
  low: number,
  high = Number.MAX_SAFE_INTEGER
): Options.Options<number | undefined> =>
  parsed(
    flag,
    Number,
    (value) => Number.isInteger(value) && value >= low && value <= high,
    `must be a whole number ${high === Number.MAX_SAFE_INTEGER ? `from ${low} on` : `from ${low} to ${high}`}`
  )

/** A time such as `200ms`, `2s` or `1.5m`, in milliseconds; a number alone is milliseconds. */
export const duration = (flag: Flag): Options.Options<number | undefined> =>
  parsed(flag, millisOf, (value) => value >= 0, "must be a time such as 200ms, 2s or 1m")

const units: { readonly [unit: string]: number } = { "": 1, ms: 1, s: 1000, m: 60_000 }

const millisOf = (written: string): number => {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(written) ?? []
  return amount === "" ? Number.NaN : Number(amount) * (units[unit] ?? Number.NaN)
}

const parsed = (
  flag: Flag,
  parse: (written: string) => number,
  isAllowed: (value: number) => boolean,
  rule: string
): Options.Options<number | undefined> =>
  optional(
    Options.mapEffect(described(flag)(Options.text(flag.name)), (written) => {
      const value = written.trim() === "" ? Number.NaN : parse(written)
      return isAllowed(value) ? Either.right(value) : wrong(flag, rule)
    })
  )

const wrong = ({ name }: Flag, rule: string): Either.Either<never, ValidationError.ValidationError> =>
  Either.left(ValidationError.invalidValue(HelpDoc.p(`--${name} ${rule}`)))
