import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Exit, Fiber, Layer, Stream, TestClock } from "effect"
import {
  type ChatResponse,
  collect,
  type LLMError,
  NetworkError,
  OpenAI,
  type OpenAIOptions,
  onToken,
  Policy,
  Provider,
  ResponseCache,
  StreamChunk,
  tapPrint
} from "llm-connectivity"
import { Read } from "../../../src/domain/Read.js"
import { decode, encode } from "../../../src/policy/cache/entry.js"
import { cacheKey } from "../../../src/policy/cache/key.js"
import { hello } from "../../support/openai.js"

const request = { ...hello, model: "m" }
const cut = new NetworkError({ provider: "mock", model: "m", message: "…", reason: "Truncated" })

const answer: ReadonlyArray<StreamChunk> = [
  StreamChunk.make({
    reasoning: "hm",
    part: { index: 0, type: "reasoning", providerMetadata: { mock: { signature: "s" } } }
  }),
  StreamChunk.make({ content: "Hel", part: { index: 1, type: "text" } }),
  StreamChunk.make({ content: "lo" }),
  StreamChunk.make({
    toolCalls: [{ index: 0, id: "c", name: "f", arguments: "{}" }],
    part: { index: 2, type: "tool-call" }
  }),
  StreamChunk.make({
    finishReason: "tool_calls",
    rawChunk: { id: 1 },
    origin: { provider: "mock", model: "m" },
    cost: 2
  })
]

/** A provider that gives a chunk every 10 ms; `failure` ends a response after two. */
const source = (failure: (index: number) => LLMError | undefined = () => undefined) => {
  const seen = { requests: 0, closed: 0 }
  const provider = Provider.make({
    name: "mock",
    identity: Effect.succeed("mock account"),
    open: () =>
      Effect.suspend(() => {
        const index = seen.requests++
        const error = failure(index)
        const chunks = error === undefined ? [...answer] : answer.slice(0, 2)
        const next = Effect.suspend(() => {
          const chunk = chunks.shift()
          return chunk === undefined && error !== undefined
            ? Effect.fail(error)
            : Effect.succeed(chunk === undefined ? [] : [chunk])
        })
        return Effect.as(
          Effect.addFinalizer(() => Effect.sync(() => (seen.closed += 1))),
          Effect.delay(next, "10 millis")
        )
      })
  })
  return { provider, seen }
}

const cached = (provider: Provider, scope: Policy.CacheScope = "shared") =>
  Effect.map(Policy.cache({ ttl: "1 minute", scope }), (policy) => policy(provider))

// Web Crypto answers on threads of its own, which no test clock drives.
const hashed = (times = 20) =>
  Effect.promise(() =>
    Promise.all(Array.from({ length: times }, () => crypto.subtle.digest("SHA-256", new Uint8Array(1))))
  )

const finished = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    while ((yield* fiber.poll)._tag === "None") yield* Effect.zipRight(hashed(), TestClock.adjust("10 millis"))
    return yield* fiber
  })

const ask = (provider: Provider) => finished(collect(provider.chatStream(request)))

