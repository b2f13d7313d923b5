/** Responses end in an uninterruptible region as in any other: fibers that wait for one must not wait forever. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { collect, LLMClient, latencyOf, print } from "llm-connectivity"
import { clientOf, done, finish, hello, say } from "../support/openai.js"
import { type Handler, serve, sse } from "../support/server.js"

const healthy: Handler = (response) => sse(response, say("a"), say("b"), finish()).end(done)
const silent: Handler = () => {}
const stalls: Handler = (response) => sse(response, say("a"))

const stream = LLMClient.chatStream(hello)
const sink = { write: () => {} }

/** Runs an effect against a server, and fails if it has not ended after 3 seconds. */
const against = <A, E>(handler: Handler, effect: Effect.Effect<A, E, LLMClient>) =>
  Effect.gen(function* () {
    const server = yield* serve(handler)
    const ended = effect.pipe(Effect.provide(clientOf(server.url)), Effect.uninterruptible, Effect.either)
    const fiber = yield* Effect.forkDaemon(ended)
    return yield* Effect.disconnect(Effect.fromFiber(fiber)).pipe(
      Effect.timeoutFail({ duration: "3 seconds", onTimeout: () => "it did not end" as const })
    )
  }).pipe(Effect.scoped)

describe("in an uninterruptible region, a healthy response ends", () => {
  it.live.each<readonly [string, Effect.Effect<unknown, unknown, LLMClient>]>([
    ["collect", collect(stream)],
    ["print", print(stream, sink)],
    ["latencyOf", latencyOf(stream)],
    ["Stream.runDrain", Stream.runDrain(stream)],
    ["Stream.take", Stream.runDrain(Stream.take(stream, 1))]
  ])("by %s", ([, effect]) => Effect.map(against(healthy, effect), (result) => expect(result._tag).toBe("Right")))
})

describe("in an uninterruptible region, each timeout still expires", () => {
  it.live.each<readonly [string, Handler, Effect.Effect<unknown, unknown, LLMClient>]>([
    ["headers", silent, collect(LLMClient.chatStream(hello, { timeouts: { headers: "50 millis" } }))],
    ["firstContent", silent, collect(LLMClient.chatStream(hello, { timeouts: { firstContent: "50 millis" } }))],
    ["idle", stalls, collect(LLMClient.chatStream(hello, { timeouts: { idle: "50 millis" } }))],
    ["total", stalls, collect(LLMClient.chatStream(hello, { timeouts: { total: "50 millis" } }))],
    ["total", silent, LLMClient.chat(hello, { timeouts: { total: "50 millis" } })],
    ["total", stalls, LLMClient.chat(hello, { timeouts: { total: "50 millis" } })],
    ["total", silent, LLMClient.embed({ input: "a" }, { timeouts: { total: "50 millis" } })]
  ])("the %s timeout", ([timeout, handler, effect]) =>
    Effect.map(against(handler, effect), (result) =>
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "NetworkError", reason: "Timeout", timeout } })
    )
  )
})
