/** What a command is: its options and operands, the page that explains it, and what it does. */
import * as Args from "@effect/cli/Args"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Options from "@effect/cli/Options"
import type * as ValidationError from "@effect/cli/ValidationError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Terminal from "@effect/platform/Terminal"
import { Effect, Layer } from "effect"
import { sort } from "./Arguments.js"
import type { Page } from "./Help.js"
import { optionRows } from "./Help.js"
import { summaries } from "./overview.js"
import { type Failure, misused, type Problem } from "./Problem.js"
import { paragraphsOf, switchesOf } from "./Switches.js"

/** A command. */
export interface Command {
  readonly name: string
  readonly page: Page
  /** Reads the words after its name, and makes what they ask for; `help` where that is its page. */
  readonly read: (words: ReadonlyArray<string>) => Effect.Effect<Effect.Effect<void, Failure> | "help", Problem>
}

/** What a command is made of. */
export interface Definition<Chosen, Operands> {
  readonly name: keyof typeof summaries
  readonly paragraphs: ReadonlyArray<string>
  readonly options: Options.Options<Chosen>
  readonly operands: Args.Args<Operands>
  /** How the operands are written in its page. */
  readonly operandUsage: string
  readonly examples: ReadonlyArray<readonly [example: string, meaning: string]>
  /** Loads what does it, so that the others start without. */
  readonly load: () => Promise<{ readonly run: (chosen: Chosen, operands: Operands) => Effect.Effect<void, Failure> }>
}

/** Makes a command. */
export const define = <Chosen, Operands>(definition: Definition<Chosen, Operands>): Command => {
  const { name, options, operands, load } = definition
  const switches = switchesOf(options)
  return {
    name,
    page: {
      usage: `llm-connectivity ${name} [options]${definition.operandUsage === "" ? "" : ` ${definition.operandUsage}`}`,
      paragraphs: [`${summaries[name]}.`, ...definition.paragraphs],
      sections: [
        { title: "Options", rows: optionRows(switches) },
        { title: "Examples", rows: definition.examples }
      ]
    },
    read: (words) =>
      Effect.gen(function* () {
        const sorted = yield* sort(words, switches)
        if (sorted.asksForHelp) return "help"
        const [, , chosen] = yield* Options.processCommandLine(options, sorted.options, config)
        const [left, given] = yield* Args.validate(operands, sorted.operands, config)
        if (left[0] !== undefined) return yield* misused(`${name} has no use for "${left[0]}"`)
        return Effect.flatMap(Effect.promise(load), ({ run }) => run(chosen, given))
      }).pipe(
        Effect.catchAll((error) => Effect.fail(error._tag === "Problem" ? error : misused(sentenceOf(error)))),
        Effect.provide(nothing)
      )
  }
}

const config = CliConfig.make({ isCaseSensitive: true })

const sentenceOf = ({ error }: ValidationError.ValidationError): string => paragraphsOf(error).join(" ")

/** None of our options reads a file or asks a question, so what @effect/cli would do it with need not be loaded. */
const nothing = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Layer.succeed(Terminal.Terminal, {
    columns: Effect.succeed(80),
    rows: Effect.succeed(24),
    isTTY: Effect.succeed(false),
    readInput: Effect.never,
    readLine: Effect.never,
    display: () => Effect.void
  })
)
