/** A durable batch on its provider's batches, in memory. `test/stores/durableProviderBatch.test.ts` kills its process. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Layer, Stream } from "effect"
import type { LLMError } from "llm-connectivity"
import { ProviderBatch } from "llm-connectivity/batch"
import { Durable, DurableBatch } from "llm-connectivity/durable"
import { Simulator, type SimulatorOptions } from "llm-connectivity/testing"

const model = "openai/gpt-4o-mini"

const batch = DurableBatch.make("test", { path: ProviderBatch.layer({ model }), every: "5 millis", maxTokens: 50 })

const collected = (prompts: ReadonlyArray<DurableBatch.BatchPrompt>, id = "night") =>
  Effect.map(Stream.runCollect(batch.run(id, prompts)), Chunk.toReadonlyArray)

const within = (options: SimulatorOptions = {}) =>
  Effect.provide(
    batch.layer.pipe(
      Layer.provideMerge(Durable.memory),
      Layer.provideMerge(Simulator.layerConfig({ pace: 0, ...options })),
      Layer.provide(FetchHttpClient.layer)
    )
  )

const script: SimulatorOptions["script"] = ({ body }) => ({
  content: `Answer to ${/Question \d+/.exec(JSON.stringify(body))?.[0]}`
})

const questions = (count: number) => Array.from({ length: count }, (_, index) => `Question ${index}`)

const outcome = (result: Either.Either<{ readonly content: string }, LLMError>): string =>
  Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: ({ content }) => content })

describe("a durable batch on its provider's batches", () => {
  it.live("has one result for each prompt", () =>
    Effect.gen(function* () {
      const results = yield* collected(questions(250))
      expect(results.map(({ index, result }) => [index, outcome(result)]).sort()).toEqual(
        questions(250).map((question, index) => [index, `Answer to ${question}`]).sort()
      )
      console.log(results.at(-1), yield* batch.handle("night"))
      const again = yield* collected(questions(250))
      expect(again).toEqual(results)
      const other = yield* collected(questions(2))
      console.log(other)
    }).pipe(within({ script }))
  )
})
