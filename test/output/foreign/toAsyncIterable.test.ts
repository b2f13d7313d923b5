/** Converting streams to AsyncIterable and ReadableStream for code without Effect. */
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Context, Deferred, Effect, ManagedRuntime, Stream } from "effect"
import {
  LLMClient,
  TextStream,
  toAsyncIterable,
  toAsyncIterableEffect,
  toReadableStream,
  toReadableStreamEffect
} from "llm-connectivity"
import { clientOf, hello, say } from "../../support/openai.js"
import { answer, broken, cut, saying } from "../../support/pieces.js"
import { serve, sse } from "../../support/server.js"

/** Counts how often a stream starts and closes, and how many elements it emits. */
const observed = <A, E>(stream: Stream.Stream<A, E>) => {
  const seen = { emitted: 0, started: 0, closed: 0 }
  const counted = Stream.suspend(() => {
    seen.started += 1
    return stream
  }).pipe(
    Stream.tap(() => Effect.sync(() => (seen.emitted += 1))),
    Stream.ensuring(Effect.sync(() => (seen.closed += 1)))
  )
  return { seen, stream: counted }
}

const counting = () =>
  observed(
    Stream.rechunk(
      Stream.iterate(0, (n) => n + 1),
      2
    )
  )

class Word extends Context.Tag("Word")<Word, string>() {}

const requiringWord = Stream.fromEffect(Word)

/** A server that sends one word and keeps the response open, and an effect that waits for its socket to close. */
const endless = Effect.gen(function* () {
  const closed = yield* Deferred.make<void>()
  const server = yield* serve((response) => {
    response.on("close", () => Deferred.unsafeDone(closed, Effect.void))
    sse(response, say("word"))
  })
  const isClosed = Effect.timeoutFail(Deferred.await(closed), { duration: "15 seconds", onTimeout: () => "left open" })
  return { server, isClosed }
})

const settle = async (promise: Promise<unknown>): Promise<unknown> => promise.catch((error) => ({ rejected: error }))

const waitForMicrotasks = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

describe("toAsyncIterable", () => {
  it("yields every element, and runs the stream again for each loop", async () => {
    const { seen, stream } = observed(saying("a", "b", "c"))
    const iterable = toAsyncIterable(stream)
    for (const run of [1, 2]) {
      const texts: Array<string> = []
      for await (const { content } of iterable) texts.push(content)
      expect(texts).toEqual(["a", "b", "c"])
      expect(seen).toEqual({ emitted: 3 * run, started: run, closed: run })
    }
  })

  it("starts at the first read, and reads only what the consumer requests", async () => {
    const { seen, stream } = counting()
    const iterator = toAsyncIterable(stream)[Symbol.asyncIterator]()
    await waitForMicrotasks()
    expect(seen.started).toBe(0)
    expect(await iterator.next()).toEqual({ done: false, value: 0 })
    await waitForMicrotasks()
    expect(seen.emitted).toBe(1)
    await iterator.return?.()
  })

  it("closes the stream before a loop exits early", async () => {
    const { seen, stream } = counting()
    for await (const n of toAsyncIterable(stream)) if (n === 3) break
    expect(seen.closed).toBe(1)
    const stop = new Error("enough")
    const loop = async () => {
      for await (const _ of toAsyncIterable(stream)) throw stop
    }
    await expect(loop()).rejects.toBe(stop)
    expect(seen).toMatchObject({ started: 2, closed: 2 })
  })

  it("throws the failure itself once, after the elements before it", async () => {
    const texts: Array<string> = []
    const iterator = toAsyncIterable(broken("a", "b"))[Symbol.asyncIterator]()
    const loop = async () => {
      for await (const { content } of { [Symbol.asyncIterator]: () => iterator }) texts.push(content)
    }
    await expect(loop()).rejects.toBe(cut)
    expect(texts).toEqual(["a", "b"])
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it("throws the value of a defect", async () => {
    const bug = new TypeError("no such thing")
    const iterator = toAsyncIterable(Stream.die(bug))[Symbol.asyncIterator]()
    await expect(iterator.next()).rejects.toBe(bug)
    const closing = toAsyncIterable(Stream.ensuring(counting().stream, Effect.die(bug)))[Symbol.asyncIterator]()
    await closing.next()
    await expect(closing.return?.()).rejects.toBe(bug)
  })

  it("resolves concurrent next calls in order, and ends them all on return", async () => {
    const concurrent = toAsyncIterable(saying("a", "b"))[Symbol.asyncIterator]()
    const results = await Promise.all([concurrent.next(), concurrent.next(), concurrent.next(), concurrent.next()])
    expect(results.map(({ value }) => value?.content)).toEqual(["a", "b", undefined, undefined])
    const silent = observed(Stream.never)
    const iterator = toAsyncIterable(silent.stream)[Symbol.asyncIterator]()
    const [first, second] = [iterator.next(), iterator.next()]
    await waitForMicrotasks()
    await iterator.return?.()
    expect(await Promise.all([first, second])).toEqual([0, 1].map(() => ({ done: true, value: undefined })))
    expect(silent.seen.closed).toBe(1)
    const returned = toAsyncIterable(Stream.range(0, 9))[Symbol.asyncIterator]()
    await returned.next()
    await returned.return?.()
    expect(await returned.next()).toEqual({ done: true, value: undefined })
    const unread = observed(Stream.never)
    await toAsyncIterable(unread.stream)[Symbol.asyncIterator]().return?.()
    expect(unread.seen.started).toBe(0)
  })

  it("takes requirements from a runtime or the context", async () => {
    const context = Context.make(Word, "hello")
    const [inContext, runtime] = await Effect.runPromise(
      Effect.provide(Effect.all([toAsyncIterableEffect(requiringWord), Effect.runtime<Word>()]), context)
    )
    for (const iterable of [inContext, toAsyncIterable(requiringWord, runtime)]) {
      const words: Array<string> = []
      for await (const word of iterable) words.push(word)
      expect(words).toEqual(["hello"])
    }
  })

  it.live("closes the provider's socket when the loop exits", () =>
    Effect.gen(function* () {
      const { server, isClosed } = yield* endless
      const runtime = ManagedRuntime.make(clientOf(server.url))
      yield* Effect.promise(async () => {
        for await (const chunk of toAsyncIterable(LLMClient.chatStream(hello), await runtime.runtime()))
          if (chunk.content !== "") break
      })
      yield* isClosed
      yield* runtime.disposeEffect
    }).pipe(Effect.scoped)
  )

  it.live("throws a provider's errors with their tags", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => response.writeHead(429, { "retry-after": "7" }).end())
      const iterable = yield* Effect.provide(toAsyncIterableEffect(LLMClient.chatStream(hello)), clientOf(server.url))
      const error = yield* Effect.promise(() => settle(iterable[Symbol.asyncIterator]().next()))
      expect(error).toMatchObject({ rejected: { _tag: "RateLimitError", status: 429 } })
    }).pipe(Effect.scoped)
  )
})

