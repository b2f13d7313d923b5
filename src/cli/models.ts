/** The command `models`: lists what the catalog knows of models. */
import * as Effect from "effect/Effect"
import { ModelCatalog } from "../catalog/ModelCatalog.js"
import type { Capability, ModelInfo } from "../catalog/ModelInfo.js"
import * as Figures from "../output/progress/Figures.js"
import { columnsOf, styleOf } from "../output/progress/Terminal.js"
import { type Command, defineCommand } from "./Command.js"
import { CommandError, exitCodes, usageError } from "./CommandError.js"
import * as Options from "./Options.js"
import { printLine, printNotice, printStyled } from "./Output.js"
import { didYouMean } from "./Suggestion.js"
import { type Column, formatTable } from "./Table.js"

/** Capabilities, as the option `--can` takes them. */
const capabilityNames = ["reasoning", "tools", "structured-output", "temperature"] as const

/** What a model can take as input besides text. */
const modalities = ["image", "pdf", "audio", "video"] as const

const options = {
  providers: Options.texts({
    name: "provider",
    short: "p",
    value: "name",
    help: "Only models of this provider; repeatable"
  }),
  can: Options.choices(
    {
      name: "can",
      value: "capability",
      help: `Only models with this capability (${capabilityNames.join(", ")}); repeatable`
    },
    capabilityNames
  ),
  reads: Options.choices(
    {
      name: "reads",
      value: "modality",
      help: `Only models that take this input (${modalities.join(", ")}); repeatable`
    },
    modalities
  ),
  all: Options.flag({ name: "all", short: "a", help: "Include models that their provider has deprecated" }),
  json: Options.flag({ name: "json", help: "Write one JSON object per line with all known data of a model" })
}

type ModelsOptions = Options.OptionValues<typeof options>

const run = (values: ModelsOptions, operands: ReadonlyArray<string>): Effect.Effect<void, CommandError> =>
  Effect.gen(function* () {
    const { models, date } = yield* ModelCatalog.snapshot
    const providers = [...new Set(models.map(({ provider }) => provider))]
    const unknown = values.providers.find((name) => !providers.includes(name))
    if (unknown !== undefined) {
      const correction = didYouMean(unknown, providers) || `; the catalog has ${providers.join(", ")}`
      return yield* usageError(`the catalog has no models of ${unknown}${correction}`)
    }
    const found = models.filter((info) => isMatch(info, values, operands))
    if (found.length === 0) {
      return yield* new CommandError({
        message: "no model in the catalog matches; use fewer words or options",
        exitCode: exitCodes.ModelNotFoundError
      })
    }
    if (values.json) return yield* Effect.forEach(found, (info) => printLine(JSON.stringify(info)), { discard: true })
    const style = styleOf(process.stdout)
    const width = process.stdout.isTTY ? columnsOf(process.stdout) : undefined
    yield* printStyled(`${formatTable(found, columns, width, style).join("\n")}\n`)
    if (process.stdout.isTTY) {
      const sum = `${found.length} ${found.length === 1 ? "model" : "models"}; US dollars per million tokens`
      yield* printNotice(style.dim(`${sum}${date === undefined ? "" : `, as of ${date}`}`))
    }
  })

const isMatch = (info: ModelInfo, values: ModelsOptions, words: ReadonlyArray<string>): boolean => {
  const {
    provider,
    model,
    name = "",
    isDeprecated = false,
    capabilities = [],
    inputModalities = [],
    aliases = []
  } = info
  const text = [`${provider}/${model}`, name, ...aliases].join(" ")
  return (
    (values.all || !isDeprecated) &&
    (values.providers.length === 0 || values.providers.includes(provider)) &&
    values.can.every((capability) => capabilities.includes(toCapability(capability))) &&
    values.reads.every((modality) => inputModalities.includes(modality)) &&
    words.every((word) => hasWord(text, word))
  )
}

/**
 * Whether a text has a word as a whole: `mini` is in `gpt-4o-mini`, but neither in `gemini` nor in `minimax`. A change
 * between letters and digits ends a word too, so that `qwen` finds `qwen3`.
 */
const hasWord = (text: string, word: string): boolean => {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  const [first = "", last = ""] = [word.at(0), word.at(-1)]
  return new RegExp(`(?<!${sameKind(first)})${literal}(?!${sameKind(last)})`, "iu").test(text)
}

/** What continues the word of a character; nothing continues a punctuation mark. */
const sameKind = (character: string): string =>
  /\p{L}/u.test(character) ? "\\p{L}" : /\p{N}/u.test(character) ? "\\p{N}" : "[]"

const toCapability = (name: ModelsOptions["can"][number]): Capability =>
  name === "structured-output" ? "structuredOutput" : name

const formatPrice = (value: number | undefined): string => (value === undefined ? "" : Figures.price(value))

const formatLimit = (value: number | undefined): string => (value === undefined ? "" : Figures.count(value))

const columns: ReadonlyArray<Column<ModelInfo>> = [
  { title: "model", cell: ({ provider, model }) => `${provider}/${model}` },
  { title: "input", isRightAligned: true, cell: ({ prices }) => formatPrice(prices?.input) },
  { title: "output", isRightAligned: true, cell: ({ prices }) => formatPrice(prices?.output) },
  { title: "context", isRightAligned: true, isOptional: true, cell: ({ limits }) => formatLimit(limits?.context) },
  { title: "max output", isRightAligned: true, isOptional: true, cell: ({ limits }) => formatLimit(limits?.output) },
  { title: "cached", isRightAligned: true, isOptional: true, cell: ({ prices }) => formatPrice(prices?.cacheRead) },
  {
    title: "can",
    isOptional: true,
    cell: ({ capabilities = [] }) =>
      capabilities.map((capability) => capability.replace("structuredOutput", "structured-output")).join(", ")
  },
  {
    title: "reads",
    isOptional: true,
    cell: ({ inputModalities = [] }) => inputModalities.filter((modality) => modality !== "text").join(", ")
  }
]

/** Lists models. */
export const models: Command = defineCommand({
  name: "models",
  paragraphs: [
    "Prices are US dollars per million tokens, from the snapshot of models.dev that this version includes. Every word " +
      "must occur as a whole word in a model's id or name. Models that are not listed also work with chat; only their cost is unknown."
  ],
  options,
  operandUsage: "[word…]",
  examples: [
    ["llm-connectivity models gpt mini", ""],
    ["llm-connectivity models -p anthropic -p google --can reasoning", ""],
    ["llm-connectivity models --json | jq -s 'sort_by(.prices.input)[0].model'", ""]
  ],
  run
})
