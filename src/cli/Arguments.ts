/**
 * Reads the words of a command line. @effect/cli takes the word after a switch for its value ("--json yes"), prints a page
 * for each slip, and offers options of its own; so the words are sorted out here, and it is handed what is in order.
 */
import { parseArgs } from "node:util"
import { Either } from "effect"
import { misused, type Problem } from "./Problem.js"
import { didYouMean } from "./Suggestion.js"
import type { Switch } from "./Switches.js"

/** The words of a command line in order. */
export interface Sorted {
  /** Options with their values, each in a word of its own. */
  readonly options: ReadonlyArray<string>
  readonly operands: ReadonlyArray<string>
  readonly asksForHelp: boolean
}

/** Options that every command has. */
const common: ReadonlyArray<Switch> = [
  { name: "help", letter: "h", value: undefined, isRepeatable: true, help: "Show this page" }
]

/** Sorts the words after the name of a command; the problem is one line that names the word. */
export const sort = (words: ReadonlyArray<string>, switches: ReadonlyArray<Switch>): Either.Either<Sorted, Problem> =>
  Either.gen(function* () {
    const known = [...switches, ...common]
    const { tokens } = parseArgs({
      args: [...words],
      options: Object.fromEntries(known.map((each) => [each.name, configurationOf(each)])),
      strict: false,
      allowPositionals: true,
      tokens: true
    })
    const operands = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []))
    const asksForHelp = tokens.some((token) => token.kind === "option" && token.name === "help")
    if (asksForHelp) return { options: [], operands, asksForHelp }
    const seen = new Set<string>()
    const options: Array<string> = []
    for (const token of tokens) {
      if (token.kind !== "option") continue
      const found = known.find(({ name }) => name === token.name)
      if (found === undefined) return yield* unknown(token.rawName, known)
      if (seen.has(found.name) && !found.isRepeatable)
        return yield* Either.left(misused(`${token.rawName} is given twice`))
      seen.add(found.name)
      options.push(...(yield* written(found, token.rawName, token.value, token.inlineValue === true)))
    }
    return { options, operands, asksForHelp }
  })

const configurationOf = ({ letter, value }: Switch) => ({
  type: value === undefined ? ("boolean" as const) : ("string" as const),
  ...(letter === undefined ? {} : { short: letter })
})

/** One option as @effect/cli cannot misread it. */
const written = (
  { name, value: placeholder }: Switch,
  rawName: string,
  value: string | undefined,
  isInline: boolean
): Either.Either<ReadonlyArray<string>, Problem> => {
  if (placeholder === undefined) {
    return isInline ? Either.left(misused(`${rawName} takes no value`)) : Either.right([`--${name}`, "true"])
  }
  if (value === undefined || value === "")
    return Either.left(misused(`${rawName} needs a value: ${rawName} <${placeholder}>`))
  const isAnotherOption = !isInline && /^-\D/.test(value)
  return isAnotherOption
    ? Either.left(misused(`${rawName} needs a value before ${nameIn(value)} (if that is the value, write --${name}=…)`))
    : Either.right([`--${name}`, value])
}

// What follows may be a secret that was meant for somewhere else.
const nameIn = (word: string): string => word.replace(/=.*$/s, "=…")

/** Keys that people know how to give elsewhere. */
const isKey = (rawName: string): boolean =>
  /^--?(?:[a-z]+-)*(?:api-?key|key|token|secret|password)$/i.test(rawName.replaceAll("_", "-"))

const unknown = (rawName: string, known: ReadonlyArray<Switch>): Either.Either<never, Problem> => {
  if (isKey(rawName)) {
    return Either.left(
      misused(
        `there is no ${rawName}: a key on the command line can be read by others; set OPENAI_API_KEY, ` +
          "ANTHROPIC_API_KEY, GEMINI_API_KEY or your provider's own variable instead"
      )
    )
  }
  const names = known.flatMap(({ name, letter }) => [`--${name}`, ...(letter === undefined ? [] : [`-${letter}`])])
  return Either.left(misused(`there is no option ${rawName}${didYouMean(rawName, names)}`))
}
