/** The stream contract, over real HTTP. */
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Exit, Fiber, Stream } from "effect"
import { collect, LLMClient, type LLMError, type StreamChunk } from "llm-connectivity"
import { clients } from "../support/contract.js"
import { clientOf, counts, done, event, finish, fixture, hello, say } from "../support/openai.js"
import { type Handler, resetAfter, serve, sse } from "../support/server.js"

/** The chunks that a consumer receives, and the failure of the stream, if any. */
const seen = (handler: Handler, http = clients.Fetch) =>
  Effect.gen(function* () {
    const server = yield* serve(handler)
    const chunks: Array<StreamChunk> = []
    const exit = yield* LLMClient.chatStream(hello).pipe(
      Stream.runForEach((chunk) => Effect.sync(() => chunks.push(chunk))),
      Effect.either,
      Effect.provide(clientOf(server.url, {}, http))
    )
    const error: LLMError | undefined = exit._tag === "Left" ? exit.left : undefined
    return { chunks, error, text: chunks.map((chunk) => chunk.content).join("") }
  }).pipe(Effect.scoped)

const answer =
  (...writes: ReadonlyArray<string | Uint8Array>): Handler =>
  (response) =>
    sse(response, ...writes).end()

describe.each(Object.entries(clients))("a stream over the %s client", (_, http) => {
  it.live("ends with exactly one chunk that has a finish reason, with the usage", () =>
    Effect.gen(function* () {
      const { chunks, error, text } = yield* seen(answer(fixture("text")), http)
      expect(error).toBeUndefined()
      expect(text).toBe('Grüße 👋\u2028zwei "done"')
      expect(chunks.map((chunk) => chunk.finishReason)).toEqual([null, null, null, null, "stop"])
      expect(chunks.at(-1)?.usage).toEqual({
        inputTokens: 9,
        outputTokens: 7,
        totalTokens: 16,
        cacheReadTokens: 4,
        cacheWriteTokens: 0,
        reasoningTokens: 2
      })
    })
  )

  it.live("fails as truncated when the connection is reset, and names the number of chunks", () =>
    Effect.gen(function* () {
      const { error, text } = yield* seen((response) => {
        sse(response, say("half"), say(" an"))
        resetAfter(response, 30)
      }, http)
      expect(text).toBe("half an")
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated", status: 200 })
      expect(error?.message).toContain("the connection to openai/gpt-4o-mini broke after 2 chunks")
    })
  )

  it.live("fails as truncated when the connection is reset after the finish reason, as the usage may be missing", () =>
    Effect.gen(function* () {
      const { error } = yield* seen((response) => {
        sse(response, say("all"), finish())
        resetAfter(response, 30)
      }, http)
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    })
  )
})

describe.each(Object.entries(clients))("over the %s client, a read that is interrupted", (_, http) => {
  it.live("loses nothing to the next one, whether its bytes arrive before or after", () =>
    Effect.gen(function* () {
      let write = (_: string) => {}
      const server = yield* serve((response) => {
        sse(response, say("a"))
        write = (text) => void response.write(text)
      })
      const text = yield* Effect.scoped(
        Effect.gen(function* () {
          const pull = yield* LLMClient.chatStream(hello).open
          const next = Effect.map(pull, (chunks) => chunks.map(({ content }) => content).join(""))
          const interrupted = Effect.flatMap(Effect.fork(next), (fiber) =>
            Effect.zipRight(Effect.sleep("10 millis"), Fiber.interrupt(fiber))
          )
          const first = yield* next
          yield* interrupted
          write(say("b"))
          yield* Effect.sleep("30 millis")
          const second = yield* next
          yield* interrupted
          yield* Effect.fork(
            Effect.delay(
              Effect.sync(() => write(say("c"))),
              "10 millis"
            )
          )
          return first + second + (yield* next)
        })
      ).pipe(Effect.provide(clientOf(server.url, {}, http)))
      expect(text).toBe("abc")
    }).pipe(Effect.scoped)
  )
})

const mebibyte = 2 ** 20
const piece = "x".repeat(mebibyte / 4)

