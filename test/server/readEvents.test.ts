import { createServer } from "node:http"
import {
  FetchHttpClient,
  HttpClient,
  HttpClientRequest,
  HttpClientResponse,
  HttpServer,
  HttpServerResponse
} from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Layer, type Scope, Stream, TestClock } from "effect"
import {
  AuthenticationError,
  collect,
  type LLMError,
  NetworkError,
  ProviderError,
  RateLimitError,
  StreamChunk
} from "llm-connectivity"
import { readEvents, respondWithEvents } from "llm-connectivity/server"

const about = { provider: "openai", model: "gpt-4o-mini", message: "it says why" }

const limited = new RateLimitError({
  ...about,
  reason: "Overloaded",
  retryAfter: Duration.seconds(2),
  status: 529,
  requestId: "req_1",
  attempts: 4
})

const answer = [
  StreamChunk.make({ content: "Hel", reasoning: "why" }),
  StreamChunk.make({
    toolCalls: [{ index: 0, id: "c1", name: "weather", arguments: "{}" }],
    part: { index: 0, type: "tool-call", providerMetadata: { test: { s: "1" } } }
  }),
  StreamChunk.make({
    finishReason: "tool_calls",
    usage: {
      inputTokens: 5,
      outputTokens: 2,
      totalTokens: 7,
      cacheReadTokens: 1,
      cacheWriteTokens: 0,
      reasoningTokens: 1
    },
    origin: { provider: "openai", model: "gpt-4o-mini" },
    cost: 0.00001,
    rawChunk: { id: 1 }
  })
]

/** Serves a response and reads its chunks with readEvents. */
const readFromServer = (response: Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      yield* HttpServer.serveEffect(response)
      const url = yield* HttpServer.addressWith((address) =>
        Effect.succeed(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}/` : address.path)
      )
      return readEvents(yield* HttpClient.get(url))
    })
  ).pipe(
    Stream.provideLayer(
      Layer.merge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }), FetchHttpClient.layer)
    )
  )

const events = (text: string, options = {}) =>
  HttpServerResponse.text(text, { contentType: "text/event-stream", ...options })

const failureOf = (response: HttpServerResponse.HttpServerResponse) =>
  Effect.flip(Stream.runDrain(readFromServer(Effect.succeed(response))))

describe("readEvents", () => {
  it.effect("reads no more than the beginning of an error, and waits no longer than 30 seconds for it", () =>
    Effect.gen(function* () {
      const read = (body: ReadableStream<Uint8Array>) => {
        const response = HttpClientResponse.fromWeb(
          HttpClientRequest.get("http://localhost/"),
          new Response(body, { status: 500 })
        )
        return Effect.flip(Stream.runDrain(readEvents(response)))
      }
      let isCancelled = false
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(1024)),
        cancel: () => {
          isCancelled = true
        }
      })
      expect(yield* read(endless)).toMatchObject({ _tag: "NetworkError", status: 500 })
      expect(isCancelled).toBe(true)
      const silent = yield* Effect.fork(read(new ReadableStream()))
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(silent)).toMatchObject({ _tag: "NetworkError", status: 500 })
    })
  )

  it.live("returns the same chunks that the other service streams", () =>
    Effect.gen(function* () {
      const also = ["rawChunk", "providerMetadata"] as const
      const chunks = yield* Stream.runCollect(readFromServer(respondWithEvents(Stream.fromIterable(answer), { also })))
      expect(Array.from(chunks)).toEqual(answer)
    })
  )

  it.live("collects to the same response, with its cost", () =>
    Effect.gen(function* () {
      const response = yield* Effect.orDie(
        collect(Stream.orDie(readFromServer(respondWithEvents(Stream.fromIterable(answer)))))
      )
      expect(response).toMatchObject({ content: "Hel", finishReason: "tool_calls", cost: 0.00001, provider: "openai" })
    })
  )

  const failing: ReadonlyArray<readonly [when: string, before: ReadonlyArray<StreamChunk>]> = [
    ["before the first chunk, as a status", []],
    ["after a chunk, as an event", answer.slice(0, 1)]
  ]

  it.live.each(failing)("fails with the same error %s", ([, before]) =>
    Effect.gen(function* () {
      const errors: ReadonlyArray<LLMError> = [
        limited,
        new AuthenticationError(about),
        new NetworkError({ ...about, reason: "Timeout", timeout: "idle", retryable: false }),
        new ProviderError({ ...about, status: 418 })
      ]
      for (const error of errors) {
        const stream = Stream.concat(Stream.fromIterable(before), Stream.fail(error))
        const received = yield* Effect.flip(Stream.runDrain(readFromServer(respondWithEvents(stream))))
        expect(received).toEqual(error)
        expect(received).toBeInstanceOf(error.constructor)
      }
    })
  )

  it.live("fails as truncated without the end marker", () =>
    Effect.gen(function* () {
      expect(yield* failureOf(events('data: {"content":"Hel"}\n\ndata: {"con'))).toMatchObject({
        _tag: "NetworkError",
        reason: "Truncated",
        message: "the response was truncated after 1 chunks"
      })
    })
  )

  it.live("fails with a ProviderError for an invalid chunk or error event", () =>
    Effect.gen(function* () {
      for (const text of [
        'data: {"usage":{"inputTokens":"many"}}\n\n',
        "data: hello\n\n",
        'event: error\ndata: {"_tag":"NetworkError","reason":"Gremlins"}\n\n'
      ]) {
        expect(yield* failureOf(events(text))).toMatchObject({ _tag: "ProviderError" })
      }
    })
  )

  it.live("classifies responses of other servers by their status", () =>
    Effect.gen(function* () {
      expect(yield* failureOf(HttpServerResponse.text("<h1>Sorry</h1>", { status: 502 }))).toMatchObject({
        _tag: "NetworkError",
        reason: "Server",
        status: 502
      })
      expect(yield* failureOf(HttpServerResponse.text("Who?", { status: 404 }))).toMatchObject({
        _tag: "ProviderError",
        status: 404
      })
      expect(yield* failureOf(HttpServerResponse.text("Hi"))).toMatchObject({ _tag: "ProviderError", status: 200 })
    })
  )

  it.live("interrupts the stream of the other service when the consumer stops", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const stuck = Stream.fromEffect(Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined)))
      const stream = Stream.concat(Stream.make(StreamChunk.make({ content: "Hel" })), stuck)
      yield* Stream.runDrain(Stream.take(readFromServer(respondWithEvents(stream)), 1))
      yield* Deferred.await(interrupted)
    })
  )
})
