/** Runs over real HTTP: sockets that break, tabs that stop, owners that must not meet. */
import type { Socket } from "node:net"
import {
  FetchHttpClient,
  HttpClient,
  HttpClientRequest,
  HttpRouter,
  HttpServer,
  HttpServerResponse
} from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { LLMClient } from "llm-connectivity"
import { type ChatStreamError, newRunId, type RunInit, readRun, startRun, stopRun } from "llm-connectivity/browser"
import { RunError, RunStore, Runs } from "llm-connectivity/runs"
import { readRunEvents, runRoutes } from "llm-connectivity/server"
import { type SimulatedScript, Simulator } from "llm-connectivity/testing"
import { closingServer } from "../support/closingServer.js"

const sockets = new Set<Socket>()

/** Destroys all sockets, and says how many. */
const cutAll = (): number => {
  const { size } = sockets
  for (const socket of sockets) socket.destroy()
  return size
}

const routes = runRoutes({
  authorize: ({ headers }) =>
    headers["x-user"] === undefined
      ? Effect.fail(HttpServerResponse.empty({ status: 401 }))
      : Effect.succeed(headers["x-user"]),
  request: Schema.Struct({ question: Schema.String }),
  answer: ({ question }) => LLMClient.chatStream({ messages: [{ role: "user", content: question }] }, { policies: [] }),
  maxRequestSize: 1000
})

