/** Does what `models` is for: lists what is known of models. */
import { Effect } from "effect"
import { ModelCatalog } from "../../catalog/ModelCatalog.js"
import type { Capability, ModelInfo } from "../../catalog/ModelInfo.js"
import * as Figures from "../../output/progress/Figures.js"
import { columnsOf, styleOf } from "../../output/progress/Terminal.js"
import { print, show, tell } from "../Output.js"
import { exitCodes, misused, Problem } from "../Problem.js"
import { didYouMean } from "../Suggestion.js"
import { type Column, table } from "../Table.js"
import type { ModelsOptions } from "./options.js"

/** Lists the models that were chosen. */
export const run = (options: ModelsOptions, words: ReadonlyArray<string>): Effect.Effect<void, Problem> =>
  Effect.gen(function* () {
    const { models, date } = yield* ModelCatalog.snapshot
    const providers = [...new Set(models.map(({ provider }) => provider))]
    const unknown = options.providers.find((name) => !providers.includes(name))
    if (unknown !== undefined) {
      return yield* misused(
        `no models of ${unknown} are listed${didYouMean(unknown, providers) || `; of these they are: ${providers.join(", ")}`}`
      )
    }
    const found = models.filter((facts) => isWanted(facts, options, words))
    if (found.length === 0) {
      return yield* new Problem({ message: "no model is listed that fits", exitCode: exitCodes.ModelNotFoundError })
    }
    if (options.json) return yield* Effect.forEach(found, (facts) => print(JSON.stringify(facts)), { discard: true })
    const style = styleOf(process.stdout)
    const width = process.stdout.isTTY ? columnsOf(process.stdout) : undefined
    yield* show(`${table(found, columns, width, style).join("\n")}\n`)
    if (process.stdout.isTTY) {
      const sum = `${found.length} ${found.length === 1 ? "model" : "models"}; US dollars per million tokens`
      yield* tell(style.dim(`${sum}${date === undefined ? "" : `, as of ${date}`}`))
    }
  })

const isWanted = (facts: ModelInfo, options: ModelsOptions, words: ReadonlyArray<string>): boolean => {
  const {
    provider,
    model,
    name = "",
    isDeprecated = false,
    capabilities = [],
    inputModalities = [],
    aliases = []
  } = facts
  const text = [`${provider}/${model}`, name, ...aliases].join(" ").toLowerCase()
  return (
    (options.all || !isDeprecated) &&
    (options.providers.length === 0 || options.providers.includes(provider)) &&
    options.can.every((ability) => capabilities.includes(abilityOf(ability))) &&
    options.reads.every((modality) => inputModalities.includes(modality)) &&
    words.every((word) => text.includes(word.toLowerCase()))
  )
}

const abilityOf = (written: ModelsOptions["can"][number]): Capability =>
  written === "structured-output" ? "structuredOutput" : written

const price = (value: number | undefined): string => (value === undefined ? "" : Figures.price(value))

const limit = (value: number | undefined): string => (value === undefined ? "" : Figures.count(value))

const columns: ReadonlyArray<Column<ModelInfo>> = [
  { title: "model", of: ({ provider, model }) => `${provider}/${model}` },
  { title: "input", isRight: true, of: ({ prices }) => price(prices?.input) },
  { title: "output", isRight: true, of: ({ prices }) => price(prices?.output) },
  { title: "context", isRight: true, isOptional: true, of: ({ limits }) => limit(limits?.context) },
  { title: "answer", isRight: true, isOptional: true, of: ({ limits }) => limit(limits?.output) },
  { title: "cached", isRight: true, isOptional: true, of: ({ prices }) => price(prices?.cacheRead) },
  {
    title: "can",
    isOptional: true,
    of: ({ capabilities = [] }) =>
      capabilities.map((each) => each.replace("structuredOutput", "structured-output")).join(", ")
  },
  {
    title: "reads",
    isOptional: true,
    of: ({ inputModalities = [] }) => inputModalities.filter((each) => each !== "text").join(", ")
  }
]
