/**
 * Parses the arguments of a command. Node's own `parseArgs` splits them into options and operands; this file adds the
 * values' types and error messages that name the argument and suggest a correction.
 */
import { parseArgs } from "node:util"
import * as Either from "effect/Either"
import { type CommandError, usageError } from "./CommandError.js"
import { flag, type Option, type Options, type OptionValues } from "./Options.js"
import { didYouMean } from "./Suggestion.js"

/** The parsed arguments of a command, or the wish to read its help. */
export type Arguments<All extends Options> =
  | { readonly wantsHelp: true }
  | { readonly wantsHelp: false; readonly values: OptionValues<All>; readonly operands: ReadonlyArray<string> }

/** The option that every command has. */
const help = flag({ name: "help", short: "h", help: "Show this page" })

/** Parses the arguments after the name of a command; the error is one line that names the wrong argument. */
export const parseArguments = <All extends Options>(
  args: ReadonlyArray<string>,
  options: All
): Either.Either<Arguments<All>, CommandError> =>
  Either.gen(function* () {
    const known = [...Object.values(options), help]
    const { tokens } = parseArgs({
      args: [...args],
      options: Object.fromEntries(known.map((option) => [option.name, configurationOf(option)])),
      // With `strict`, Node throws messages that suggest nothing and quote values, which may be secrets.
      strict: false,
      allowPositionals: true,
      tokens: true
    })
    if (tokens.some((token) => token.kind === "option" && token.name === help.name)) return { wantsHelp: true }
    const given = new Map<string, Array<string>>()
    for (const token of tokens) {
      if (token.kind !== "option") continue
      const option = known.find(({ name }) => name === token.name)
      if (option === undefined) return yield* unknownOption(token.rawName, known)
      const value = yield* checkValue(option, token.rawName, token.value, token.inlineValue === true)
      const earlier = given.get(option.name)
      if (earlier === undefined) given.set(option.name, [value])
      else if (option.isRepeatable) earlier.push(value)
      else return yield* Either.left(usageError(`${token.rawName} is given twice`))
    }
    const operands = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []))
    return { wantsHelp: false, values: yield* decode(options, given), operands }
  })

const configurationOf = ({ short, value }: Option<unknown>) => ({
  type: value === undefined ? ("boolean" as const) : ("string" as const),
  ...(short === undefined ? {} : { short })
})

const decode = <All extends Options>(
  options: All,
  given: ReadonlyMap<string, ReadonlyArray<string>>
): Either.Either<OptionValues<All>, CommandError> =>
  // A cast, because `Object.fromEntries` loses which key has which type; each option decodes its own value.
  Either.all(
    Object.fromEntries(
      Object.entries(options).map(([key, option]) => [key, option.decode(given.get(option.name) ?? [])])
    )
  ) as Either.Either<OptionValues<All>, CommandError>

/** The value of an option as text; empty for a flag. */
const checkValue = (
  { name, value: placeholder }: Option<unknown>,
  rawName: string,
  value: string | undefined,
  isInline: boolean
): Either.Either<string, CommandError> => {
  if (placeholder === undefined) {
    return isInline ? Either.left(usageError(`${rawName} takes no value`)) : Either.right("")
  }
  if (value === undefined || value === "")
    return Either.left(usageError(`${rawName} needs a value: ${rawName} <${placeholder}>`))
  const isAnotherOption = !isInline && /^-\D/.test(value)
  return isAnotherOption
    ? Either.left(
        usageError(`${rawName} needs a value before ${withoutValue(value)} (if that is the value, write --${name}=…)`)
      )
    : Either.right(value)
}

// An error must not repeat the value: it may be a secret given to the wrong option.
const withoutValue = (argument: string): string => argument.replace(/=.*$/s, "=…")

/** Names under which other tools take an API key. */
const isKeyOption = (rawName: string): boolean =>
  /^--?(?:[a-z]+-)*(?:api-?key|key|token|secret|password)$/i.test(rawName.replaceAll("_", "-"))

const unknownOption = (rawName: string, known: ReadonlyArray<Option<unknown>>): Either.Either<never, CommandError> => {
  if (isKeyOption(rawName)) {
    return Either.left(
      usageError(
        `unknown option ${rawName}: other users can read keys on a command line; set OPENAI_API_KEY, ` +
          "ANTHROPIC_API_KEY, GEMINI_API_KEY or your provider's own variable instead"
      )
    )
  }
  const names = known.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])])
  return Either.left(usageError(`unknown option ${rawName}${didYouMean(rawName, names)}`))
}
