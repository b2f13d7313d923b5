/** The timeouts of responses that are not streamed. */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Layer, Redacted, TestClock } from "effect"
import { LLMClient, OpenAI, type Timeouts } from "llm-connectivity"

const hello = { messages: [{ role: "user", content: "Hi" }] } as const

/** Sends the headers of a response when `seconds` have passed; the request itself lets them pass. */
const slow = (seconds: number, body: unknown) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.as(
        TestClock.adjust(seconds * 1000),
        HttpClientResponse.fromWeb(request, new Response(JSON.stringify(body)))
      )
    )
  )

const provider = (seconds: number, body: unknown) =>
  Layer.provide(OpenAI.layer({ apiKey: Redacted.make("sk-test-0123456789") }), slow(seconds, body))

const client = (seconds: number, body: unknown, timeouts?: Timeouts) =>
  LLMClient.fromProvider(OpenAI, { model: "gpt-5", policies: [], timeouts }).pipe(
    Layer.provide(provider(seconds, body))
  )

const completion = { choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }] }

const vectors = { data: [{ index: 0, embedding: [1] }], model: "m" }

const count = Effect.flatMap(OpenAI, ({ countTokens }) => countTokens?.({ ...hello, model: "gpt-5" }) ?? Effect.never)

const chat = (seconds: number, timeouts?: Timeouts) =>
  Effect.either(Effect.provide(LLMClient.chat(hello), client(seconds, completion, timeouts)))

describe("a response that is not streamed", () => {
  it.effect("may send its headers after five minutes: a chat, embeddings and a count of tokens", () =>
    Effect.gen(function* () {
      expect((yield* Effect.provide(LLMClient.chat(hello), client(300, completion))).content).toBe("Hello")
      const { embeddings } = yield* Effect.provide(LLMClient.embed({ input: "a" }), client(300, vectors))
      expect(embeddings).toEqual([[1]])
      const { tokens } = yield* Effect.provide(count, provider(300, { input_tokens: 7 }))
      expect(tokens).toBe(7)
    })
  )

  it.effect.each([
    ["total", 600, {}],
    ["headers", 30, { headers: "30 seconds" }],
    ["firstContent", 90, { firstContent: "90 seconds" }]
  ] as const)("has ten minutes, and the timeouts that are set: %s", ([timeout, seconds, timeouts]) =>
    Effect.gen(function* () {
      expect(Either.isRight(yield* chat(seconds - 1, timeouts))).toBe(true)
      const late = yield* chat(seconds + 1, timeouts)
      expect(Either.isLeft(late) && late.left).toMatchObject({ _tag: "NetworkError", reason: "Timeout", timeout })
    })
  )
})
