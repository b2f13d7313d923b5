/** The JSON of a request over real sockets and in web requests: within bounds of size, time and depth. */
import { createServer } from "node:http"
import { connect } from "node:net"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, Fiber, TestClock } from "effect"
import { type BodyProblem, readJson } from "../../src/server/readJson.js"

const maxSize = 1000

type Result = Either.Either<unknown, BodyProblem>

const server = NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })

/** Serves `readJson`; gives the port, and what the first request was read as. */
const serving = Effect.gen(function* () {
  const result = yield* Deferred.make<Result>()
  const app = Effect.flatMap(Effect.either(readJson(maxSize)), (read) =>
    Effect.as(Deferred.succeed(result, read), HttpServerResponse.empty())
  )
  yield* HttpServer.serveEffect(app)
  const port = yield* HttpServer.addressWith((address) =>
    Effect.succeed(address._tag === "TcpAddress" ? address.port : 0)
  )
  return { port, result: Deferred.await(result) }
})

/** Sends a request as it is written. */
const send = (port: number, ...parts: ReadonlyArray<string>) => {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  for (const part of parts) socket.write(part)
  return socket
}

const chunked = "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"

const chunkOf = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

const ofWeb = (body: BodyInit | null) =>
  Effect.provideService(
    Effect.either(readJson(maxSize)),
    HttpServerRequest.HttpServerRequest,
    HttpServerRequest.fromWeb(new Request("http://localhost/", { method: "POST", body }))
  )

describe("the JSON of a request on Node's server", () => {
  it.scopedLive("is read whole where characters arrive in pieces", () =>
    Effect.gen(function* () {
      const { port, result } = yield* serving
      const bytes = Buffer.from(JSON.stringify({ text: "é€😀" }))
      const socket = send(port, chunked)
      for (const byte of bytes) {
        socket.write("1\r\n")
        socket.write(Buffer.from([byte]))
        socket.write("\r\n")
      }
      socket.write("0\r\n\r\n")
      expect(yield* result).toEqual(Either.right({ text: "é€😀" }))
      socket.destroy()
    }).pipe(Effect.provide(server))
  )

  it.scopedLive("is read no further than its limit, and then the connection is closed", () =>
    Effect.gen(function* () {
      const { port, result } = yield* serving
      const socket = send(port, chunked, chunkOf("x".repeat(maxSize + 1)))
      const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()))
      expect(yield* result).toEqual(Either.left("tooLarge"))
      yield* Effect.promise(() => closed)
    }).pipe(Effect.provide(server))
  )

  it.scopedLive("is not waited for where its length says that it is too large", () =>
    Effect.gen(function* () {
      const { port, result } = yield* serving
      const socket = send(port, "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5000\r\n\r\n")
      expect(yield* result).toEqual(Either.left("tooLarge"))
      socket.destroy()
    }).pipe(Effect.provide(server))
  )
})

describe("the JSON of a web request", () => {
  it.effect("is its value, or the reason why it cannot be read", () =>
    Effect.gen(function* () {
      const deep = "[".repeat(300) + "]".repeat(300)
      const cases: ReadonlyArray<readonly [BodyInit | null, Result]> = [
        ['{"a":[1]}', Either.right({ a: [1] })],
        ['"text"', Either.right("text")],
        ["{", Either.left("notJson")],
        [deep, Either.left("notJson")],
        [null, Either.left("notJson")],
        ["x".repeat(maxSize + 1), Either.left("tooLarge")]
      ]
      for (const [body, expected] of cases) expect(yield* ofWeb(body)).toEqual(expected)
    })
  )

  const handlings: ReadonlyArray<
    readonly [string, <A, E, R>(handling: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>]
  > = [
    ["a router", Effect.interruptible],
    ["a server without a router", Effect.uninterruptible]
  ]

  it.effect.each(handlings)("has 30 seconds to arrive in %s", ([, handled]) =>
    Effect.gen(function* () {
      const request = new Request("http://localhost/", {
        method: "POST",
        body: new ReadableStream(),
        duplex: "half"
      } as RequestInit)
      const reading = yield* Effect.fork(
        Effect.provideService(
          handled(Effect.either(readJson(maxSize))),
          HttpServerRequest.HttpServerRequest,
          HttpServerRequest.fromWeb(request)
        )
      )
      yield* TestClock.adjust("29 seconds")
      expect(yield* Fiber.poll(reading)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(reading)).toEqual(Either.left("tooSlow"))
    })
  )
})
