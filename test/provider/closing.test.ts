/** The client closes the provider's socket immediately when the consumer stops reading. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { LLMClient } from "llm-connectivity"
import { times } from "../resilience/everyClient.js"
import { atAnySpeed, percentile, slack } from "../support/atAnySpeed.js"
import { clients } from "../support/contract.js"
import { clientOf, hello, say } from "../support/openai.js"
import { report } from "../support/report.js"
import { serve, sse } from "../support/server.js"

/** A server that sends one word, then nothing, and reports when the client has closed the socket. */
const silent = Effect.gen(function* () {
  const closed: Array<Deferred.Deferred<number>> = []
  const server = yield* serve((response, _, index) => {
    const isClosed = closed[index]
    if (isClosed !== undefined)
      response.on("close", () => Deferred.unsafeDone(isClosed, Effect.succeed(performance.now())))
    sse(response, say("word"))
  })
  return { server, expectRequest: Effect.tap(Deferred.make<number>(), (each) => closed.push(each)) }
})

describe.each(Object.entries(clients))("the %s client closes the socket", (name, http) => {
  it.live(
    "within 50 ms of each interruption",
    () =>
      Effect.gen(function* () {
        const { server, expectRequest } = yield* silent
        const millis: Array<number> = []
        const once = Effect.gen(function* () {
          const closed = yield* expectRequest
          const started = yield* Deferred.make<void>()
          const fiber = yield* LLMClient.chatStream(hello).pipe(
            Stream.runForEach(() => Deferred.succeed(started, undefined)),
            Effect.fork
          )
          yield* Deferred.await(started)
          const at = performance.now()
          yield* Fiber.interrupt(fiber)
          millis.push((yield* Deferred.await(closed)) - at)
        })
        yield* Effect.provide(Effect.repeatN(once, times(50, 200) - 1), clientOf(server.url, {}, http))
        report(`the slowest of ${millis.length} sockets that ${name} closes, ms of 50`, Math.max(...millis))
        // A busy machine delays a few; a socket that stays open ends the test.
        expect(percentile(millis, 0.95)).toBeLessThan(50 * slack)
      }).pipe(Effect.scoped),
    // A busy machine causes occasional delays; a leaked socket would fail every attempt.
    { retry: 3 }
  )

  it.live("after take, a failing consumer, a consumer's timeout and an interruption", () =>
    atAnySpeed(
      Effect.fnUntraced(function* (factor) {
        const { server, expectRequest } = yield* silent
        const stream = LLMClient.chatStream(hello)
        const ways: ReadonlyArray<Effect.Effect<unknown, unknown, LLMClient>> = [
          Stream.runDrain(Stream.take(stream, 1)),
          Stream.runForEach(stream, () => Effect.fail("enough")),
          Stream.runForEach(stream, () => Effect.die("defect")),
          // Long enough for the request to reach the server.
          Effect.timeout(Stream.runDrain(stream), 20 * factor),
          Effect.race(Stream.runDrain(stream), Effect.sleep(20 * factor))
        ]
        for (const way of ways) {
          const closed = yield* expectRequest
          yield* Effect.exit(Effect.provide(way, clientOf(server.url, {}, http)))
          yield* Effect.timeoutFail(Deferred.await(closed), { duration: 2000 * factor, onTimeout: () => "left open" })
        }
        expect(server.requests).toHaveLength(ways.length)
      }, Effect.scoped)
    )
  )
})
