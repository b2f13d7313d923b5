/** What only the direct client promises. The tables of the other clients prove that it keeps their promises. */
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, connect, type Socket } from "node:net"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { NodeHttpClient, Undici } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { collect, LLMClient } from "llm-connectivity"
import { DirectHttpClient } from "llm-connectivity/node"
import { clientOf, done, finish, hello, say } from "../../support/openai.js"
import { type Handler, json, serve, sse } from "../../support/server.js"

const answers: Handler = (response) => sse(response, say("hi"), finish()).end(done)

const chat = collect(LLMClient.chatStream(hello))

/** The direct client over a dispatcher. */
const over = (dispatcher: Undici.Dispatcher) =>
  DirectHttpClient.layerWithoutDispatcher.pipe(Layer.provide(Layer.succeed(NodeHttpClient.Dispatcher, dispatcher)))

/** An agent that notes the options and the handler of each request. */
const noting = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => new Undici.Agent()),
    (agent) => Effect.promise(() => agent.destroy())
  ),
  (agent) => {
    const seen: Array<{ readonly options: Undici.Dispatcher.DispatchOptions; readonly isDirect: boolean }> = []
    const dispatcher = agent.compose((dispatch) => (options, handler) => {
      // The platform's client sends by `dispatcher.request`, whose handler makes a stream.
      seen.push({ options, isDirect: handler.constructor.name === "Exchange" })
      return dispatch(options, handler)
    })
    return { dispatcher, seen }
  }
)

