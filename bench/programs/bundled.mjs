/** The programs whose bundle sizes are measured. */

const effect = `
  import { FetchHttpClient } from "@effect/platform"
  import { Effect, Stream } from "effect"
  const program = Stream.runForEach(Stream.make("Hi"), (text) => Effect.log(text))
  Effect.runPromise(Effect.provide(program, FetchHttpClient.layer))`

const schema = `${effect}
  import { Schema } from "effect"
  class Broken extends Schema.TaggedError()("Broken", { message: Schema.String }) {}
  Effect.runPromise(Schema.decodeUnknown(Schema.Struct({ text: Schema.String }))({ text: "Hi" })).then(console.log, Broken)`

const ours = (provider) => `
  import { FetchHttpClient } from "@effect/platform"
  import { Effect, Layer, Stream } from "effect"
  import { LLMClient, ${provider} } from "../dist/index.js"
  const program = Stream.runForEach(
    LLMClient.chatStream({ messages: [{ role: "user", content: "Hi" }] }),
    (chunk) => Effect.log(chunk.content)
  )
  const client = LLMClient.fromProvider(${provider}, { model: "m" }).pipe(
    Layer.provide(${provider}.layer({ apiKey: "k" })),
    Layer.provide(FetchHttpClient.layer)
  )
  Effect.runPromise(Effect.provide(program, client))`

const openai = `
  import OpenAI from "openai"
  console.log(new OpenAI({ apiKey: "k", dangerouslyAllowBrowser: true }).chat.completions)`

const anthropic = `
  import Anthropic from "@anthropic-ai/sdk"
  console.log(new Anthropic({ apiKey: "k", dangerouslyAllowBrowser: true }).messages)`

const ai = `
  import { createOpenAI } from "@ai-sdk/openai"
  import { streamText } from "ai"
  console.log(streamText({ model: createOpenAI({ apiKey: "k" }).chat("m"), prompt: "Hi" }))`

const effectAi = `
  import { LanguageModel } from "@effect/ai"
  import { OpenAiClient, OpenAiLanguageModel } from "@effect/ai-openai"
  import { FetchHttpClient } from "@effect/platform"
  import { Effect, Layer, Stream } from "effect"
  const program = Stream.runForEach(LanguageModel.streamText({ prompt: "Hi" }), (part) => Effect.log(part))
  const model = OpenAiLanguageModel.layer({ model: "m" }).pipe(
    Layer.provide(OpenAiClient.layer({})),
    Layer.provide(FetchHttpClient.layer)
  )
  Effect.runPromise(Effect.provide(program, model))`

/** By name: Effect alone, the same with one schema, this library by provider, and the peers. */
export const programs = {
  effect,
  schema,
  OpenAI: ours("OpenAI"),
  Anthropic: ours("Anthropic"),
  Google: ours("Google"),
  openai,
  anthropic,
  ai,
  "effect-ai": effectAi
}
