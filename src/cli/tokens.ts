/** The command `tokens`: counts the tokens of texts. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TokenCounter } from "../catalog/TokenCounter.js"
import type { ModelId } from "../domain/ModelId.js"
import * as Figures from "../output/progress/Figures.js"
import { ProviderTokens } from "../provider/ProviderTokens.js"
import { type Command, defineCommand } from "./Command.js"
import { type CommandFailure, usageError } from "./CommandError.js"
import { counter, exactCountHint } from "./Counter.js"
import { readAllText } from "./Input.js"
import { requestedOrDefaultModel } from "./Model.js"
import * as Options from "./Options.js"
import { printLine, printNotice } from "./Output.js"

const options = {
  model: Options.text({
    name: "model",
    short: "m",
    value: "provider/model",
    help: "The model whose tokens are counted. Default: LLM_MODEL, or else openai/gpt-4o-mini"
  }),
  files: Options.texts({ name: "file", short: "f", value: "path", help: "A text file to count; repeatable" }),
  usesProvider: Options.flag({
    name: "ask",
    help: "Let the provider count: exact for Anthropic and Google too. Needs the provider's key and sends it the text"
  }),
  json: Options.flag({ name: "json", help: 'Write {"tokens":…,"isExact":…,"model":…}' })
}

const run = (
  values: Options.OptionValues<typeof options>,
  operands: ReadonlyArray<string>
): Effect.Effect<void, CommandFailure> =>
  Effect.gen(function* () {
    const model = yield* requestedOrDefaultModel(values.model)
    const text = yield* readAllText(values.files, operands)
    if (text === undefined) return yield* usageError("no text to count; give a text or a --file, or pipe one in")
    const counted = yield* TokenCounter.count(text, model).pipe(Effect.provide(counterFor(model, values.usesProvider)))
    const hint = counted.isExact || values.usesProvider ? undefined : exactCountHint(model)
    if (hint !== undefined) yield* printNotice(`(${hint})`)
    if (values.json) return yield* printLine(JSON.stringify({ ...counted, model }))
    const certainty = counted.isExact ? "exact" : "an estimate"
    const unit = counted.tokens === 1 ? "token" : "tokens"
    yield* printLine(
      `${process.stdout.isTTY ? Figures.count(counted.tokens) : counted.tokens} ${unit} for ${model} (${certainty})`
    )
  })

const counterFor = (model: ModelId, usesProvider: boolean): Layer.Layer<TokenCounter, CommandFailure> =>
  usesProvider ? Layer.provide(ProviderTokens.layer(model), FetchHttpClient.layer) : counter

/** Counts tokens. */
export const tokens: Command = defineCommand({
  name: "tokens",
  paragraphs: [
    "For OpenAI's models the count is exact, from their own encoding. For other models it is an estimate, and marked " +
      "as one, unless --ask lets the provider count. The output begins with the number."
  ],
  options,
  operandUsage: "[text]",
  examples: [
    ['llm-connectivity tokens "How many tokens is this?"', ""],
    ["llm-connectivity tokens -m openai/gpt-4o -f README.md", ""],
    ["cat *.md | llm-connectivity tokens -m anthropic/claude-sonnet-4-5", ""]
  ],
  run
})
