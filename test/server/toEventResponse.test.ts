/** Streams as web responses and as text, for servers without Effect's HTTP. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Effect, Layer, Logger, Stream } from "effect"
import { NetworkError, RateLimitError, StreamChunk } from "llm-connectivity"
import { ChatStreamError, readChunks } from "llm-connectivity/browser"
import { encodeEvents, toEventResponse } from "llm-connectivity/server"

const about = { provider: "openai", model: "gpt-4o-mini", message: "it says why" }
const finish = StreamChunk.make({ finishReason: "stop" })
const hello = Stream.make(StreamChunk.make({ content: "Hel" }), StreamChunk.make({ content: "lo" }), finish)
const cut = new NetworkError({ ...about, reason: "Truncated" })

const contentOf = async (response: Response): Promise<string> => {
  let content = ""
  for await (const chunk of readChunks(response)) content += chunk.content
  return content
}

/** A stream that writes once and then waits, and what completes when it is interrupted. */
const waiting = (first: Stream.Stream<StreamChunk>) =>
  Effect.map(Deferred.make<void>(), (interrupted) => ({
    interrupted: Deferred.await(interrupted),
    stream: Stream.concat(first, Stream.never).pipe(Stream.ensuring(Deferred.succeed(interrupted, undefined)))
  }))

const begun = Stream.make(StreamChunk.make({ content: "Hel" }))

describe("toEventResponse", () => {
  it.effect("responds with events, which have the context of the effect", () =>
    Effect.gen(function* () {
      class Word extends Context.Tag("test/Word")<Word, string>() {}
      const stream = Stream.unwrap(Effect.map(Word, (content) => Stream.make(StreamChunk.make({ content }), finish)))
      const response = yield* Effect.provide(toEventResponse(stream), Layer.succeed(Word, "Hello"))
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"])
      expect(yield* Effect.promise(() => contentOf(response))).toBe("Hello")
    })
  )

  it.effect("responds with the status of a failure before the first event", () =>
    Effect.gen(function* () {
      const limited = new RateLimitError({ ...about, reason: "RateLimit" })
      const response = yield* toEventResponse(Stream.fail(limited))
      expect(response.status).toBe(429)
      expect(yield* Effect.promise(() => response.json())).toMatchObject({ _tag: "RateLimitError" })
    })
  )

  it.live("interrupts the stream when its body is cancelled", () =>
    Effect.gen(function* () {
      const { stream, interrupted } = yield* waiting(begun)
      const response = yield* toEventResponse(stream)
      yield* Effect.promise(async () => response.body?.cancel())
      yield* interrupted
    })
  )

  it.live("interrupts the stream when the signal aborts, before and after the first event", () =>
    Effect.gen(function* () {
      for (const first of [Stream.empty, begun]) {
        const { stream, interrupted } = yield* waiting(first)
        const controller = new AbortController()
        const aborting = Effect.delay(
          Effect.sync(() => controller.abort()),
          "5 millis"
        )
        const [response] = yield* Effect.all([toEventResponse(stream, { signal: controller.signal }), aborting], {
          concurrency: 2
        })
        yield* interrupted
        expect(response.status).toBe(first === begun ? 200 : 499)
        // The page sees no end marker.
        if (first === begun) {
          const error = yield* Effect.promise(() => contentOf(response).catch((error) => error))
          expect(error).toBeInstanceOf(ChatStreamError)
        }
      }
    })
  )

  it.live("sends nothing for a signal that is aborted already", () =>
    Effect.gen(function* () {
      const response = yield* toEventResponse(Stream.never, { signal: AbortSignal.abort() })
      expect(response.status).toBe(499)
    })
  )
})

describe("encodeEvents", () => {
  it.effect("gives the text that respondWithEvents sends", () =>
    Effect.gen(function* () {
      const response = yield* toEventResponse(hello)
      const expected = yield* Effect.promise(() => response.text())
      expect(yield* Stream.mkString(encodeEvents(hello))).toBe(expected)
      expect(expected).toMatch(/^data: \{"content":"Hel"\}\n\n.*\nevent: done\ndata: \{\}\n\n$/s)
    })
  )

  it.effect("ends with an error event when the stream fails, and hides and logs a defect", () =>
    Effect.gen(function* () {
      expect(yield* Stream.mkString(encodeEvents(Stream.concat(begun, Stream.fail(cut))))).toMatch(
        /event: error\ndata: \{[^\n]*"_tag":"NetworkError"[^\n]*\}\n\n$/
      )
      const logged: Array<unknown> = []
      const text = yield* Stream.mkString(encodeEvents(Stream.die(new Error("a secret")))).pipe(
        Effect.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ cause }) => void logged.push(cause))
          )
        )
      )
      expect(text).not.toContain("secret")
      expect(String(logged)).toContain("a secret")
    })
  )
})
