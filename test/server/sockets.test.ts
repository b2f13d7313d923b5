/** A response over real sockets: from the provider through the server to a client that uses the browser reader. */
import { inspect } from "node:util"
import { FetchHttpClient, HttpApp, HttpRouter, HttpServer, type HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Layer, type Scope, Stream } from "effect"
import { LLMClient, StreamChunk } from "llm-connectivity"
import { ChatStreamError, fetchChunks, readChunks } from "llm-connectivity/browser"
import { respondWithEvents } from "llm-connectivity/server"
import { type SimulatedReply, type SimulatedScript, Simulator } from "llm-connectivity/testing"
import { closingServer } from "../support/closingServer.js"

const chatStream = LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 5 with words" }] })

const servers = {
  "a plain server": (app: HttpApp.Default<never, LLMClient | Scope.Scope>) => HttpServer.serveEffect(app),
  "a router": (app: HttpApp.Default<never, LLMClient | Scope.Scope>) =>
    HttpServer.serveEffect(HttpRouter.empty.pipe(HttpRouter.post("/", app), Effect.orDie))
}

const serverUrl = HttpServer.addressWith((address) =>
  Effect.succeed(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}/` : address.path)
)

/** Serves an app and returns its URL. */
const serve = (
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, never, LLMClient | Scope.Scope>,
  kind: keyof typeof servers = "a plain server"
) => Effect.zipRight(servers[kind](app), serverUrl)

/** Provides a client of a Simulator with a script, and an HTTP server. */
const withSimulator = (script: SimulatedScript = []) => {
  const client = LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [] }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provideMerge(Simulator.layerConfig({ pace: 0, script }))
  )
  const server = NodeHttpServer.layer(closingServer, { port: 0, host: "127.0.0.1" })
  return Effect.provide(Layer.merge(client, server))
}

const post = { method: "POST" } as const

/** How the provider's only request ended. */
const closed = Effect.flatMap(
  Simulator.requests,
  ([request]) => request?.closed ?? Effect.die("the provider received no request")
)

const readAll = (url: string) =>
  Effect.promise(async () => {
    let text = ""
    try {
      for await (const { content } of fetchChunks(url, post)) text += content
      return { text, error: undefined }
    } catch (error) {
      return { text, error }
    }
  })

describe("a response over real sockets", () => {
  it.scopedLive("reaches the client completely", () =>
    Effect.gen(function* () {
      const url = yield* serve(respondWithEvents(chatStream))
      expect(yield* readAll(url)).toEqual({ text: "One, two, three, four, five.", error: undefined })
    }).pipe(withSimulator())
  )

  it.scopedLive("shows none of its text when a server logs it", () =>
    Effect.gen(function* () {
      let logged = ""
      const app = Effect.tap(respondWithEvents(chatStream), (response) => {
        logged = JSON.stringify(response) + inspect(response, { depth: 10 })
      })
      expect((yield* readAll(yield* serve(app))).text).toContain("One")
      expect(logged).toContain("text/event-stream")
      expect(logged).not.toContain("One")
    }).pipe(withSimulator())
  )

  it.scopedLive("has the status and the retry delay of a rate limit", () =>
    Effect.gen(function* () {
      const url = yield* serve(respondWithEvents(chatStream))
      const response = yield* Effect.promise(() => fetch(url, post))
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "20"])
      yield* Effect.promise(() => response.body?.cancel() ?? Promise.resolve())
      const { error } = yield* readAll(url)
      expect(error).toBeInstanceOf(ChatStreamError)
      expect(error).toMatchObject({ _tag: "RateLimitError", reason: "RateLimit", retryAfter: 20_000, status: 429 })
    }).pipe(withSimulator(() => ({ error: { kind: "rateLimit", retryAfter: "20 seconds" } })))
  )

  it.scopedLive("fails at the client, after the chunks that arrived, if the provider truncates it", () =>
    Effect.gen(function* () {
      const url = yield* serve(respondWithEvents(chatStream))
      const { text, error } = yield* readAll(url)
      expect(text).toBe("One, two")
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
      expect((error as Error).message).toContain("openai/gpt-4o-mini")
    }).pipe(withSimulator([{ fault: { type: "reset", afterChunks: 3 } }]))
  )
})

describe("a client that disconnects", () => {
  it.scopedLive.each(Object.keys(servers) as ReadonlyArray<keyof typeof servers>)(
    "during the response closes the provider's socket, behind %s",
    (how) =>
      Effect.gen(function* () {
        const url = yield* serve(respondWithEvents(chatStream), how)
        yield* Effect.promise(async () => {
          for await (const { content } of fetchChunks(url, post)) if (content !== "") break
        })
        expect(yield* closed).toMatchObject({ chunks: 3, closedBy: "caller" })
      }).pipe(withSimulator([{ fault: { type: "stall", afterChunks: 3 } }]))
  )

  it.scopedLive.each(Object.keys(servers) as ReadonlyArray<keyof typeof servers>)(
    "before the first chunk closes the provider's socket, behind %s",
    (how) =>
      Effect.gen(function* () {
        const requested = yield* Deferred.make<void>()
        const script = (): SimulatedReply => {
          Deferred.unsafeDone(requested, Effect.void)
          return { fault: { type: "slowHeaders", delay: "1 minute" } }
        }
        yield* Effect.gen(function* () {
          const url = yield* serve(respondWithEvents(chatStream), how)
          const controller = new AbortController()
          const reading = readUntil(url, controller.signal)
          yield* Deferred.await(requested)
          controller.abort()
          expect(yield* Effect.promise(() => reading)).toBe("AbortError")
          expect(yield* closed).toMatchObject({ bytes: 0, closedBy: "caller" })
        }).pipe(withSimulator(script))
      })
  )

  it.scopedLive("closes the provider's socket behind a web request handler", () =>
    Effect.gen(function* () {
      const runtime = yield* Effect.runtime<LLMClient>()
      const handler = HttpApp.toWebHandlerRuntime(runtime)(respondWithEvents(chatStream))
      yield* Effect.promise(async () => {
        const response = await handler(new Request("http://localhost/", post))
        for await (const { content } of readChunks(response)) if (content !== "") break
      })
      expect(yield* closed).toMatchObject({ chunks: 3, closedBy: "caller" })
    }).pipe(withSimulator([{ fault: { type: "stall", afterChunks: 3 } }]))
  )

  const readUntil = async (url: string, signal: AbortSignal): Promise<string> => {
    try {
      for await (const _ of fetchChunks(url, { ...post, signal }));
      return "complete"
    } catch (error) {
      return error instanceof Error ? error.name : "?"
    }
  }
})

describe("a client that reads slowly", () => {
  it.scopedLive(
    "applies backpressure, so that unread data stays small",
    () =>
      Effect.gen(function* () {
        const [size, count, mebibyte] = [256 * 1024, 192, 1024 * 1024]
        const content = "x".repeat(size)
        let produced = 0
        const endless = Stream.repeatEffect(
          Effect.sync(() => {
            produced += size
            return StreamChunk.make({ content })
          })
        ).pipe(Stream.take(count))
        const url = yield* serve(respondWithEvents(endless))
        const largest = yield* Effect.promise(async () => {
          let [read, largest] = [0, 0]
          for await (const { content } of fetchChunks(url, post)) {
            read += content.length
            largest = Math.max(largest, produced - read)
          }
          return read === size * count ? largest : Number.NaN
        })
        // Socket buffers hold some of the data; without backpressure it would be nearly all of the 48 MiB.
        expect(largest).toBeLessThan(24 * mebibyte)
      }).pipe(withSimulator()),
    120_000
  )
})
