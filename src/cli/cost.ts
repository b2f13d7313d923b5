/** The command `cost`: prices given token counts, or estimates the cost of a prompt and its response. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Cost from "../catalog/Cost.js"
import { ModelCatalog, type ModelCatalogService } from "../catalog/ModelCatalog.js"
import type { ModelInfo } from "../catalog/ModelInfo.js"
import { type ModelId, split } from "../domain/ModelId.js"
import * as Usage from "../domain/Usage.js"
import * as Figures from "../output/progress/Figures.js"
import { columnsOf, styleOf } from "../output/progress/Terminal.js"
import { type Command, defineCommand } from "./Command.js"
import { CommandError, type CommandFailure, exitCodes, usageError } from "./CommandError.js"
import { counter } from "./Counter.js"
import { readAllText } from "./Input.js"
import { requestedOrDefaultModel } from "./Model.js"
import * as Options from "./Options.js"
import { printLine, printStyled } from "./Output.js"
import { type Column, formatTable } from "./Table.js"

const options = {
  models: Options.texts({
    name: "model",
    short: "m",
    value: "provider/model",
    help: "The model to price; repeat to compare. Default: LLM_MODEL, or else openai/gpt-4o-mini"
  }),
  files: Options.texts({
    name: "file",
    short: "f",
    value: "path",
    help: "A text file sent with the prompt; repeatable"
  }),
  maxTokens: Options.integer(
    {
      name: "max-tokens",
      value: "n",
      help: "With a prompt: the most tokens of the response. Default: the model's limit"
    },
    0
  ),
  inputTokens: Options.integer(
    { name: "input-tokens", value: "n", help: "The number of input tokens, in place of a prompt" },
    0
  ),
  outputTokens: Options.integer(
    {
      name: "output-tokens",
      value: "n",
      help: "With --input-tokens: the number of output tokens, reasoning included"
    },
    0
  ),
  cacheReadTokens: Options.integer(
    {
      name: "cache-read-tokens",
      value: "n",
      help: "With --input-tokens: how many of them are read from the provider's cache"
    },
    0
  ),
  json: Options.flag({ name: "json", help: "Write one JSON object per line and model" })
}

type CostOptions = Options.OptionValues<typeof options>

const run = (values: CostOptions, operands: ReadonlyArray<string>): Effect.Effect<void, CommandFailure> =>
  Effect.gen(function* () {
    const given = values.models.length === 0 ? [undefined] : values.models
    const models = yield* Effect.forEach(given, requestedOrDefaultModel)
    const catalog = yield* ModelCatalog.snapshot
    const priced = yield* Effect.forEach(models, (model) => findPrices(catalog, model))
    const rows = yield* hasCounts(values) ? priceCounts(priced, values, operands) : estimate(priced, values, operands)
    if (values.json) return yield* Effect.forEach(rows, (row) => printLine(JSON.stringify(row)), { discard: true })
    const width = process.stdout.isTTY ? columnsOf(process.stdout) : undefined
    const columns = hasCounts(values) ? countColumns : estimateColumns
    yield* printStyled(`${formatTable(rows, columns, width, styleOf(process.stdout)).join("\n")}\n`)
  })

interface PricedModel {
  readonly model: ModelId
  readonly info: ModelInfo
}

const findPrices = (catalog: ModelCatalogService, id: ModelId): Effect.Effect<PricedModel, CommandError> => {
  const { provider, model } = split(id)
  const info = Option.getOrUndefined(catalog.find(provider, model))
  return info?.prices === undefined
    ? new CommandError({
        message: `the prices of ${id} are not known; run llm-connectivity models for a list of known models`,
        exitCode: exitCodes.ModelNotFoundError
      })
    : Effect.succeed({ model: id, info })
}

/** The result for one model, in US dollars. */
interface Row {
  readonly model: ModelId
  readonly inputTokens: number
  readonly isExact: boolean
  readonly least: number | null
  readonly most: number | null
}

const hasCounts = ({ inputTokens, outputTokens, cacheReadTokens }: CostOptions): boolean =>
  inputTokens !== undefined || outputTokens !== undefined || cacheReadTokens !== undefined

const priceCounts = (
  models: ReadonlyArray<PricedModel>,
  { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, files, maxTokens }: CostOptions,
  operands: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Row>, CommandError> => {
  if (files.length + operands.length > 0) return usageError("give either a prompt or --input-tokens, not both")
  if (maxTokens !== undefined) return usageError("--max-tokens is for a prompt; give --output-tokens instead")
  if (cacheReadTokens > inputTokens)
    return usageError("--cache-read-tokens must not exceed --input-tokens, which include them")
  const usage = Usage.make({ inputTokens, outputTokens, cacheReadTokens })
  return Effect.succeed(
    models.map(({ model, info }) => {
      const cost = Cost.of(usage, info)
      return { model, inputTokens, isExact: true, least: cost, most: cost }
    })
  )
}

const estimate = (
  models: ReadonlyArray<PricedModel>,
  { files, maxTokens }: CostOptions,
  operands: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Row>, CommandFailure> =>
  Effect.gen(function* () {
    const text = yield* readAllText(files, operands)
    if (text === undefined) return yield* usageError("no prompt to price; give a prompt or --input-tokens")
    const request = { messages: [{ role: "user", content: text }], maxTokens } as const
    return yield* Effect.forEach(models, ({ model }) =>
      Effect.map(Cost.estimate(request, model), ({ prompt, least, most }) => ({
        model,
        inputTokens: prompt.tokens,
        isExact: prompt.isExact,
        least,
        most
      }))
    )
  }).pipe(Effect.provide(ModelCatalog.layer), Effect.provide(counter))

const formatDollars = (value: number | null): string => (value === null ? "unknown" : Figures.dollars(value))

const countColumns: ReadonlyArray<Column<Row>> = [
  { title: "model", cell: ({ model }) => model },
  { title: "cost", isRightAligned: true, cell: ({ most }) => formatDollars(most) }
]

const estimateColumns: ReadonlyArray<Column<Row>> = [
  { title: "model", cell: ({ model }) => model },
  { title: "prompt", isRightAligned: true, cell: ({ inputTokens, isExact }) => Figures.tokens(inputTokens, isExact) },
  { title: "least", isRightAligned: true, cell: ({ least }) => formatDollars(least) },
  { title: "most", isRightAligned: true, cell: ({ most }) => formatDollars(most) }
]

/** Prices prompts and token counts. */
export const cost: Command = defineCommand({
  name: "cost",
  paragraphs: [
    "Nothing is sent to a provider. The estimate ranges from the prompt alone to the prompt with the longest response " +
      "allowed. Models without known prices are an error rather than a guess."
  ],
  options,
  operandUsage: "[prompt]",
  examples: [
    ['llm-connectivity cost -m openai/gpt-4o --max-tokens 500 "Explain tides"', ""],
    ["llm-connectivity cost -m openai/gpt-4o -m google/gemini-2.5-flash -f report.txt --max-tokens 1000", ""],
    ["llm-connectivity cost --input-tokens 1000000 --output-tokens 50000", ""]
  ],
  run
})
