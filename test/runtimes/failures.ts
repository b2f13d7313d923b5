/** What goes wrong on the way, and what a program then gets, wherever it runs. */
import { Deferred, Duration, Effect, Fiber, Schedule, Stream } from "effect"
import { collect, LLMClient, LLMError, Policy } from "llm-connectivity"
import { answer, type Check, failureOf, on, onEach, openai, pick, same, sampleRequest } from "./Check.js"
import type { Opened, SentOptions } from "./Simulation.js"

const streaming = collect(LLMClient.chatStream(sampleRequest))

type Reply = NonNullable<SentOptions["script"]>[number]

// Slowly, so that the beginning has been read by then: a reset takes with it what lies unread, and a browser itself asks
// again where it has read nothing.
const slowlyReset = (afterChunks: number): Reply => ({ pace: "100 millis", fault: { type: "reset", afterChunks } })

const cut = (how: string, reply: Reply): Check => ({
  title: `fails with NetworkError (Truncated) when the stream ${how}, and keeps what came`,
  run: () =>
    onEach({ script: [reply] }, (protocol, opened) =>
      Effect.gen(function* () {
        const error = yield* failureOf(Effect.provide(streaming, protocol.client(opened)), opened)
        yield* same("the failure", pick(error, "_tag", "reason"), ["NetworkError", "Truncated"])
        const came = LLMError.partial(error)?.content ?? ""
        yield* same("whether what came is kept", (came !== "" && "One, two".startsWith(came)) || came, true)
      })
    )
})

const inside: Check = {
  title: "fails with the provider's error when it comes inside a 200",
  run: () =>
    onEach({ script: [{ fault: { type: "errorEvent", afterChunks: 3 } }] }, (protocol, opened) =>
      Effect.flatMap(failureOf(Effect.provide(streaming, protocol.client(opened)), opened), (error) =>
        same("the failure", pick(error, "_tag", "reason"), ["RateLimitError", "Overloaded"])
      )
    )
}

const limited: Check = {
  title: "fails with RateLimitError after a 429, and tells how long to wait",
  run: () =>
    onEach({ script: [{ status: 429, headers: { "retry-after": "20" } }] }, (protocol, opened) =>
      Effect.gen(function* () {
        const error = yield* failureOf(Effect.provide(streaming, protocol.client(opened)), opened)
        yield* same("the failure", pick(error, "_tag", "reason", "status"), ["RateLimitError", "RateLimit", 429])
        const seconds = error._tag === "RateLimitError" && error.retryAfter && Duration.toSeconds(error.retryAfter)
        yield* same("the wait", seconds, 20)
      })
    )
}

const statuses: Check = {
  title: "names a wrong key, an unknown model and an unreachable host",
  run: () =>
    on({}, (opened) =>
      Effect.gen(function* () {
        const tagOf = (address: Opened, model?: string) =>
          LLMClient.chat({ ...sampleRequest, model }).pipe(
            Effect.provide(openai.client(address)),
            (program) => failureOf(program, address),
            Effect.map((error) => pick(error, "_tag", "reason"))
          )
        const nobody = { ...opened.baseUrls, openai: "http://127.0.0.1:9/v1" }
        yield* same("a wrong key", yield* tagOf({ ...opened, apiKey: "wrong-key" }), ["AuthenticationError", null])
        yield* same("a model", yield* tagOf(opened, "unknown-1"), ["ModelNotFoundError", null])
        yield* same("a host", yield* tagOf({ ...opened, baseUrls: nobody }), ["NetworkError", "Connection"])
      })
    )
}

const often = Schedule.recurs(3)
const policy = Policy.retry({ network: often, rateLimit: often })

const before: Check = {
  title: "tries again before the first content",
  run: () =>
    onEach({ script: [{ status: 503 }, { fault: { type: "resetBeforeHeaders" } }] }, (protocol, opened) =>
      Effect.gen(function* () {
        const { content } = yield* Effect.provide(streaming, protocol.client(opened, { policies: [policy] }))
        yield* same("the text", content, answer)
        yield* same("the number of requests", (yield* opened.requests).length, 3)
      })
    )
}

const after: Check = {
  title: "never tries again after it",
  run: () =>
    onEach({ script: [slowlyReset(2)] }, (protocol, opened) =>
      Effect.gen(function* () {
        yield* failureOf(Effect.provide(streaming, protocol.client(opened, { policies: [policy] })), opened)
        yield* same("the number of requests", (yield* opened.requests).length, 1)
      })
    )
}

