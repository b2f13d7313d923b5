/** Streams that are given to programs without Effect. */
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

/** A stream that counts what it has given, and knows how often it was begun and let go. */
const watched = <A, E>(stream: Stream.Stream<A, E>) => {
  const seen = { given: 0, begun: 0, closed: 0 }
  const watching = Stream.suspend(() => {
    seen.begun += 1
    return stream
  }).pipe(
    Stream.tap(() => Effect.sync(() => (seen.given += 1))),
    Stream.ensuring(Effect.sync(() => (seen.closed += 1)))
  )
  return { seen, stream: watching }
}

const counting = () =>
  watched(
    Stream.rechunk(
      Stream.iterate(0, (n) => n + 1),
      2
    )
  )

class Word extends Context.Tag("Word")<Word, string>() {}

const needy = Stream.fromEffect(Word)

/** A server whose answer says one word and goes on for ever, and the closing of its socket. */
const endless = Effect.gen(function* () {
  const closed = yield* Deferred.make<void>()
  const server = yield* serve((response) => {
    response.on("close", () => Deferred.unsafeDone(closed, Effect.void))
    sse(response, say("word"))
  })
  const isClosed = Effect.timeoutFail(Deferred.await(closed), { duration: "1 second", onTimeout: () => "left open" })
  return { server, isClosed }
})

const settled = async (promise: Promise<unknown>): Promise<unknown> => promise.catch((error) => ({ rejected: error }))

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

describe("an AsyncIterable of a stream", () => {
  it("gives every element, and runs the stream anew for each loop", async () => {
    const { seen, stream } = watched(saying("a", "b", "c"))
    const iterable = toAsyncIterable(stream)
    for (const run of [1, 2]) {
      const texts: Array<string> = []
      for await (const { content } of iterable) texts.push(content)
      expect(texts).toEqual(["a", "b", "c"])
      expect(seen).toEqual({ given: 3 * run, begun: run, closed: run })
    }
  })

  it("begins when it is read, and reads no further than it is asked to", async () => {
    const { seen, stream } = counting()
    const iterator = toAsyncIterable(stream)[Symbol.asyncIterator]()
    await turns()
    expect(seen.begun).toBe(0)
    expect(await iterator.next()).toEqual({ done: false, value: 0 })
    await turns()
    expect(seen.given).toBe(1)
    await iterator.return?.()
  })

  it("has let go of the stream when a loop that is left goes on", async () => {
    const { seen, stream } = counting()
    for await (const n of toAsyncIterable(stream)) if (n === 3) break
    expect(seen.closed).toBe(1)
    const stop = new Error("enough")
    const loop = async () => {
      for await (const _ of toAsyncIterable(stream)) throw stop
    }
    await expect(loop()).rejects.toBe(stop)
    expect(seen).toMatchObject({ begun: 2, closed: 2 })
  })

  it("throws the failure itself, once, after what came before it", async () => {
    const texts: Array<string> = []
    const iterator = toAsyncIterable(broken("a", "b"))[Symbol.asyncIterator]()
    const loop = async () => {
      for await (const { content } of { [Symbol.asyncIterator]: () => iterator }) texts.push(content)
    }
    await expect(loop()).rejects.toBe(cut)
    expect(texts).toEqual(["a", "b"])
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it("throws what a defect was thrown with", async () => {
    const bug = new TypeError("no such thing")
    const iterator = toAsyncIterable(Stream.die(bug))[Symbol.asyncIterator]()
    await expect(iterator.next()).rejects.toBe(bug)
    const leaving = toAsyncIterable(Stream.ensuring(counting().stream, Effect.die(bug)))[Symbol.asyncIterator]()
    await leaving.next()
    await expect(leaving.return?.()).rejects.toBe(bug)
  })

  it("answers whoever asks for several at once in order, and ends them all when it is left", async () => {
    const asked = toAsyncIterable(saying("a", "b"))[Symbol.asyncIterator]()
    const results = await Promise.all([asked.next(), asked.next(), asked.next(), asked.next()])
    expect(results.map(({ value }) => value?.content)).toEqual(["a", "b", undefined, undefined])
    const silent = watched(Stream.never)
    const iterator = toAsyncIterable(silent.stream)[Symbol.asyncIterator]()
    const [first, second] = [iterator.next(), iterator.next()]
    await turns()
    await iterator.return?.()
    expect(await Promise.all([first, second])).toEqual([0, 1].map(() => ({ done: true, value: undefined })))
    expect(silent.seen.closed).toBe(1)
    const left = toAsyncIterable(Stream.range(0, 9))[Symbol.asyncIterator]()
    await left.next()
    await left.return?.()
    expect(await left.next()).toEqual({ done: true, value: undefined })
    const unread = watched(Stream.never)
    await toAsyncIterable(unread.stream)[Symbol.asyncIterator]().return?.()
    expect(unread.seen.begun).toBe(0)
  })

  it("takes what it needs from a runtime or the context", async () => {
    const context = Context.make(Word, "hello")
    const [inContext, runtime] = await Effect.runPromise(
      Effect.provide(Effect.all([toAsyncIterableEffect(needy), Effect.runtime<Word>()]), context)
    )
    for (const iterable of [inContext, toAsyncIterable(needy, runtime)]) {
      const words: Array<string> = []
      for await (const word of iterable) words.push(word)
      expect(words).toEqual(["hello"])
    }
  })

  it.live("closes the provider's socket when the loop is left", () =>
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

  it.live("throws the errors of a provider with their tags", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => response.writeHead(429, { "retry-after": "7" }).end())
      const iterable = yield* Effect.provide(toAsyncIterableEffect(LLMClient.chatStream(hello)), clientOf(server.url))
      const error = yield* Effect.promise(() => settled(iterable[Symbol.asyncIterator]().next()))
      expect(error).toMatchObject({ rejected: { _tag: "RateLimitError", status: 429 } })
    }).pipe(Effect.scoped)
  )
})

