/** Finds the command that the words name, and does it. */
import { Effect } from "effect"
import { columnsOf, styleOf } from "../output/progress/Terminal.js"
import { commands } from "./commands.js"
import { type Page, textOf } from "./Help.js"
import { show } from "./Output.js"
import { misused, type Problem, problemOf } from "./Problem.js"
import { didYouMean } from "./Suggestion.js"

/** Does what the words after `llm-connectivity` say. */
export const run = ([first = "", ...rest]: ReadonlyArray<string>): Effect.Effect<void, Problem> => {
  if (first === "help") return run([...rest, "--help"])
  const command = commands.find(({ name }) => name === first)
  if (command === undefined) return unknown(first)
  return Effect.flatMap(command.read(rest), (read) =>
    read === "help" ? showPage(command.page) : Effect.mapError(read, (failure) => problemOf(failure))
  )
}

const unknown = (word: string): Effect.Effect<never, Problem> => {
  const names = commands.map(({ name }) => name)
  if (word.startsWith("-")) {
    const known = ["--help", "--version"]
    return misused(`${word.replace(/=.*$/s, "")} must follow a command, such as chat${didYouMean(word, known)}`)
  }
  const kind = /\s/.test(word) ? `to ask something, write: llm-connectivity chat "…"` : `there is no command ${word}`
  return misused(`${kind}${didYouMean(word, names) || ` (commands: ${names.join(", ")})`}`)
}

const showPage = (page: Page): Effect.Effect<void> =>
  Effect.suspend(() => show(`${textOf(page, columnsOf(process.stdout), styleOf(process.stdout))}\n`))
