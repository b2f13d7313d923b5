/** The timeouts of responses that are not streamed. */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Layer, Redacted, Runtime, TestClock } from "effect"
import { collect, LLMClient, OpenAI, type Timeouts } from "llm-connectivity"
import { done, finish, say } from "../support/openai.js"

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

/** Sends the headers of a response at once, and each piece of its body when so many minutes have passed. */
const inPieces = (pieces: ReadonlyArray<readonly [minutes: number, piece: string]>) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(Effect.runtime(), (runtime) =>
      HttpClient.make((request) =>
        Effect.sync(() => {
          const rest = [...pieces]
          const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
            const [minutes, piece] = rest.shift() ?? [0, ""]
            await Runtime.runPromise(runtime)(TestClock.adjust(`${minutes} minutes`))
            if (piece === "") return controller.close()
            controller.enqueue(new TextEncoder().encode(piece))
          }
          const headers = { "content-type": "application/json" }
          return HttpClientResponse.fromWeb(request, new Response(new ReadableStream({ pull }), { headers }))
        })
      )
    )
  )

const [start = "", rest = ""] = JSON.stringify(completion).split("content")

/** Three minutes of blanks, which some servers send to keep the connection, and six minutes of JSON. */
const slowJson = [
  [3, " "],
  [3, `${start}content`],
  [3, rest]
] as const

const stream = (pieces: Parameters<typeof inPieces>[0], timeouts?: Timeouts) =>
  Effect.either(
    Effect.provide(
      collect(LLMClient.chatStream(hello)),
      LLMClient.fromProvider(OpenAI, { model: "gpt-5", policies: [], timeouts }).pipe(
        Layer.provide(OpenAI.layer({ apiKey: Redacted.make("sk-test-0123456789") })),
        Layer.provide(inPieces(pieces))
      )
    )
  )

const timedOut = (timeout: string) => ({ left: { _tag: "NetworkError", reason: "Timeout", timeout } })

describe("a stream that is answered with one JSON", () => {
  it.effect("has ten minutes, as a response that is not streamed", () =>
    Effect.gen(function* () {
      expect(yield* stream(slowJson)).toMatchObject({ right: { content: "Hello" } })
      expect(yield* stream([[2, " "], ...slowJson])).toMatchObject(timedOut("total"))
    })
  )

  it.effect("has the timeouts that are set", () =>
    Effect.gen(function* () {
      expect(yield* stream(slowJson, { firstContent: "4 minutes" })).toMatchObject(timedOut("firstContent"))
      expect(yield* stream(slowJson, { idle: "2 minutes" })).toMatchObject(timedOut("idle"))
      expect(yield* stream([[20, " "], ...slowJson], { total: "1 hour" })).toMatchObject({
        right: { content: "Hello" }
      })
    })
  )

  it.effect("is a stream again if it holds events", () =>
    Effect.gen(function* () {
      const events = [
        [5, say("Hel")],
        [0.5, say("lo")],
        [0.5, `${finish()}${done}`]
      ] as const
      expect(yield* stream(events)).toMatchObject({ right: { content: "Hello" } })
      const silent = [[5, say("Hel")], [2, say("lo")], ...events] as const
      expect(yield* stream(silent)).toMatchObject(timedOut("idle"))
    })
  )
})