describe("toReadableStream", () => {
  it("starts at the first read, reads only what the consumer requests, and ends", async () => {
    const { seen, stream } = observed(saying("a", "b"))
    const reader = toReadableStream(stream).getReader()
    await waitForMicrotasks()
    expect(seen.started).toBe(0)
    expect(await reader.read()).toMatchObject({ done: false, value: { content: "a" } })
    await waitForMicrotasks()
    expect(seen.emitted).toBe(1)
    expect(await reader.read()).toMatchObject({ done: false, value: { content: "b" } })
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect(seen.closed).toBe(1)
  })

  it("interrupts the stream on cancel, even during a read", async () => {
    const { seen, stream } = counting()
    const reader = toReadableStream(stream).getReader()
    await reader.read()
    await reader.cancel()
    expect(seen.closed).toBe(1)
    const silent = observed(Stream.never)
    const other = toReadableStream(silent.stream).getReader()
    const reading = other.read()
    await waitForMicrotasks()
    await other.cancel()
    expect(await reading).toEqual({ done: true, value: undefined })
    expect(silent.seen.closed).toBe(1)
  })

  it("rejects with the failure itself, after the elements before it", async () => {
    const reader = toReadableStream(broken("a")).getReader()
    expect(await reader.read()).toMatchObject({ value: { content: "a" } })
    await expect(reader.read()).rejects.toBe(cut)
    await expect(reader.closed).rejects.toBe(cut)
  })

  it("skips empty reads", async () => {
    const sparse = Stream.mapChunks(
      Stream.rechunk(Stream.range(0, 9), 1),
      Chunk.filter((n) => n % 4 === 3)
    )
    for (const converted of [toReadableStream(sparse), toAsyncIterable(sparse)]) {
      const values: Array<number> = []
      for await (const value of converted) values.push(value)
      expect(values).toEqual([3, 7])
    }
  })

  it("works as the body of a Response", async () => {
    const body = toReadableStream(answer("Grüße ", "\ud83d", "\ude00").pipe(TextStream.bytes))
    expect(await new Response(body).text()).toBe("Grüße 😀")
  })

  it.live("closes the provider's socket when a reader cancels, and takes requirements from the context", () =>
    Effect.gen(function* () {
      const { server, isClosed } = yield* endless
      const web = yield* Effect.provide(toReadableStreamEffect(LLMClient.chatStream(hello)), clientOf(server.url))
      yield* Effect.promise(async () => {
        const reader = web.getReader()
        expect(await reader.read()).toMatchObject({ value: { content: "word" } })
        await reader.cancel()
      })
      yield* isClosed
    }).pipe(Effect.scoped)
  )
})
