/** Finds the command that the first argument names, loads it and runs it. */
import * as Effect from "effect/Effect"
import type { Command } from "./Command.js"
import { type CommandError, toCommandError, usageError } from "./CommandError.js"
import type { summaries } from "./overview.js"
import { runMain } from "./Process.js"
import { didYouMean } from "./Suggestion.js"

/** Every command, in the order of the help page. Each is loaded only when it runs, so that it starts faster. */
export const commands: { readonly [Name in keyof typeof summaries]: () => Promise<Command> } = {
  chat: () => import("./chat/command.js").then(({ chat }) => chat),
  models: () => import("./models.js").then(({ models }) => models),
  tokens: () => import("./tokens.js").then(({ tokens }) => tokens),
  cost: () => import("./cost.js").then(({ cost }) => cost),
  batch: () => import("./batch/command.js").then(({ batch }) => batch),
  serve: () => import("./serve/command.js").then(({ serve }) => serve),
  simulate: () => import("./simulate.js").then(({ simulate }) => simulate)
}

const isCommandName = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name)

/** Runs the arguments after `llm-connectivity`. */
export const run = ([first = "", ...rest]: ReadonlyArray<string>): Effect.Effect<void, CommandError> => {
  if (first === "help") return run([...rest, "--help"])
  if (!isCommandName(first)) return unknownCommand(first)
  return Effect.promise(commands[first]).pipe(
    Effect.flatMap((command) => command.run(rest)),
    Effect.mapError(toCommandError)
  )
}

const unknownCommand = (argument: string): Effect.Effect<never, CommandError> => {
  if (argument.startsWith("-")) {
    const option = argument.replace(/=.*$/s, "")
    return usageError(`${option} must follow a command, such as chat${didYouMean(argument, ["--help", "--version"])}`)
  }
  const names = Object.keys(commands)
  const message = /\s/.test(argument)
    ? 'to send a prompt, write: llm-connectivity chat "…"'
    : `unknown command ${argument}`
  return usageError(`${message}${didYouMean(argument, names) || ` (commands: ${names.join(", ")})`}`)
}

/** Runs the arguments to the end of the process. */
export const start = (args: ReadonlyArray<string>): void => runMain(run(args))
