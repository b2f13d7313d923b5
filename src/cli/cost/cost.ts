/** Does what `cost` is for: says what tokens cost, those that are given or those of a prompt and its answer. */
import { Effect, Option } from "effect"
import * as Cost from "../../catalog/Cost.js"
import { ModelCatalog, type ModelCatalogService } from "../../catalog/ModelCatalog.js"
import type { ModelInfo } from "../../catalog/ModelInfo.js"
import { type ModelId, split } from "../../domain/ModelId.js"
import * as Usage from "../../domain/Usage.js"
import * as Figures from "../../output/progress/Figures.js"
import { columnsOf, styleOf } from "../../output/progress/Terminal.js"
import { counter } from "../Counter.js"
import { readAllText } from "../Input.js"
import { wantedOrUsual } from "../Model.js"
import { print, show } from "../Output.js"
import { exitCodes, type Failure, misused, Problem } from "../Problem.js"
import { type Column, table } from "../Table.js"
import type { CostOptions } from "./options.js"

/** Says what was asked for, for each model. */
export const run = (options: CostOptions, words: ReadonlyArray<string>): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    const written = options.models.length === 0 ? [undefined] : options.models
    const models = yield* Effect.forEach(written, wantedOrUsual)
    const catalog = yield* ModelCatalog.snapshot
    const priced = yield* Effect.forEach(models, (model) => pricedIn(catalog, model))
    const rows = isGiven(options) ? yield* given(priced, options, words) : yield* estimated(priced, options, words)
    if (options.json) return yield* Effect.forEach(rows, (row) => print(JSON.stringify(row)), { discard: true })
    const width = process.stdout.isTTY ? columnsOf(process.stdout) : undefined
    const columns = isGiven(options) ? givenColumns : estimatedColumns
    yield* show(`${table(rows, columns, width, styleOf(process.stdout)).join("\n")}\n`)
  })

interface Priced {
  readonly model: ModelId
  readonly facts: ModelInfo
}

const pricedIn = (catalog: ModelCatalogService, id: ModelId): Effect.Effect<Priced, Problem> => {
  const { provider, model } = split(id)
  const facts = Option.getOrUndefined(catalog.find(provider, model))
  return facts?.prices === undefined
    ? new Problem({
        message: `the prices of ${id} are not known; llm-connectivity models lists those that are`,
        exitCode: exitCodes.ModelNotFoundError
      })
    : Effect.succeed({ model: id, facts })
}

/** What is written for a model; US dollars. */
interface Row {
  readonly model: ModelId
  readonly inputTokens: number
  readonly isExact: boolean
  readonly least: number | null
  readonly most: number | null
}

const isGiven = ({ inputTokens, outputTokens, cachedTokens }: CostOptions): boolean =>
  inputTokens !== undefined || outputTokens !== undefined || cachedTokens !== undefined

const given = (
  models: ReadonlyArray<Priced>,
  { inputTokens = 0, outputTokens = 0, cachedTokens = 0, files }: CostOptions,
  words: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Row>, Problem> => {
  if (files.length + words.length > 0) return misused("give either a prompt or --prompt-tokens, not both")
  if (cachedTokens > inputTokens) return misused("--cached-tokens are some of --prompt-tokens, so they cannot be more")
  const usage = Usage.make({ inputTokens, outputTokens, cacheReadTokens: cachedTokens })
  return Effect.succeed(
    models.map(({ model, facts }) => {
      const cost = Cost.of(usage, facts)
      return { model, inputTokens, isExact: true, least: cost, most: cost }
    })
  )
}

const estimated = (
  models: ReadonlyArray<Priced>,
  { files, maxTokens }: CostOptions,
  words: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Row>, Failure> =>
  Effect.gen(function* () {
    const text = yield* readAllText(files, words)
    if (text === undefined) return yield* misused("there is nothing to price; write a prompt, or give --prompt-tokens")
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

const dollars = (value: number | null): string => (value === null ? "unknown" : Figures.dollars(value))

const givenColumns: ReadonlyArray<Column<Row>> = [
  { title: "model", of: ({ model }) => model },
  { title: "cost", isRight: true, of: ({ most }) => dollars(most) }
]

const estimatedColumns: ReadonlyArray<Column<Row>> = [
  { title: "model", of: ({ model }) => model },
  { title: "prompt", isRight: true, of: ({ inputTokens, isExact }) => Figures.tokens(inputTokens, isExact) },
  { title: "least", isRight: true, of: ({ least }) => dollars(least) },
  { title: "most", isRight: true, of: ({ most }) => dollars(most) }
]