const listening = (server: Server) =>
  Effect.acquireRelease(
    Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
    () =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(Effect.map(() => (server.address() as AddressInfo).port))

describe("the direct client", () => {
  it.scopedLive("fails with a NetworkError when its dispatcher throws", () =>
    Effect.gen(function* () {
      const { dispatcher } = yield* noting
      const throwing = dispatcher.compose(() => () => {
        throw new Error("no proxy today")
      })
      const error = yield* Effect.flip(Effect.provide(chat, clientOf("http://127.0.0.1:1", {}, over(throwing))))
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Connection" })
    })
  )

  it.scopedLive("sends without the platform's streams, unless a program has made another client from it", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      const { dispatcher, seen } = yield* noting
      yield* Effect.provide(chat, clientOf(server.url, {}, over(dispatcher)))
      const mapped = Layer.effect(
        HttpClient.HttpClient,
        Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.setHeader("x-mapped", "yes")))
      )
      yield* Effect.provide(chat, clientOf(server.url, {}, Layer.provide(mapped, over(dispatcher))))
      expect(seen.map(({ isDirect }) => isDirect)).toEqual([true, false])
      expect(server.requests.map(({ headers }) => headers["x-mapped"])).toEqual([undefined, "yes"])
    })
  )

  it.scopedLive("leaves the platform's own client as it is, in a program that uses both", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      const { dispatcher, seen } = yield* noting
      const provided = Layer.succeed(NodeHttpClient.Dispatcher, dispatcher)
      const platform = NodeHttpClient.layerUndiciWithoutDispatcher.pipe(Layer.provide(provided))
      const both = Layer.merge(
        Layer.effectDiscard(Effect.provide(chat, clientOf(server.url, {}, platform))),
        Layer.effectDiscard(Effect.provide(chat, clientOf(server.url, {}, over(dispatcher))))
      )
      yield* Layer.build(both)
      expect(seen.map(({ isDirect }) => isDirect).sort()).toEqual([false, true])
    })
  )

  it.scopedLive("sends requests of other code as the platform's client does", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, { body }) => json(response, 200, { got: body }))
      const response = yield* HttpClientRequest.post(server.url).pipe(
        HttpClientRequest.bodyText("text"),
        HttpClient.execute,
        Effect.flatMap(({ json }) => json),
        Effect.provide(DirectHttpClient.layer)
      )
      expect(response).toEqual({ got: "text" })
    })
  )

  it.scopedLive("follows the UndiciRequestOptions of the layer, and of a call before those", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      const { dispatcher, seen } = yield* noting
      const options = (typeOfService: number) =>
        // The platform's tag takes the options of a whole request.
        NodeHttpClient.UndiciRequestOptions.of({ typeOfService } as Undici.Dispatcher.RequestOptions)
      const http = over(dispatcher).pipe(Layer.provide(Layer.succeed(NodeHttpClient.UndiciRequestOptions, options(8))))
      const inCall = Effect.provideService(chat, NodeHttpClient.UndiciRequestOptions, options(16))
      yield* Effect.provide(Effect.zipRight(chat, inCall), clientOf(server.url, {}, http))
      expect(seen.map(({ options }) => options.typeOfService)).toEqual([8, 16])
      expect(seen.map(({ options }) => options.path)).toEqual(["/v1/chat/completions", "/v1/chat/completions"])
    })
  )

  it.scopedLive("goes through the proxy of the dispatcher in context", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      const tunnels: Array<string | undefined> = []
      const proxy = createServer().on("connect", ({ url }, socket: Socket) => {
        tunnels.push(url)
        const [host = "", port = ""] = (url ?? "").split(":")
        const upstream = connect(Number(port), host, () => {
          socket.write("HTTP/1.1 200 OK\r\n\r\n")
          socket.pipe(upstream).pipe(socket)
        })
        for (const each of [socket, upstream]) each.on("error", () => {}).on("close", () => upstream.destroy())
      })
      const agent = new Undici.ProxyAgent(`http://127.0.0.1:${yield* listening(proxy)}`)
      yield* Effect.addFinalizer(() => Effect.promise(() => agent.destroy()))
      const { content } = yield* Effect.provide(chat, clientOf(server.url, {}, over(agent)))
      expect(content).toBe("hi")
      expect(tunnels).toEqual([new URL(server.url).host])
    })
  )

  it.scopedLive("uses the TLS settings of the dispatcher in context, and fails where TLS does", () =>
    Effect.gen(function* () {
      // A key that both sides know needs no certificate.
      const psk = Buffer.from("0123456789abcdef")
      const tls = { ciphers: "PSK-AES128-GCM-SHA256", maxVersion: "TLSv1.2" } as const
      const server = createTlsServer({ ...tls, pskCallback: () => psk }, (_, response) => {
        sse(response, say("hi"), finish()).end(done)
      })
      const url = `https://127.0.0.1:${yield* listening(server as unknown as Server)}`
      const pskCallback = () => ({ psk, identity: "client" })
      const agent = new Undici.Agent({ connect: { ...tls, pskCallback, checkServerIdentity: () => undefined } })
      yield* Effect.addFinalizer(() => Effect.promise(() => agent.destroy()))
      expect(yield* Effect.provide(chat, clientOf(url, {}, over(agent)))).toMatchObject({ content: "hi" })
      const error = yield* Effect.flip(Effect.provide(chat, clientOf(url, {}, DirectHttpClient.layer)))
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Connection" })
      expect(error.message).toMatch(/could not be reached \(ERR_SSL|could not be reached \(E/)
    })
  )

  it.scopedLive("gives several values of a header as one, and skips informational responses", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => {
        response.writeEarlyHints({ link: "</a>; rel=preload" })
        response.writeHead(429, { "X-Request-Id": ["req_1", "req_2"], "Retry-After": "7" }).end("{}")
      })
      const error = yield* Effect.flip(Effect.provide(chat, clientOf(server.url, {}, DirectHttpClient.layer)))
      expect(error).toMatchObject({ _tag: "RateLimitError", requestId: "req_1, req_2" })
    })
  )

  it.scopedLive("sends nothing of a call that is interrupted while it connects, nor keeps it waiting", () =>
    Effect.gen(function* () {
      const server = yield* serve(answers)
      const connecting = yield* Deferred.make<() => void>()
      const agent = new Undici.Agent({
        connect: (options, callback) => {
          Deferred.unsafeDone(
            connecting,
            Effect.succeed(() => Undici.buildConnector({})(options, callback))
          )
        }
      })
      yield* Effect.addFinalizer(() => Effect.promise(() => agent.destroy()))
      const calling = yield* Effect.fork(Effect.provide(chat, clientOf(server.url, {}, over(agent))))
      const goOn = yield* Deferred.await(connecting)
      yield* Fiber.interrupt(calling)
      goOn()
      yield* Effect.sleep("50 millis")
      expect(server.requests).toEqual([])
    })
  )

  it.scopedLive("reads a body of 40 MiB, and closes the connections of its layer with it", () =>
    Effect.gen(function* () {
      const content = "ü".repeat(20 * 1024 * 1024)
      const server = yield* serve((response) =>
        json(response, 200, { choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] })
      )
      const response = yield* Effect.provide(LLMClient.chat(hello), clientOf(server.url, {}, DirectHttpClient.layer))
      expect(response.content === content).toBe(true)
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => server.sockets.size === 0 })
    })
  )
})
