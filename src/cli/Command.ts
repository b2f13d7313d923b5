/** Defines a command: its options and operands, its help page, and what it runs. */
import * as Effect from "effect/Effect"
import { columnsOf, styleOf } from "../output/progress/Terminal.js"
import { parseArguments } from "./Arguments.js"
import { type CommandFailure, usageError } from "./CommandError.js"
import { formatPage, optionRows, type Page } from "./Help.js"
import type { Options, OptionValues } from "./Options.js"
import { printStyled } from "./Output.js"
import { summaries } from "./overview.js"

/** A command. */
export interface Command {
  readonly name: string
  readonly page: Page
  /** Parses the arguments after the command's name and runs it, or prints its page for `--help`. */
  readonly run: (args: ReadonlyArray<string>) => Effect.Effect<void, CommandFailure>
}

/** The parts of a command. */
export interface Definition<All extends Options> {
  readonly name: keyof typeof summaries
  /** Paragraphs of its page, after its summary. */
  readonly paragraphs: ReadonlyArray<string>
  readonly options: All
  /** How its operands are written in the usage line; a command without this takes no operands. */
  readonly operandUsage?: string
  readonly examples: ReadonlyArray<readonly [example: string, meaning: string]>
  readonly run: (values: OptionValues<All>, operands: ReadonlyArray<string>) => Effect.Effect<void, CommandFailure>
}

/** Makes a command. */
export const defineCommand = <All extends Options>(definition: Definition<All>): Command => {
  const { name, paragraphs, options, operandUsage, examples, run } = definition
  const page: Page = {
    usage: `llm-connectivity ${name} [options]${operandUsage === undefined ? "" : ` ${operandUsage}`}`,
    paragraphs: [`${summaries[name]}.`, ...paragraphs],
    sections: [
      { title: "Options", rows: optionRows(Object.values(options)) },
      { title: "Examples", rows: examples }
    ]
  }
  return {
    name,
    page,
    run: (args) =>
      Effect.gen(function* () {
        const parsed = yield* parseArguments(args, options)
        if (parsed.wantsHelp) {
          return yield* printStyled(`${formatPage(page, columnsOf(process.stdout), styleOf(process.stdout))}\n`)
        }
        const { values, operands } = parsed
        const [operand] = operands
        if (operandUsage === undefined && operand !== undefined)
          return yield* usageError(`${name} takes no arguments besides its options; remove "${operand}"`)
        return yield* run(values, operands)
      })
  }
}