describe("a cache", () => {
  it.effect("replays the chunks of a response, marked and at no cost, until it expires", () =>
    Effect.gen(function* () {
      const { provider, seen } = source()
      const policy = yield* cached(provider)
      const chunksOf = finished(Stream.runCollect(policy.chatStream(request)))
      const first = Chunk.toReadonlyArray(yield* chunksOf)
      expect(first).toEqual(answer)
      const second = Chunk.toReadonlyArray(yield* chunksOf)
      expect(second).toEqual(
        answer.map((chunk) =>
          chunk.finishReason === null ? chunk : { ...chunk, rawChunk: null, cost: 0, fromCache: true }
        )
      )
      expect(yield* ask(policy)).toMatchObject({ content: "Hello", reasoning: "hm", cost: 0, fromCache: true })
      expect(seen.requests).toBe(1)
      yield* TestClock.adjust("1 minute")
      expect((yield* ask(policy)).fromCache).toBeUndefined()
      expect(seen.requests).toBe(2)
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("keeps scopes, accounts and requests apart", () =>
    Effect.gen(function* () {
      const { provider, seen } = source()
      const policy = yield* cached(provider, (_, { caller }) => caller ?? "")
      yield* finished(collect(policy.chatStream(request, { caller: "a" })))
      yield* finished(collect(policy.chatStream(request, { caller: "b" })))
      yield* finished(collect(policy.chatStream({ ...request, maxTokens: 9 }, { caller: "a" })))
      const other = yield* cached(Provider.make({ ...provider, identity: Effect.succeed("another") }), () => "a")
      yield* ask(other)
      expect(seen.requests).toBe(4)
      yield* finished(collect(policy.chatStream({ model: "m", ...hello }, { caller: "a" })))
      expect(seen.requests).toBe(4)
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("never stores a failure or a cut", () =>
    Effect.gen(function* () {
      const { provider, seen } = source((index) => (index === 0 ? cut : undefined))
      const policy = yield* cached(provider)
      expect(yield* Effect.flip(ask(policy))).toMatchObject({ _tag: "NetworkError" })
      expect((yield* ask(policy)).content).toBe("Hello")
      expect(seen.requests).toBe(2)
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("sends one request for 1,000 callers, and serves the last when 999 leave", () =>
    Effect.gen(function* () {
      const { provider, seen } = source()
      const policy = yield* cached(provider)
      const callers = yield* Effect.forEach(Array.from({ length: 1000 }), () =>
        Effect.fork(collect(policy.chatStream(request)))
      )
      yield* hashed(2000)
      yield* TestClock.adjust("25 millis")
      const last = callers[999]
      yield* Effect.forEach(callers.slice(0, 999), (fiber) => fiber.interruptAsFork(fiber.id()))
      yield* TestClock.adjust("100 millis")
      expect(last && (yield* last)).toMatchObject({ content: "Hello", cost: 2 })
      expect(seen).toEqual({ requests: 1, closed: 1 })
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("charges one of the callers of a flight", () =>
    Effect.gen(function* () {
      const policy = yield* cached(source().provider)
      const both = finished(
        Effect.all([collect(policy.chatStream(request)), collect(policy.chatStream(request))], { concurrency: 2 })
      )
      expect((yield* both).map(({ cost }) => cost).sort()).toEqual([0, 2])
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("ends the request when all callers have left, and stores nothing", () =>
    Effect.gen(function* () {
      const { provider, seen } = source()
      const policy = yield* cached(provider)
      const callers = yield* Effect.forEach([1, 2], () => Effect.fork(collect(policy.chatStream(request))))
      yield* hashed(2000)
      yield* TestClock.adjust("25 millis")
      yield* Effect.forEach(callers, (fiber) => Effect.zipRight(fiber.interruptAsFork(fiber.id()), fiber.await))
      expect(seen).toEqual({ requests: 1, closed: 1 })
      yield* ask(policy)
      expect(seen.requests).toBe(2)
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("loses no chunk to a read that was given up", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const policy = yield* Policy.singleFlight({ scope: "shared" })
        const pull = yield* policy(source().provider).open(request)
        const early = yield* Effect.fork(Effect.timeoutOption(pull, "5 millis"))
        yield* TestClock.adjust("5 millis")
        expect((yield* early)._tag).toBe("None")
        yield* TestClock.adjust("1 second")
        const reads = yield* Effect.all(answer.map(() => pull))
        expect(reads.flat().map(({ content }) => content)).toEqual(answer.map(({ content }) => content))
      })
    )
  )

  it.effect("gives nothing more to a caller who leaves in a callback, of what others have read before", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<void>()
      const reads = Array.from({ length: 100 }, () => [StreamChunk.make({ content: "a" })])
      const pull = Effect.suspend(() => {
        const chunks = reads.shift()
        return chunks === undefined ? Effect.as(Deferred.await(ended), []) : Effect.succeed(chunks)
      })
      const identity = Effect.succeed("mock account")
      const policy = yield* cached(Provider.make({ name: "mock", identity, open: () => Effect.succeed(pull) }))
      let read = 0
      const reader = yield* Effect.fork(
        collect(onToken(policy.chatStream(request), () => void read++)).pipe(Effect.exit)
      )
      while (read < 100) yield* Effect.yieldNow()
      const left = new AbortController()
      const seen: Array<string> = []
      const leaving = onToken(policy.chatStream(request), (text) => {
        seen.push(text)
        left.abort()
      })
      yield* Effect.promise(() => Effect.runPromiseExit(collect(leaving), { signal: left.signal }))
      expect(seen).toEqual(["a"])
      yield* Deferred.succeed(ended, undefined)
      yield* Fiber.join(reader)
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("serves the other callers of a flight when the callback of one throws, or leaves", () =>
    Effect.gen(function* () {
      let wake = () => {}
      const arrived: Array<string> = []
      const pull = Read.fromPoll<StreamChunk, LLMError, never>((onArrival) => {
        const content = arrived.shift()
        if (content === undefined) wake = onArrival
        if (content === "") return []
        return content === undefined
          ? undefined
          : [StreamChunk.make({ content, finishReason: content === "c" ? "stop" : null })]
      })
      const identity = Effect.succeed("mock account")
      const policy = yield* cached(Provider.make({ name: "mock", identity, open: () => Effect.succeed(pull) }))
      const ways: ReadonlyArray<(fiber: () => Fiber.Fiber<unknown, unknown>) => unknown> = [
        () => undefined,
        () => {
          throw new Error("wrong")
        },
        (fiber) => Effect.runFork(Fiber.interrupt(fiber())),
        () => undefined
      ]
      const fibers: Array<Fiber.Fiber<ChatResponse, LLMError>> = []
      for (const [index, way] of ways.entries()) {
        const leave = (text: string) => {
          if (text === "b") way(() => fibers[index] ?? Fiber.never)
        }
        fibers.push(
          yield* Effect.fork(collect(onToken(policy.chatStream(request), leave).pipe(tapPrint({ write: () => true }))))
        )
      }
      for (const text of ["a", "b", "c", ""]) {
        yield* hashed()
        arrived.push(text)
        wake()
      }
      const exits = yield* Effect.forEach(fibers, Fiber.await)
      expect(exits.map(Exit.isSuccess)).toEqual([true, false, false, true])
      expect(exits.filter(Exit.isSuccess).map(({ value }) => value.content)).toEqual(["abc", "abc"])
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.effect("drops the entries that were unused for longest when its bytes are used up", () =>
    Effect.gen(function* () {
      const store = yield* ResponseCache
      for (const key of ["a", "b", "c"]) yield* store.set(key, "x".repeat(100), 1000)
      yield* store.get("a")
      yield* store.set("d", "x".repeat(100), 1000)
      expect(yield* Effect.forEach(["a", "b", "c", "d"], store.get)).toEqual([
        expect.any(String),
        undefined,
        expect.any(String),
        expect.any(String)
      ])
    }).pipe(Effect.provide(ResponseCache.memoryWith({ maxBytes: 620 })))
  )

  it.effect("uses any KeyValueStore", () =>
    Effect.gen(function* () {
      const { provider, seen } = source()
      const policy = yield* cached(provider)
      yield* ask(policy)
      expect((yield* ask(policy)).fromCache).toBe(true)
      expect(seen.requests).toBe(1)
    }).pipe(Effect.provide(Layer.provide(ResponseCache.keyValueStore(), KeyValueStore.layerMemory)))
  )

  it("reads no entry that is damaged, of another key, too long or too deep", () => {
    const entry = encode("k", [answer])
    expect(decode("k", entry, 10_000)).toBeDefined()
    expect(decode("other", entry, 10_000)).toBeUndefined()
    expect(decode("k", entry, entry.length - 1)).toBeUndefined()
    for (let length = 0; length < entry.length; length++)
      expect(decode("k", entry.slice(0, length), 10_000)).toBeUndefined()
    expect(decode("k", entry.replace('"finishReason"', '"finishedReason"'), 10_000)).toBeUndefined()
    expect(decode("k", entry.replace('"Hel"', "7"), 10_000)).toBeUndefined()
    expect(decode("k", `{"key":"k","reads":${"[".repeat(100_000)}`, 1e9)).toBeUndefined()
  })

  it.effect("tells accounts apart by their keys, organizations and endpoints, and contains no key", () =>
    Effect.gen(function* () {
      const identityOf = (options: OpenAIOptions) =>
        Effect.flatMap(OpenAI, ({ identity }) => identity ?? Effect.succeed("unknown")).pipe(
          Effect.provide(Layer.provide(OpenAI.layer(options), FetchHttpClient.layer))
        )
      const sign = () => Effect.succeed({ headers: {}, secrets: [] })
      const all = yield* Effect.forEach(
        [
          { apiKey: "sk-one" },
          { apiKey: "sk-two" },
          { apiKey: "sk-one", organization: "org" },
          { apiKey: "sk-one", baseUrl: "https://llm.example.com/v1" },
          { apiKey: "sk-one", api: "responses" as const },
          { apiKey: { sign, account: "a" } },
          { apiKey: { sign, account: "b" } },
          { apiKey: { sign } }
        ],
        identityOf
      )
      expect(new Set(all).size).toBe(all.length)
      expect(all.at(-1)).toBe("unknown")
      expect(all.join(" ")).not.toContain("sk-")
      expect(yield* identityOf({ apiKey: Effect.succeed("sk-one") })).toBe(all[0])
    })
  )

  it("has no key for values that look alike in JSON", async () => {
    const keyOf = (value: unknown) =>
      Effect.runPromise(
        cacheKey({ ...request, providerOptions: { mock: { value } } }, { identity: "i", scope: "shared" })
      )
    for (const value of [new Date(0), new Map(), Number.NaN, 1n, () => 1]) expect(await keyOf(value)).toBeUndefined()
    expect(await keyOf({ a: 1, b: 2 })).toBe(await keyOf({ b: 2, a: 1 }))
    expect(await keyOf("1")).not.toBe(await keyOf(1))
  })
})
