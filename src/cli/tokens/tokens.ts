/** Does what `tokens` is for: counts the tokens of texts. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Layer } from "effect"
import { TokenCounter } from "../../catalog/TokenCounter.js"
import type { ModelId } from "../../domain/ModelId.js"
import * as Figures from "../../output/progress/Figures.js"
import { ProviderTokens } from "../../provider/ProviderTokens.js"
import { counter, remedyFor } from "../Counter.js"
import { readAllText } from "../Input.js"
import { wantedOrUsual } from "../Model.js"
import { print, tell } from "../Output.js"
import { type Failure, misused } from "../Problem.js"
import type { TokensOptions } from "./options.js"

/** Counts what was written, or else what is in files or piped in. */
export const run = (options: TokensOptions, words: ReadonlyArray<string>): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    const model = yield* wantedOrUsual(options.model)
    const text = yield* readAllText(options.files, words)
    if (text === undefined)
      return yield* misused("there is nothing to count; write a text, name a --file, or pipe one in")
    const counted = yield* TokenCounter.count(text, model).pipe(Effect.provide(counterOf(model, options.asks)))
    const remedy = counted.isExact || options.asks ? undefined : remedyFor(model)
    if (remedy !== undefined) yield* tell(`(${remedy})`)
    if (options.json) return yield* print(JSON.stringify({ ...counted, model }))
    const certainty = counted.isExact ? "exact" : "an estimate"
    const unit = counted.tokens === 1 ? "token" : "tokens"
    yield* print(
      `${process.stdout.isTTY ? Figures.count(counted.tokens) : counted.tokens} ${unit} for ${model} (${certainty})`
    )
  })

const counterOf = (model: ModelId, asks: boolean): Layer.Layer<TokenCounter, Failure> =>
  asks ? Layer.provide(ProviderTokens.layer(model), FetchHttpClient.layer) : counter
