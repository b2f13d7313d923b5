/** Counts tokens offline, as exactly as the installed packages allow. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TokenCounter, type TokenCounterService } from "../catalog/TokenCounter.js"
import { OpenAITokens } from "../catalog/tokens.js"
import type { ModelId } from "../domain/ModelId.js"

const { approximate } = TokenCounter

const service: TokenCounterService = {
  count: (content, model) =>
    Effect.orElse(OpenAITokens.service.count(content, model), () => approximate.count(content, model)),
  running: (model) => Effect.orElse(OpenAITokens.service.running(model), () => approximate.running(model))
}

/** Counts with OpenAI's encodings if the package gpt-tokenizer is installed, and estimates otherwise. */
export const counter: Layer.Layer<TokenCounter> = Layer.succeed(TokenCounter, service)

/** What to install for an exact count; `undefined` for models that only their provider can count exactly. */
export const exactCountHint = (model: ModelId): string | undefined =>
  OpenAITokens.encodingOf(model) === undefined
    ? undefined
    : "exact counts for OpenAI's models need gpt-tokenizer: npm install gpt-tokenizer"
