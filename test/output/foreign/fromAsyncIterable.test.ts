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

describe("an answer from another library's stream", () => {
  it.effect("is that of its chunks, the same as the one that was given away", () =>
    Effect.gen(function* () {
      const stream = answer("a", { reasoning: "r" }, "b")
      const whole = yield* collect(stream)
      expect(yield* collect(fromAsyncIterable(toAsyncIterable(stream)))).toEqual(whole)
      expect(yield* collect(fromReadableStream(toReadableStream(stream)))).toEqual(whole)
    })
  )

  it.effect("is that of a text, for whose end nobody gave a reason", () =>
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

  it.effect("is cut where its chunks end without a finish reason, or nothing came at all", () =>
    Effect.gen(function* () {
      for (const source of [generate(StreamChunk.make({ content: "a" })), generate<string>()]) {
        const error = yield* Effect.flip(collect(fromAsyncIterable(source, origin)))
        expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated", ...origin })
        expect(error.message).toMatch(/the source stream ended after \d elements without a finish reason/)
      }
    })
  )

  it.effect("ends with the finish reason, whatever follows", () =>
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

  it.effect("fails with an LLMError as it is, and with anything else by what is said of it", () =>
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
      const unsaid = yield* contentsOf(fromAsyncIterable(source, origin))
      expect(unsaid).toMatchObject({ contents: ["a"], error: { _tag: "ProviderError", ...origin } })
      expect(String(unsaid.error)).toContain("the source stream failed after 1 elements: TypeError: terminated")
      expect(String(unsaid.error)).not.toContain("sk-abcdefgh")
      const onError = (each: unknown) => new NetworkError({ ...origin, reason: "Connection", message: String(each) })
      const said = yield* contentsOf(fromAsyncIterable(source, { onError }))
      expect(said.error).toMatchObject({ reason: "Connection", message: String(thrown) })
      const unbegun = fromAsyncIterable((): AsyncIterable<string> => {
        throw thrown
      })
      expect((yield* contentsOf(unbegun)).error).toMatchObject({ _tag: "ProviderError" })
    })
  )

  it.effect("is begun anew for each run, and read no further than is asked", () =>
    Effect.gen(function* () {
      const seen = { begun: 0, given: 0 }
      const stream = fromAsyncIterable(async function* () {
        seen.begun += 1
        for (; ; seen.given += 1) yield `${seen.given} `
      })
      for (const run of [1, 2]) {
        yield* Stream.runDrain(Stream.take(stream, 3))
        expect(seen).toEqual({ begun: run, given: 2 * run })
      }
    })
  )

  it.effect("is told when nobody reads it any more, also while it is silent", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const beginning = yield* Deferred.make<AbortSignal>()
      const silent = fromAsyncIterable((signal) => {
        Deferred.unsafeDone(beginning, Effect.succeed(signal))
        return {
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise<IteratorResult<string>>(() => {}),
            return: () => {
              told.push("return")
              return new Promise(() => {})
            }
          })
        }
      })
      const fiber = yield* Effect.fork(Stream.runDrain(silent))
      const signal = yield* Deferred.await(beginning)
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      expect(signal.aborted).toBe(false)
      yield* Fiber.interrupt(fiber)
      expect(signal.aborted).toBe(true)
      expect(told).toEqual(["return"])
      const web = new ReadableStream<string>({
        pull: (controller) => controller.enqueue("a"),
        cancel: () => void told.push("cancel")
      })
      yield* Stream.runDrain(Stream.take(fromReadableStream(web), 2))
      expect(told).toEqual(["return", "cancel"])
    })
  )

  it.effect("is not told to end where it has ended by itself", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const source = (elements: ReadonlyArray<string>) => (signal: AbortSignal) => {
        signal.addEventListener("abort", () => told.push("abort"))
        const rest = elements.values()
        const next = async () => rest.next()
        return {
          [Symbol.asyncIterator]: () => ({
            next,
            return: async () => ({ done: true, value: told.push("return") }) as const
          })
        }
      }
      yield* collect(fromAsyncIterable(source(["a"])))
      expect(told).toEqual([])
      yield* Stream.runDrain(Stream.take(fromAsyncIterable(source(["a", "b"])), 1))
      expect(told).toEqual(["abort", "return"])
    })
  )

  it.effect("that is still being begun is stopped as soon as it is there", () =>
    Effect.gen(function* () {
      const stopped = yield* Deferred.make<void>()
      const web = new ReadableStream<string>({ cancel: () => Deferred.unsafeDone(stopped, Effect.void) })
      let begin: ((web: ReadableStream<string>) => void) | undefined
      const late = fromReadableStream(() => new Promise((resolve) => (begin = resolve)))
      const fiber = yield* Effect.fork(Stream.runDrain(late))
      yield* Effect.repeatN(Effect.yieldNow(), 20)
      yield* Fiber.interrupt(fiber)
      begin?.(web)
      yield* Deferred.await(stopped)
    })
  )

  it.effect("serves as a provider, with the policies of every other", () => {
    let asked = 0
    const chatStream = () =>
      fromAsyncIterable(async function* () {
        asked += 1
        if (asked === 1)
          throw new NetworkError({ ...origin, reason: "Connection", message: "not yet", retryAfter: Duration.zero })
        yield "second"
      }, origin)
    const provider = Provider.make({ name: "mine", open: () => ChatStream.open(chatStream()) })
    return Effect.gen(function* () {
      const answering = yield* Effect.fork(collect(LLMClient.chatStream(hello)))
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.join(answering)).toMatchObject({ ...origin, content: "second" })
      expect(asked).toBe(2)
    }).pipe(Effect.provide(LLMClient.fromProvider(OpenAI, { model: "any" })), Effect.provideService(OpenAI, provider))
  })
})
