import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Stream, TestClock } from "effect"
import {
  ChatStream,
  collect,
  fromAsyncIterable,
  fromReadableStream,
  LLMClient,
  NetworkError,
  OpenAI,
  Provider,
  StreamChunk,
  toAsyncIterable,
  toReadableStream
} from "llm-connectivity"
import { hello } from "../../support/openai.js"
import { answer, broken, cut, origin } from "../../support/pieces.js"

async function* generate<A>(...elements: ReadonlyArray<A>): AsyncGenerator<A> {
  yield* elements
}

const contentsOf = (stream: Stream.Stream<StreamChunk, unknown>) =>
  Effect.gen(function* () {
    const contents: Array<string> = []
    const exit = yield* Effect.either(
      Stream.runForEach(stream, ({ content }) => Effect.sync(() => contents.push(content)))
    )
    return { contents, error: exit._tag === "Left" ? exit.left : undefined }
  })

describe("a stream from another library's AsyncIterable or ReadableStream", () => {
  it.effect("collects to the same response after a round trip", () =>
    Effect.gen(function* () {
      const stream = answer("a", { reasoning: "r" }, "b")
      const response = yield* collect(stream)
      expect(yield* collect(fromAsyncIterable(toAsyncIterable(stream)))).toEqual(response)
      expect(yield* collect(fromReadableStream(toReadableStream(stream)))).toEqual(response)
    })
  )

  it.effect("accepts text elements, and finishes with the reason other", () =>
    Effect.gen(function* () {
      const response = yield* collect(fromAsyncIterable(generate("One", " two"), origin))
      expect(response).toMatchObject({ ...origin, content: "One two", finishReason: "other", usage: null })
      const web = new ReadableStream<string>({
        start: (controller) => {
          controller.enqueue("web")
          controller.close()
        }
      })
      expect((yield* collect(fromReadableStream(web))).content).toBe("web")
    })
  )

  it.effect("is truncated if its chunks end without a finish reason, or if it is empty", () =>
    Effect.gen(function* () {
      for (const source of [generate(StreamChunk.make({ content: "a" })), generate<string>()]) {
        const error = yield* Effect.flip(collect(fromAsyncIterable(source, origin)))
        expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated", ...origin })
        expect(error.message).toMatch(/the source stream ended after \d elements without a finish reason/)
      }
    })
  )

  it.effect("ends at the finish reason, whatever follows", () =>
    Effect.gen(function* () {
      let isReturned = false
      const source = async function* () {
        try {
          yield StreamChunk.make({ content: "a" })
          yield StreamChunk.make({ finishReason: "stop" })
          yield StreamChunk.make({ content: "never read" })
        } finally {
          isReturned = true
        }
      }
      expect((yield* collect(fromAsyncIterable(source))).content).toBe("a")
      expect(isReturned).toBe(true)
    })
  )

  it.effect("passes an LLMError unchanged, and converts any other error with onError", () =>
    Effect.gen(function* () {
      expect(yield* contentsOf(fromAsyncIterable(toAsyncIterable(broken("a"))))).toEqual({
        contents: ["a"],
        error: cut
      })
      expect(yield* contentsOf(fromReadableStream(toReadableStream(broken("a"))))).toEqual({
        contents: ["a"],
        error: cut
      })
      const thrown = new TypeError("terminated with key: sk-abcdefgh1234")
      const source = async function* (): AsyncGenerator<string> {
        yield "a"
        throw thrown
      }
      const unmapped = yield* contentsOf(fromAsyncIterable(source, origin))
      expect(unmapped).toMatchObject({ contents: ["a"], error: { _tag: "ProviderError", ...origin } })
      expect(String(unmapped.error)).toContain(
        "the source stream failed after 1 elements (it says: TypeError: terminated"
      )
      expect(String(unmapped.error)).not.toContain("sk-abcdefgh")
      const onError = (error: unknown) => new NetworkError({ ...origin, reason: "Connection", message: String(error) })
      const mapped = yield* contentsOf(fromAsyncIterable(source, { onError }))
      expect(mapped.error).toMatchObject({ reason: "Connection", message: String(thrown) })
      const failing = fromAsyncIterable((): AsyncIterable<string> => {
        throw thrown
      })
      expect((yield* contentsOf(failing)).error).toMatchObject({ _tag: "ProviderError" })
    })
  )

  it.effect("starts again for each run, and reads only what the consumer requests", () =>
    Effect.gen(function* () {
      const seen = { started: 0, emitted: 0 }
      const stream = fromAsyncIterable(async function* () {
        seen.started += 1
        for (; ; seen.emitted += 1) yield `${seen.emitted} `
      })
      for (const run of [1, 2]) {
        yield* Stream.runDrain(Stream.take(stream, 3))
        expect(seen).toEqual({ started: run, emitted: 2 * run })
      }
    })
  )

  it.effect("is cancelled when the consumer stops, even while it is silent", () =>
    Effect.gen(function* () {
      const cancellations: Array<string> = []
      const started = yield* Deferred.make<AbortSignal>()
      const silent = fromAsyncIterable((signal) => {
        Deferred.unsafeDone(started, Effect.succeed(signal))
        return {
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise<IteratorResult<string>>(() => {}),
            return: () => {
              cancellations.push("return")
              return new Promise(() => {})
            }
          })
        }
      })
      const fiber = yield* Effect.fork(Stream.runDrain(silent))
      const signal = yield* Deferred.await(started)
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      expect(signal.aborted).toBe(false)
      yield* Fiber.interrupt(fiber)
      expect(signal.aborted).toBe(true)
      expect(cancellations).toEqual(["return"])
      const web = new ReadableStream<string>({
        pull: (controller) => controller.enqueue("a"),
        cancel: () => void cancellations.push("cancel")
      })
      yield* Stream.runDrain(Stream.take(fromReadableStream(web), 2))
      expect(cancellations).toEqual(["return", "cancel"])
    })
  )

  it.effect("is not cancelled after it has ended", () =>
    Effect.gen(function* () {
      const cancellations: Array<string> = []
      const source = (elements: ReadonlyArray<string>) => (signal: AbortSignal) => {
        signal.addEventListener("abort", () => cancellations.push("abort"))
        const rest = elements.values()
        const next = async () => rest.next()
        return {
          [Symbol.asyncIterator]: () => ({
            next,
            return: async () => ({ done: true, value: cancellations.push("return") }) as const
          })
        }
      }
      yield* collect(fromAsyncIterable(source(["a"])))
      expect(cancellations).toEqual([])
      yield* Stream.runDrain(Stream.take(fromAsyncIterable(source(["a", "b"])), 1))
      expect(cancellations).toEqual(["abort", "return"])
    })
  )

  it.effect("is cancelled when it opens if the consumer stopped before that", () =>
    Effect.gen(function* () {
      const cancelled = yield* Deferred.make<void>()
      const web = new ReadableStream<string>({ cancel: () => Deferred.unsafeDone(cancelled, Effect.void) })
      let openSource: ((web: ReadableStream<string>) => void) | undefined
      const late = fromReadableStream(() => new Promise((resolve) => (openSource = resolve)))
      const fiber = yield* Effect.fork(Stream.runDrain(late))
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      yield* Fiber.interrupt(fiber)
      openSource?.(web)
      yield* Deferred.await(cancelled)
    })
  )

  it.effect("serves as a provider, with the default policies", () => {
    let requests = 0
    const chatStream = () =>
      fromAsyncIterable(async function* () {
        requests += 1
        if (requests === 1)
          throw new NetworkError({ ...origin, reason: "Connection", message: "not yet", retryAfter: Duration.zero })
        yield "second"
      }, origin)
    const provider = Provider.make({ name: "mine", open: () => ChatStream.open(chatStream()) })
    return Effect.gen(function* () {
      const collecting = yield* Effect.fork(collect(LLMClient.chatStream(hello)))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(collecting)).toMatchObject({ ...origin, content: "second" })
      expect(requests).toBe(2)
    }).pipe(Effect.provide(LLMClient.fromProvider(OpenAI, { model: "any" })), Effect.provideService(OpenAI, provider))
  })
})