describe.each(Object.entries(clients))("over the %s client, a consumer that stops for a while", (_, http) => {
  it.live("holds the server back, and loses nothing", () =>
    Effect.gen(function* () {
      let written = 0
      const server = yield* serve((response) => {
        const write = (): void => {
          if (written === 32 * mebibyte) return void response.end(finish() + done)
          written += piece.length
          if (response.write(say(piece))) setImmediate(write)
          else response.once("drain", write)
        }
        sse(response)
        write()
      })
      let read = 0
      let ahead = 0
      const untilServerWaits = Effect.repeat(
        Effect.flatMap(
          Effect.sync(() => written),
          (before) => Effect.as(Effect.sleep("50 millis"), before)
        ),
        { until: (before) => before === written }
      )
      yield* LLMClient.chatStream(hello).pipe(
        Stream.runForEach((chunk) => {
          read += chunk.content.length
          if (read !== piece.length) return Effect.void
          return Effect.map(untilServerWaits, () => {
            ahead = written - read
          })
        }),
        Effect.provide(clientOf(server.url, {}, http))
      )
      expect(read).toBe(32 * mebibyte)
      // What sockets hold; without backpressure it would be nearly everything.
      expect(ahead).toBeLessThan(20 * mebibyte)
    }).pipe(Effect.scoped)
  )
})

