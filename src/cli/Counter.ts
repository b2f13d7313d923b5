/** Counts tokens as exactly as can be without asking anyone. */
import { Effect, Layer } from "effect"
import { TokenCounter, type TokenCounterService } from "../catalog/TokenCounter.js"
import { OpenAITokens } from "../catalog/tokens.js"
import type { ModelId } from "../domain/ModelId.js"

const { approximate } = TokenCounter

const service: TokenCounterService = {
  count: (content, model) =>
    Effect.orElse(OpenAITokens.service.count(content, model), () => approximate.count(content, model)),
  running: (model) => Effect.orElse(OpenAITokens.service.running(model), () => approximate.running(model))
}

/** Counts by OpenAI's encodings where the package gpt-tokenizer is installed, and else by estimate. */
export const counter: Layer.Layer<TokenCounter> = Layer.succeed(TokenCounter, service)

/** What would make an estimate exact; `undefined` where only the provider knows. */
export const remedyFor = (model: ModelId): string | undefined =>
  OpenAITokens.encodingOf(model) === undefined
    ? undefined
    : "exact counts for OpenAI's models need gpt-tokenizer: npm install gpt-tokenizer"
