/** A hedge on real sockets: the slower request is closed as soon as the other one has shown output. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Stream } from "effect"
import { LLMClient, Policy } from "llm-connectivity"
import { percentile, slack } from "../../support/atAnySpeed.js"
import { clients } from "../../support/contract.js"
import { clientOf, done, finish, hello, say } from "../../support/openai.js"
import { report } from "../../support/report.js"
import { serve, sse } from "../../support/server.js"

const hedge = Policy.hedge({ after: "10 millis", atMost: 1 })

describe.each(Object.entries(clients))("with the %s client, a hedge", (name, http) => {
  it.live(
    "closes the socket of the slower request within 50 ms of the other's output, with headers or without",
    () =>
      Effect.gen(function* () {
        const closed: Array<Deferred.Deferred<number>> = []
        const server = yield* serve((response, _, index) => {
          const isClosed = closed[index / 2]
          if (isClosed === undefined) return sse(response, say("fast"), finish()).end(done)
          response.on("close", () => Deferred.unsafeDone(isClosed, Effect.succeed(performance.now())))
          if (index % 4 === 0) sse(response, ": nothing yet\n\n")
        })
        const once = Effect.gen(function* () {
          const slower = yield* Deferred.make<number>()
          closed.push(slower)
          let shownAt = 0
          const text = yield* LLMClient.chatStream(hello).pipe(
            Stream.tap(() => Effect.sync(() => (shownAt ||= performance.now()))),
            Stream.map(({ content }) => content),
            Stream.mkString
          )
          expect(text).toBe("fast")
          return (yield* Deferred.await(slower)) - shownAt
        })
        const client = clientOf(server.url, { policies: [yield* hedge] }, http)
        const millis = yield* Effect.provide(Effect.replicateEffect(once, 30), client)
        expect(server.requests).toHaveLength(60)
        report(`the slowest of 30 requests that a hedge over ${name} closes, ms of 50`, Math.max(...millis))
        // A busy machine delays a few; a socket that stays open ends the test.
        expect(percentile(millis, 0.95)).toBeLessThan(50 * slack)
      }).pipe(Effect.scoped),
    // A busy machine causes occasional delays; a leaked socket would fail every attempt.
    { retry: 3 }
  )
})