describe("a stream", () => {
  it.live("fails when it is truncated before its finish reason, and is complete after it", () =>
    Effect.gen(function* () {
      const bytes = fixture("text")
      const finishing = '"finish_reason":"stop"}]}'
      const finishEnds = Buffer.from(bytes).indexOf(finishing) + finishing.length
      const offsets = Array.from(bytes, (_, at) => at).filter((at) => at % 7 === 0 || Math.abs(at - finishEnds) < 30)
      const server = yield* serve((response, { body }) => sse(response, bytes.slice(0, JSON.parse(body).seed)).end())
      const ends = yield* Effect.forEach(offsets, (at) =>
        Effect.either(collect(LLMClient.chatStream({ ...hello, seed: at })))
      ).pipe(Effect.provide(clientOf(server.url)))
      const truncated = { _tag: "Left", left: { _tag: "NetworkError", reason: "Truncated" } }
      const complete = { _tag: "Right", right: { content: 'Grüße 👋\u2028zwei "done"', finishReason: "stop" } }
      ends.forEach((end, index) => {
        expect(end).toMatchObject((offsets[index] ?? 0) < finishEnds ? truncated : complete)
      })
    }).pipe(Effect.scoped)
  )

  it.live("emits a chunk for each data event, known or unknown, and none for pings and markers", () =>
    Effect.gen(function* () {
      const { chunks } = yield* seen(
        answer(
          ": keep-alive\n\n",
          event({ role: "assistant" }),
          'data: {"object":"something.new","payload":{"deep":[1]}}\n\n',
          "event: ping\ndata: {}\n\n",
          say("hi"),
          'data: {"choices":null,"error":null}\n\n',
          finish(),
          counts,
          done
        )
      )
      expect(chunks.map((chunk) => chunk.content)).toEqual(["", "", "hi", "", ""])
      expect(chunks[1]?.rawChunk).toEqual({ object: "something.new", payload: { deep: [1] } })
    })
  )

  it.live("emits content that arrives with a finish reason or after it", () =>
    Effect.gen(function* () {
      const { chunks } = yield* seen(answer(event({ content: "la" }, "stop"), say("te"), finish("length"), done))
      expect(chunks.map(({ content, finishReason }) => [content, finishReason])).toEqual([
        ["la", null],
        ["te", null],
        ["", "length"]
      ])
      expect(chunks[0]?.rawChunk).toMatchObject({ choices: [{ finish_reason: "stop" }] })
    })
  )

  it.live.each([
    ["after half a response", [say("hm"), done]],
    ["alone", [done]],
    ["after a bare JSON error", ['{"error":{"message":"the prompt is too long"}}\n\n', done]]
  ] as const)("is not complete by an end marker without a finish reason, %s", ([, writes]) =>
    Effect.gen(function* () {
      const { error } = yield* seen(answer(...writes))
      expect(error).toBeDefined()
      expect(["NetworkError", "ContextWindowExceededError"]).toContain(error?._tag)
    })
  )

  it.live("has its provider and model on the last chunk", () =>
    Effect.gen(function* () {
      const { chunks } = yield* seen(answer(fixture("text")))
      expect(chunks.at(-1)?.origin).toMatchObject({ provider: "openai", model: "gpt-4o-mini-2024-07-18" })
    })
  )

  it.live("fails with the same error inside a stream as in a response", () =>
    Effect.gen(function* () {
      const inside = yield* seen(
        answer(say("a"), 'data: {"error":{"code":"rate_limit_exceeded","message":"slow"}}\n\n', done)
      )
      expect(inside.text).toBe("a")
      expect(inside.error?._tag).toBe("RateLimitError")
      const named = yield* seen(
        answer('event: error\ndata: {"message":"the server had an error","type":"server_error"}\n\n')
      )
      expect(named.error).toMatchObject({ _tag: "NetworkError", reason: "Server" })
      const shared = yield* seen(
        answer(
          'data: {"error":{"code":502,"message":"upstream"},"choices":[{"delta":{"content":"b"},"finish_reason":"error"}]}\n\n'
        )
      )
      expect(shared).toMatchObject({ text: "b", error: { _tag: "NetworkError", reason: "Server" } })
    })
  )

  it.live("fails on a known event with an invalid shape, and names the path but not the content", () =>
    Effect.gen(function* () {
      const { error } = yield* seen(answer('data: {"choices":[{"delta":{"content":{"canary":1}}}]}\n\n'))
      expect(error?._tag).toBe("ProviderError")
      expect(error?.message).toContain("choices.0.delta.content of a chat completion event is not as documented")
      expect(error?.message).not.toContain("canary")
      expect((yield* seen(answer("data: {broken\n\n"))).error?._tag).toBe("ProviderError")
    })
  )

  it.live("fails on an event above 8 MiB", () =>
    Effect.gen(function* () {
      const { error } = yield* seen((response) => {
        sse(response, "data: ")
        for (let sent = 0; sent < 9; sent++) response.write("x".repeat(1024 * 1024))
        response.end()
      })
      expect(error).toMatchObject({ _tag: "ProviderError" })
      expect(error?.message).toContain("sent an event of more than 8388608")
    })
  )

  it.live("reads a non-streaming response", () =>
    Effect.gen(function* () {
      const { text, chunks } = yield* seen((response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end(JSON.stringify({ choices: [{ message: { content: "complete" }, finish_reason: "stop" }] }))
      })
      expect(text).toBe("complete")
      expect(chunks.at(-1)?.finishReason).toBe("stop")
    })
  )

  it.live.each([
    ["an HTML page", "text/html", "<html><body>Bad gateway</body></html>", { _tag: "NetworkError", reason: "Server" }],
    ["an empty body", "text/event-stream", "", { _tag: "NetworkError", reason: "Truncated" }],
    [
      "a bare error",
      "text/plain",
      '{"error":{"code":"invalid_api_key","message":"no"}}',
      { _tag: "AuthenticationError" }
    ],
    ["an error as JSON", "application/json", '{"error":{"type":"server_error","message":"no"}}', { reason: "Server" }],
    ["truncated JSON", "application/json", '{"choices":[{"mess', { _tag: "NetworkError", reason: "Truncated" }],
    ["other JSON", "application/json", '{"hello":"world"}', { _tag: "ProviderError" }]
  ] as const)("fails on a response that is not a stream: %s", ([, type, body, expected]) =>
    Effect.gen(function* () {
      const { error } = yield* seen((response) => {
        response.writeHead(200, { "content-type": type })
        response.end(body)
      })
      expect(error).toMatchObject(expected)
    })
  )

  it.live("can run twice, with a separate request each time", () =>
    Effect.gen(function* () {
      const server = yield* serve(answer(say("x"), finish(), done))
      const twice = Effect.gen(function* () {
        const client = yield* LLMClient
        const stream = client.chatStream(hello)
        return [yield* Stream.runCollect(stream), yield* Stream.runCollect(stream)]
      })
      const [first, second] = yield* Effect.provide(twice, clientOf(server.url))
      expect(Chunk.size(first ?? Chunk.empty())).toBe(2)
      expect(second).toEqual(first)
      expect(server.requests).toHaveLength(2)
    }).pipe(Effect.scoped)
  )

  it.live("does not wait for a server that leaves the connection open after the end marker", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => void sse(response, say("x"), finish(), done))
      const exit = yield* collect(LLMClient.chatStream(hello)).pipe(
        Effect.timeout("15 seconds"),
        Effect.exit,
        Effect.provide(clientOf(server.url))
      )
      expect(Exit.isSuccess(exit)).toBe(true)
    }).pipe(Effect.scoped)
  )

  it.live("leaves its connection open for the next request", () =>
    Effect.gen(function* () {
      const server = yield* serve(answer(say("x"), finish(), done))
      yield* collect(LLMClient.chatStream(hello)).pipe(Effect.repeatN(4), Effect.provide(clientOf(server.url)))
      expect(server.requests).toHaveLength(5)
      expect(server.sockets.size).toBeLessThanOrEqual(2)
    }).pipe(Effect.scoped)
  )
})