const closers = (opened: Opened) => Effect.map(opened.requests, (requests) => requests.map(({ closedBy }) => closedBy))

const taken: Check = {
  title: "closes the connection of a stream of which enough was taken",
  run: () =>
    onEach({ script: [{ fault: { type: "stall", afterChunks: 3 } }] }, (protocol, opened) =>
      Effect.gen(function* () {
        yield* Stream.runDrain(Stream.take(LLMClient.chatStream(sampleRequest), 1)).pipe(
          Effect.provide(protocol.client(opened))
        )
        yield* same("who closed", yield* closers(opened), ["caller"])
      })
    )
}

const interrupted: Check = {
  title: "closes the connection of an interrupted call, in the middle of the answer and before its headers",
  run: () =>
    Effect.zipRight(
      on({ script: [{ fault: { type: "stall", afterChunks: 3 } }] }, (opened) =>
        Effect.gen(function* () {
          const hasBegun = yield* Deferred.make<void>()
          const begin = () => Deferred.succeed(hasBegun, undefined)
          const reading = Stream.runForEach(LLMClient.chatStream(sampleRequest), begin)
          const fiber = yield* Effect.fork(Effect.provide(reading, openai.client(opened)))
          yield* Deferred.await(hasBegun)
          yield* Fiber.interrupt(fiber)
          yield* same("who closed", yield* closers(opened), ["caller"])
        })
      ),
      on({ script: [{ fault: { type: "slowHeaders", delay: "1 minute" } }] }, (opened) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(Effect.provide(LLMClient.chat(sampleRequest), openai.client(opened)))
          // Until the request is there; what is interrupted before need not be sent.
          yield* Effect.sleep("200 millis")
          yield* Fiber.interrupt(fiber)
          yield* same("who closed", yield* closers(opened), ["caller"])
        })
      )
    )
}

const timeout = (name: "headers" | "firstContent" | "idle", reply: Reply): Check => ({
  title: `ends a call when the ${name} timeout expires, and closes its connection`,
  run: () =>
    on({ script: [reply] }, (opened) =>
      Effect.gen(function* () {
        const client = openai.client(opened, { timeouts: { [name]: "300 millis" } })
        const error = yield* failureOf(Effect.provide(streaming, client), opened)
        yield* same("the failure", pick(error, "_tag", "reason", "timeout"), ["NetworkError", "Timeout", name])
        yield* same("who closed", yield* closers(opened), ["caller"])
      })
    )
})

const redirected: Check = {
  title: "follows no redirect with its key",
  run: () =>
    on({ script: [{ fault: { type: "redirect" } }] }, (opened) =>
      Effect.gen(function* () {
        const error = yield* failureOf(Effect.provide(streaming, openai.client(opened)), opened)
        yield* same("the failure", error._tag, "ProviderError")
        yield* same("the number of requests", (yield* opened.requests).length, 1)
      })
    )
}

const mebi = 1024 * 1024

const slow: Check = {
  title: "is not run over: a slow reader slows the provider down",
  run: () =>
    on({ script: [{ chunks: ["x".repeat(mebi / 4)], fault: { type: "endlessStream" } }] }, (opened) =>
      Effect.gen(function* () {
        const reading = Stream.runForEach(LLMClient.chatStream(sampleRequest), () => Effect.sleep("1 second"))
        yield* reading.pipe(Effect.timeoutOption("2 seconds"), Effect.provide(openai.client(opened)))
        const [request] = yield* opened.requests
        const sent = Math.round((request?.bytes ?? 0) / mebi)
        // Chromium itself takes some 64 MiB before it stops; a runtime that read on would take hundreds in that time.
        yield* same("whether less than 128 MiB were sent", sent < 128 || `${sent} MiB`, true)
      })
    )
}

/** All of them. */
export const failures: ReadonlyArray<Check> = [
  cut("is cut off cleanly", { fault: { type: "truncate", afterChunks: 3 } }),
  cut("is reset", slowlyReset(3)),
  inside,
  limited,
  statuses,
  before,
  after,
  taken,
  interrupted,
  timeout("headers", { fault: { type: "slowHeaders", delay: "1 minute" } }),
  timeout("firstContent", { fault: { type: "slowFirstContent", delay: "1 minute" } }),
  timeout("idle", { fault: { type: "stall", afterChunks: 3 } }),
  redirected,
  slow
]