/** Serves the routes in front of a Simulator; gives their URL. */
const served = Effect.gen(function* () {
  yield* HttpServer.serveEffect(HttpRouter.empty.pipe(HttpRouter.concat(routes)))
  return yield* HttpServer.addressWith((address) =>
    Effect.succeed(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}/runs` : address.path)
  )
})

const withServer = (script: SimulatedScript = [], pace = 0, store = RunStore.memory) => {
  const server = NodeHttpServer.layer(
    () =>
      closingServer().on("connection", (socket: Socket) => {
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
      }),
    { port: 0, host: "127.0.0.1" }
  )
  return Effect.provide(
    Layer.mergeAll(server, Layer.provide(Runs.layer({ grace: 0 }), store)).pipe(
      Layer.provideMerge(LLMClient.layer({ model: "anthropic/claude-sonnet-4-5" })),
      Layer.provideMerge(Simulator.layerConfig({ pace, script })),
      Layer.provide(FetchHttpClient.layer)
    )
  )
}

const headers = { "x-user": "ada", "content-type": "application/json" }
const body = JSON.stringify({ question: "Count to 5 with words" })
const init: RunInit = { headers, body, retryDelay: 4 }

interface Reading {
  readonly text: string
  readonly error: ChatStreamError | undefined
}

const read = async (
  chunks: AsyncIterable<{ readonly content: string }>,
  onChunk?: (text: string) => void
): Promise<Reading> => {
  let text = ""
  try {
    for await (const { content } of chunks) {
      text += content
      onChunk?.(text)
    }
    return { text, error: undefined }
  } catch (error) {
    return { text, error: error as ChatStreamError }
  }
}

const numbers = Array.from({ length: 400 }, (_, index) => `${index} `)

describe("runs over HTTP", () => {
  it.scopedLive(
    "are read without a gap or a repetition over 200 sockets that are destroyed",
    () =>
      Effect.gen(function* () {
        const url = yield* served
        let cuts = 0
        const cutting = (text: string) => {
          // Each page loses its connection after every twentieth word.
          if (text.split(" ").length % 20 === 0 && cuts++ < 240) setTimeout(cutAll, 0)
        }
        const pages = Array.from({ length: 10 }, () => read(startRun(`${url}/${newRunId()}`, init), cutting))
        const results = yield* Effect.promise(() => Promise.all(pages))
        for (const { text, error } of results) expect([error?.message, text]).toEqual([undefined, numbers.join("")])
        expect(cuts).toBeGreaterThanOrEqual(200)
        expect(yield* Simulator.requests).toHaveLength(10)
      }).pipe(withServer(() => ({ chunks: numbers, pace: 3 }))),
    120_000
  )

  it.scopedLive("are found again by their id after a reload, and in a second tab", () =>
    Effect.gen(function* () {
      const url = `${yield* served}/${newRunId()}`
      yield* Effect.promise(async () => {
        for await (const { content } of startRun(url, init)) if (content !== "") break
        const tabs = await Promise.all([read(readRun(url, { headers })), read(readRun(url, { headers }))])
        expect(tabs.map(({ text }) => text)).toEqual(Array(2).fill("One, two, three, four, five."))
      })
      expect(yield* Simulator.requests).toHaveLength(1)
    }).pipe(withServer([], 5))
  )

  it.scopedLive("are found by a reader who comes before the request that starts them", () =>
    Effect.gen(function* () {
      const url = `${yield* served}/${newRunId()}`
      yield* Effect.promise(async () => {
        const early = read(readRun(url, { headers, retryDelay: 40 }))
        await new Promise((resolve) => setTimeout(resolve, 50))
        const starting = read(startRun(url, init))
        expect((await early).text).toBe("One, two, three, four, five.")
        await starting
        const missing = await read(readRun(`${url}0`, { headers, retryDelay: 4 }))
        expect(missing.error).toMatchObject({ _tag: "RunError", reason: "NotFound" })
      })
      expect(yield* Simulator.requests).toHaveLength(1)
    }).pipe(withServer())
  )

  it.scopedLive("are stopped by any tab at once, and keep the partial answer and its usage", () =>
    Effect.gen(function* () {
      const url = `${yield* served}/${newRunId()}`
      let onBegun = (_: string) => {}
      const writing = new Promise<string>((resolve) => {
        onBegun = resolve
      })
      const starting = read(startRun(url, init), (text) => text !== "" && onBegun(text))
      yield* Effect.promise(() => writing)
      const [request] = yield* Simulator.requests
      const begun = performance.now()
      yield* Effect.promise(() => stopRun(url, { headers }))
      expect(yield* request?.closed ?? Effect.die("no request")).toMatchObject({ closedBy: "caller" })
      // Five times the promise, for machines with other work.
      expect(performance.now() - begun).toBeLessThan(500)
      const { text, error } = yield* Effect.promise(() => starting)
      expect(text).toContain("One")
      expect(error).toMatchObject({ _tag: "RunError", reason: "Stopped", retryable: false })
      expect(yield* Effect.promise(() => read(readRun(url, { headers })))).toMatchObject({
        text,
        error: { reason: "Stopped" }
      })
      const status = yield* Effect.promise(async () => (await fetch(`${url}/status`, { headers })).json())
      expect(status).toMatchObject({ state: "stopped", usage: { inputTokens: expect.any(Number) } })
    }).pipe(withServer([{ fault: { type: "stall", afterChunks: 3 } }]))
  )

  it.scopedLive("of another owner are not found, as unknown ones are not, on every route", () =>
    Effect.gen(function* () {
      const url = yield* served
      const id = newRunId()
      yield* Effect.promise(async () => {
        await read(startRun(`${url}/${id}`, init))
        const attempt = async (id: string) => {
          const eve = { headers: { ...headers, "x-user": "eve" } }
          const responses = [
            await fetch(`${url}/${id}`, eve),
            await fetch(`${url}/${id}/status`, eve),
            await fetch(`${url}/${id}/stop`, { ...eve, method: "POST", body: "{}" })
          ]
          return Promise.all(responses.map(async (response) => [response.status, await response.text()] as const))
        }
        const foreign = await attempt(id)
        expect(foreign.map(([status]) => status)).toEqual([404, 404, 404])
        expect(foreign).toEqual(await attempt(newRunId()))
        const [mine, others] = await Promise.all(
          ["ada", "eve"].map(async (user) => (await fetch(url, { headers: { "x-user": user } })).json())
        )
        expect(mine).toMatchObject([{ id, state: "complete" }])
        expect(others).toEqual([])
        expect((await fetch(url)).status).toBe(401)
        expect((await fetch(`${url}/${newRunId()}`, { method: "POST", body })).status).toBe(401)
      })
    }).pipe(withServer())
  )

  it.scopedLive("refuse a used id for another question, and questions that are wrong or too large", () =>
    Effect.gen(function* () {
      const url = yield* served
      yield* Effect.promise(async () => {
        const id = newRunId()
        await read(startRun(`${url}/${id}`, init))
        const statusOf = async (id: string, question: unknown) =>
          (await fetch(`${url}/${id}`, { method: "POST", headers, body: JSON.stringify({ question }) })).status
        expect(await statusOf(id, "Count to 5 with words")).toBe(200)
        expect(await statusOf(id, "Another")).toBe(409)
        expect(await statusOf(newRunId(), 5)).toBe(400)
        expect(await statusOf(newRunId(), "x".repeat(2000))).toBe(400)
        expect(await statusOf("a%20b", "Hi")).toBe(400)
      })
      expect(yield* Simulator.requests).toHaveLength(1)
    }).pipe(withServer())
  )

  it.scopedLive("are refused to an owner who has too many, before the provider is asked", () =>
    Effect.gen(function* () {
      const url = yield* served
      yield* Effect.promise(async () => {
        expect((await read(startRun(`${url}/${newRunId()}`, init))).error).toBeUndefined()
        const { error } = await read(startRun(`${url}/${newRunId()}`, init))
        expect(error).toMatchObject({ _tag: "RunError", reason: "TooMany" })
        expect((await fetch(`${url}/${newRunId()}`, { method: "POST", headers, body })).status).toBe(429)
      })
      expect(yield* Simulator.requests).toHaveLength(1)
    }).pipe(withServer([], 0, Layer.orDie(RunStore.memoryWith({ maxRunsPerOwner: 1 }))))
  )

  it.scopedLive("tell the page how the provider failed, once, and on every read", () =>
    Effect.gen(function* () {
      const url = `${yield* served}/${newRunId()}`
      yield* Effect.promise(async () => {
        const expected = { _tag: "RateLimitError", reason: "RateLimit", retryAfter: 20_000 }
        expect((await read(startRun(url, init))).error).toMatchObject(expected)
        expect((await read(readRun(url, { headers }))).error).toMatchObject(expected)
      })
      expect(yield* Simulator.requests).toHaveLength(1)
    }).pipe(withServer([{ error: { kind: "rateLimit", retryAfter: "20 seconds" } }]))
  )

  it.scopedLive("are read by another service, with how they ended as typed errors", () =>
    Effect.gen(function* () {
      const url = yield* served
      const reading = (id: string) => {
        const request = HttpClientRequest.get(`${url}/${id}`, { headers })
        return Stream.unwrap(Effect.map(HttpClient.execute(request), readRunEvents))
      }
      const [complete, stopped] = [newRunId(), newRunId()]
      yield* Effect.promise(() => read(startRun(`${url}/${complete}`, init)))
      const chunks = yield* Stream.runCollect(reading(complete))
      expect(Array.from(chunks, ({ content }) => content).join("")).toBe("One, two, three, four, five.")
      yield* Effect.promise(async () => {
        for await (const { content } of startRun(`${url}/${stopped}`, init)) if (content !== "") break
        await stopRun(`${url}/${stopped}`, { headers })
      })
      expect(yield* Effect.flip(Stream.runDrain(reading(stopped)))).toEqual(
        new RunError({ reason: "Stopped", message: "the run was stopped" })
      )
      expect(yield* Effect.flip(Stream.runDrain(reading(newRunId())))).toMatchObject({
        _tag: "RunError",
        reason: "NotFound"
      })
    }).pipe(Effect.provide(FetchHttpClient.layer), withServer([{}, { fault: { type: "stall", afterChunks: 3 } }]))
  )
})