describe("a ReadableStream of a stream", () => {
  it("begins when it is read, reads no further than it is asked to, and ends", async () => {
    const { seen, stream } = watched(saying("a", "b"))
    const reader = toReadableStream(stream).getReader()
    await turns()
    expect(seen.begun).toBe(0)
    expect(await reader.read()).toMatchObject({ done: false, value: { content: "a" } })
    await turns()
    expect(seen.given).toBe(1)
    expect(await reader.read()).toMatchObject({ done: false, value: { content: "b" } })
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect(seen.closed).toBe(1)
  })

  it("interrupts the stream when it is cancelled, also while it is being read", async () => {
    const { seen, stream } = counting()
    const reader = toReadableStream(stream).getReader()
    await reader.read()
    await reader.cancel()
    expect(seen.closed).toBe(1)
    const silent = watched(Stream.never)
    const other = toReadableStream(silent.stream).getReader()
    const reading = other.read()
    await turns()
    await other.cancel()
    expect(await reading).toEqual({ done: true, value: undefined })
    expect(silent.seen.closed).toBe(1)
  })

  it("rejects with the failure itself, after what came before it", async () => {
    const reader = toReadableStream(broken("a")).getReader()
    expect(await reader.read()).toMatchObject({ value: { content: "a" } })
    await expect(reader.read()).rejects.toBe(cut)
    await expect(reader.closed).rejects.toBe(cut)
  })

  it("passes over reads that bring nothing", async () => {
    const sparse = Stream.mapChunks(
      Stream.rechunk(Stream.range(0, 9), 1),
      Chunk.filter((n) => n % 4 === 3)
    )
    for (const outward of [toReadableStream(sparse), toAsyncIterable(sparse)]) {
      const values: Array<number> = []
      for await (const value of outward) values.push(value)
      expect(values).toEqual([3, 7])
    }
  })

  it("is the body of a response", async () => {
    const body = toReadableStream(answer("Grüße ", "\ud83d", "\ude00").pipe(TextStream.bytes))
    expect(await new Response(body).text()).toBe("Grüße 😀")
  })

  it.live("closes the provider's socket when a reader cancels, and takes what it needs from the context", () =>
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
