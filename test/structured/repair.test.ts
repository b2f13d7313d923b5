import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { LLMClient, LLMError, type Usage } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { hello } from "../support/openai.js"

const Recipe = Schema.Struct({ title: Schema.String, minutes: Schema.Number })
const usage: Usage = {
  inputTokens: 5,
  outputTokens: 2,
  totalTokens: 7,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}
const answering = (content: string, finishReason: "stop" | "length" = "stop") => [
  { content, usage, finishReason, cost: 0.5, origin: { provider: "mock", model: "m" } } as const
]
const bad = '{"title":"Soup","minutes":"thirty"}'
const good = '{"title":"Soup","minutes":30}'

describe("chatObject with repair", () => {
  it.effect("sends the answer back with place and expectation, and sums usage and cost", () =>
    Effect.gen(function* () {
      const response = yield* LLMClient.chatObject(Recipe, hello, { repair: { times: 2 } })
      expect(response.object).toEqual({ title: "Soup", minutes: 30 })
      expect(response).toMatchObject({ attempts: 3, cost: 1.5, content: good })
      expect(response.usage).toMatchObject({ inputTokens: 15, outputTokens: 6, totalTokens: 21 })
      const [, second, third] = yield* MockLLM.requests
      expect(second?.messages.slice(0, 2)).toEqual([...hello.messages, { role: "assistant", content: bad }])
      expect(JSON.stringify(second?.messages.at(-1))).toMatch(/minutes: Expected number/)
      expect(third?.messages).toHaveLength(hello.messages.length + 4)
      expect(JSON.stringify(third?.messages.at(-1))).toContain("not valid JSON")
    }).pipe(Effect.provide(MockLLM.layer([answering(bad), answering("{"), answering(good)])))
  )

  it.effect(
    "fails after the last attempt, with the place alone in the error and the sums in the partial response",
    () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(LLMClient.chatObject(Recipe, hello, { repair: { times: 1 } }))
        expect(error._tag).toBe("ProviderError")
        expect(error.message).toMatch(/does not fit the schema: minutes$/)
        expect(LLMError.partial(error)).toMatchObject({ content: bad, usage: { totalTokens: 14 } })
        expect(yield* MockLLM.requests).toHaveLength(2)
      }).pipe(Effect.provide(MockLLM.layer([answering(bad), answering(bad), answering(good)])))
  )

  it.effect("sends one request without the option, and none again for an answer that was cut", () =>
    Effect.gen(function* () {
      expect(Exit.isFailure(yield* Effect.exit(LLMClient.chatObject(Recipe, hello)))).toBe(true)
      const cut = yield* Effect.flip(LLMClient.chatObject(Recipe, hello, { repair: { times: 2 } }))
      expect(cut.message).toContain("it finished with length")
      expect(yield* MockLLM.requests).toHaveLength(2)
    }).pipe(Effect.provide(MockLLM.layer([answering(bad), answering('{"title":', "length"), answering(good)])))
  )

  it.effect.each([-1, 0.5, 11, Number.NaN, Number.POSITIVE_INFINITY])(
    "rejects %d times before anything is sent",
    (times) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(LLMClient.chatObject(Recipe, hello, { repair: { times } }))
        expect([error._tag, yield* MockLLM.requests]).toEqual(["ValidationError", []])
      }).pipe(Effect.provide(MockLLM.layer([answering(good)])))
  )
})
