import { setImmediate } from "node:timers/promises"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { LLMClient } from "llm-connectivity"
import { collectGarbage } from "../support/garbage.js"
import { clientOf, done, finish, hello, say } from "../support/openai.js"
import { serve, sse } from "../support/server.js"

/** Counts the live objects in a separate task: a WeakRef keeps its target until the end of the task that reads it. */
const aliveOf = (all: ReadonlyArray<WeakRef<object>>) =>
  Effect.promise(async () => {
    await setImmediate()
    collectGarbage()
    return all.filter((reference) => reference.deref() !== undefined).length
  })

describe("a stream that waits for the next read", () => {
  it.live("retains a few of the chunks that were read, not all chunks of a network read", () =>
    Effect.gen(function* () {
      let release = () => {}
      const server = yield* serve((response) => {
        sse(response, Array.from({ length: 100 }, () => say("word ")).join(""))
        release = () => response.end(finish() + done)
      })
      const seen: Array<WeakRef<object>> = []
      const hasRead = yield* Deferred.make<void>()
      const reading = yield* LLMClient.chatStream(hello).pipe(
        Stream.tap((chunk) => {
          seen.push(new WeakRef(chunk))
          return seen.length === 100 ? Deferred.succeed(hasRead, undefined) : Effect.void
        }),
        Stream.runDrain,
        Effect.provide(clientOf(server.url)),
        Effect.fork
      )
      yield* Deferred.await(hasRead)
      // The reader may not have come to wait yet.
      const alive = yield* Effect.repeat(aliveOf(seen), { until: (count) => count < 20, times: 50 })
      expect(alive).toBeLessThan(20)
      release()
      yield* Fiber.join(reading)
      expect(seen).toHaveLength(101)
    }).pipe(Effect.scoped)
  )
})
