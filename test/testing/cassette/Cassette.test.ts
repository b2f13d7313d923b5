/** Cassettes replay what was recorded: the same reads at the same times, in order, and nothing else. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Clock, Context, Deferred, Effect, Fiber, Layer, Stream, TestClock, TestServices } from "effect"
import { type ChatRequest, type FromProviderOptions, LLMClient, Message } from "llm-connectivity"
import { Cassette, type CassetteOptions, type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { ci, recording, replaying, stored, temporaryCassette } from "../../support/cassette.js"
import { clients, protocols, reached } from "../../support/contract.js"
import { serve, sse } from "../../support/server.js"

const request: ChatRequest = { messages: [Message.user("Count to 5 with words")] }
const answer = "One, two, three, four, five."

const asked = (text: string): ChatRequest => ({ messages: [Message.user(text)] })

interface Timed {
  readonly content: string
  readonly millis: number
}

/** The chunks of a response, and when each arrives. */
const timedChunks = Effect.gen(function* () {
  const start = yield* Clock.currentTimeMillis
  const chunks: Array<Timed> = []
  yield* Stream.runForEach(LLMClient.chatStream(request), ({ content }) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      chunks.push({ content, millis: now - start })
    })
  )
  return chunks
})

/** Runs a program to its end while the clock of the test goes on. */
const inTestTime = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(program)
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

const simulator = (pace: number, ...script: ReadonlyArray<SimulatedReply | string>) =>
  Effect.map(Layer.build(Simulator.layer({ pace, script })), Context.get(Simulator))

const openAI = protocols["openai-chat"]

/** Records a program against scripted replies. */
const record = <A, E>(
  path: string,
  script: ReadonlyArray<SimulatedReply | string>,
  program: Effect.Effect<A, E, LLMClient>,
  options: CassetteOptions = {}
) =>
  Effect.gen(function* () {
    const server = yield* simulator(0, ...script)
    const client = openAI.client(reached(server.url), { http: recording(path, options) })
    yield* program.pipe(Effect.provide(client), TestServices.provideLive)
    return server.url
  }).pipe(Effect.scoped)

/** Replays a program at the address at which it was recorded. */
const replay = <A, E>(
  path: string,
  url: string,
  program: Effect.Effect<A, E, LLMClient>,
  options: CassetteOptions & Partial<FromProviderOptions> & { readonly apiKey?: string } = {}
) => {
  const client = openAI.client(reached(url, options.apiKey), {
    ...options,
    http: Layer.orDie(replaying(path, options))
  })
  return Effect.provide(inTestTime(program), client)
}

const say = (text: string) => Effect.map(LLMClient.chat(asked(text)), ({ content }) => content)

const layerError = (path: string, options: CassetteOptions, value: string) =>
  Cassette.layer(path, options).pipe(Layer.provide([FetchHttpClient.layer, ci(value)]), Layer.build, Effect.flip)

const write = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

describe.each(Object.entries(protocols))("a cassette of %s", (_, subject) => {
  it.scoped("replays the same chunks at the times at which they were recorded", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const server = yield* simulator(15)
      const live = yield* timedChunks.pipe(
        Effect.provide(subject.client(server, { http: recording(path) })),
        TestServices.provideLive
      )
      const http = Layer.orDie(replaying(path))
      const chunks = yield* Effect.provide(inTestTime(timedChunks), subject.client(server, { http }))
      expect(live.map(({ content }) => content).join("")).toBe(answer)
      expect(chunks.map(({ content }) => content)).toEqual(live.map(({ content }) => content))
      const { reads = [], endMillis = 0, ending } = stored(path)[0]?.response ?? {}
      const times = new Set(reads.map(({ atMillis }) => atMillis))
      expect(ending).toBe("complete")
      expect(times.size).toBeGreaterThan(4)
      expect((reads.at(-1)?.atMillis ?? 0) - (reads[0]?.atMillis ?? 0)).toBeGreaterThanOrEqual(4 * 15)
      const seen = new Set(chunks.map(({ millis }) => millis))
      expect(Array.from(seen).filter((millis) => millis !== endMillis)).toEqual(
        Array.from(times).filter((millis) => millis !== endMillis)
      )
    })
  )
})

describe("the mode of a cassette", () => {
  it.scoped("is by default to record where there is no file, and to replay where there is one", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const url = yield* record(path, ["First"], say("Hi"), { mode: "auto" })
      const before = readFileSync(path, "utf8")
      expect(yield* replay(path, url, say("Hi"))).toBe("First")
      const again = openAI.client(reached(url), { http: recording(path, { mode: "auto" }) })
      expect(yield* Effect.provide(inTestTime(say("Hi")), again)).toBe("First")
      expect(readFileSync(path, "utf8")).toBe(before)
      yield* record(path, ["Second"], say("Hi"))
      expect(stored(path)).toHaveLength(1)
      expect(readFileSync(path, "utf8")).toContain("Second")
    })
  )

  it.scoped("is only to replay where CI is set", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      for (const value of ["true", "1"]) {
        expect(yield* layerError(path, {}, value)).toMatchObject({ _tag: "CassetteError", reason: "Missing", path })
        expect(yield* layerError(path, { mode: "record" }, value)).toMatchObject({ reason: "Unwritable" })
      }
      expect(yield* layerError(path, { mode: "replay" }, "false")).toMatchObject({ reason: "Missing" })
      expect(existsSync(path)).toBe(false)
    })
  )
})

describe("the file of a cassette", () => {
  const exchange = (response: object) =>
    JSON.stringify({
      format: "llm-connectivity-cassette",
      version: 1,
      exchanges: [{ request: { method: "GET", url: "http://x/", hash: "0" }, response }]
    })
  const response = { atMillis: 1, status: 200, headers: {}, reads: [], ending: "complete", endMillis: 1 }

  it.scoped.each([
    ["is not JSON", "{"],
    ["is deeper than 256 levels", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["has another version", JSON.stringify({ format: "llm-connectivity-cassette", version: 2, exchanges: [] })],
    ["has a status that no response can have", exchange({ ...response, status: 999 })],
    ["has an invalid URL", exchange(response).replace("http://", "")],
    ["has a header with a line end", exchange({ ...response, headers: { a: "b\r\nc: d" } })],
    ["has a time that no timer can wait for", exchange({ ...response, endMillis: 1e300 })],
    ["has invalid base64", exchange({ ...response, reads: [{ atMillis: 1, base64: "*" }] })]
  ] as const)("is rejected if it %s", ([, text]) =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      write(path, text)
      expect(yield* layerError(path, {}, "false")).toMatchObject({ _tag: "CassetteError", reason: "Invalid", path })
    })
  )

  it.scoped("is replaced in one step, and has no credentials, request headers or other response headers", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      yield* record(
        path,
        [{ content: "Hi", headers: { "set-cookie": "a=b", "x-ratelimit-limit-requests": "5" } }],
        say("Hi")
      )
      expect(readdirSync(dirname(path))).toEqual(["test.json"])
      const [only] = stored(path)
      expect(Object.keys(only?.request ?? {})).toEqual(["method", "url", "body", "hash"])
      expect(only?.response?.headers).toMatchObject({ "x-ratelimit-limit-requests": "5" })
      expect(only?.response?.headers).not.toHaveProperty("set-cookie")
      expect(readFileSync(path, "utf8")).not.toMatch(/simulated-key|authorization/i)
    })
  )

  it.scoped("has no prompt on request, and is matched all the same", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const url = yield* record(path, ["Aye"], say("Where is the treasure?"), { prompts: false })
      expect(readFileSync(path, "utf8")).not.toContain("treasure")
      expect(yield* replay(path, url, say("Where is the treasure?"))).toBe("Aye")
      const error = yield* replay(path, url, Effect.flip(LLMClient.chat(asked("Where is the gold?"))))
      expect(error.message).toContain("body (the cassette was recorded without prompts)")
    })
  )
})

describe("matching", () => {
  it.scoped("uses each recorded exchange once, in the order of its recording", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const both = Effect.all([say("Again"), say("Other"), say("Again")])
      const url = yield* record(path, ["one", "two", "three"], both)
      expect(yield* replay(path, url, Effect.all([say("Other"), say("Again"), say("Again")]))).toEqual([
        "two",
        "one",
        "three"
      ])
      const error = yield* replay(path, url, Effect.zipRight(say("Other"), Effect.flip(LLMClient.chat(asked("Other")))))
      expect(error.message).toContain("it was recorded 1 times, and is sent once more")
    })
  )

  it.scoped("tells where a request differs, without its words and without a retry", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const url = yield* record(path, ["Aye"], say("Where is the treasure?"))
      const start = yield* Clock.currentTimeMillis
      const asking = Effect.flip(LLMClient.chat({ ...asked("Where is the gold?"), temperature: 0.5 }))
      const client = openAI.client(reached(url), { http: Layer.orDie(replaying(path)), policies: undefined })
      const error = yield* Effect.provide(asking, client)
      expect(error._tag).toBe("ValidationError")
      expect(error.message).toContain("differs at body.messages[0].content, body.temperature (not recorded)")
      expect(error.message).not.toMatch(/treasure|gold/)
      expect(yield* Clock.currentTimeMillis).toBe(start)
    })
  )

  it.scoped("gives the typed error to users of HttpClient, and the exchanges that were not used", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const url = yield* record(path, ["Aye"], say("Hi"))
      const [error, unused] = yield* Effect.all([
        Effect.flip(HttpClient.get(`${url}/v1/models`)),
        Effect.flatMap(Cassette, (cassette) => cassette.unused)
      ]).pipe(Effect.provide(replaying(path)))
      expect(error).toMatchObject({ _tag: "RequestError", reason: "Encode", cause: { _tag: "CassetteError" } })
      expect(error.cause).toMatchObject({
        reason: "Unmatched",
        differences: [expect.stringMatching(/^method/), expect.stringMatching(/^url/)]
      })
      expect(unused).toEqual([{ method: "POST", url: `${url}/v1/chat/completions` }])
    })
  )

  it.scoped("ignores the key, the order of fields, and the order of parameters", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const server = yield* serve((response) => response.end("ok"))
      const post = (query: string, key: string, body: string) =>
        HttpClientRequest.post(`${server.url}/x?${query}`).pipe(
          HttpClientRequest.setHeader("authorization", `Bearer ${key}`),
          HttpClientRequest.bodyText(body, "application/json"),
          HttpClient.execute,
          Effect.flatMap(({ text }) => text)
        )
      yield* post("a=1&b=2&key=first-0123456789", "sk-first-0123456789", '{"a":{"b":1,"c":2},"d":3}').pipe(
        Effect.provide(recording(path))
      )
      const text = post("key=second-0123456789&b=2&a=1", "other", '{ "d": 3, "a": { "c": 2, "b": 1 } }')
      expect(yield* Effect.provide(inTestTime(text), replaying(path))).toBe("ok")
    })
  )
})

describe("a stream in a cassette", () => {
  it.scoped.each(Object.entries(clients))(
    "keeps the reads of the %s client, also those that end inside a character",
    ([, http]) =>
      Effect.gen(function* () {
        const path = yield* temporaryCassette
        const bytes = new TextEncoder().encode("a€b")
        const server = yield* serve((response) => {
          sse(response, bytes.slice(0, 2))
          setTimeout(() => response.end(bytes.slice(2)), 30)
        })
        const reads = HttpClient.get(server.url).pipe(
          Effect.flatMap(({ stream }) => Stream.runCollect(stream)),
          Effect.map((chunk) => Array.from(chunk, (each) => Array.from(each)))
        )
        const live = yield* reads.pipe(Effect.provide(recording(path, { http })), TestServices.provideLive)
        expect(live).toEqual([Array.from(bytes.slice(0, 2)), Array.from(bytes.slice(2))])
        expect(yield* Effect.provide(inTestTime(reads), replaying(path))).toEqual(live)
        expect(stored(path)[0]?.response?.reads.every(({ base64 }) => base64 !== undefined)).toBe(true)
      })
  )

  it.scoped("that its caller left is stored as interrupted, and replayed as far as it was read", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const server = yield* simulator(10)
      const client = (http: ReturnType<typeof recording>) => openAI.client(server, { http })
      const two = LLMClient.chatStream(request).pipe(Stream.take(2), Stream.runCollect, Effect.map(Array.from))
      const live = yield* two.pipe(Effect.provide(client(recording(path))), TestServices.provideLive)
      expect(stored(path)[0]?.response?.ending).toBe("interrupted")
      const http = Layer.orDie(replaying(path))
      expect(yield* Effect.provide(inTestTime(two), client(http))).toEqual(live)
      const error = yield* Effect.provide(inTestTime(Effect.flip(LLMClient.chat(request))), client(http))
      expect(error.message).toContain("no recorded exchange is left")
      const all = Effect.flip(Stream.runDrain(LLMClient.chatStream(request)))
      const cut = yield* Effect.provide(inTestTime(all), client(http))
      expect(cut).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
      expect(cut.message).toContain("the recording ends here, because its caller stopped reading")
    })
  )

  it.scoped("whose connection broke breaks at the same place, and one that was refused is refused", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const both = Effect.all([
        Effect.flip(Stream.runDrain(LLMClient.chatStream(request))),
        Effect.flip(LLMClient.chat(request))
      ])
      const script: ReadonlyArray<SimulatedReply> = [
        { fault: { type: "reset", afterChunks: 2 } },
        { fault: { type: "resetBeforeHeaders" } }
      ]
      const url = yield* record(path, script, both)
      expect(yield* replay(path, url, both)).toMatchObject([
        { _tag: "NetworkError", reason: "Truncated" },
        { _tag: "NetworkError", reason: "Connection" }
      ])
    })
  )

  it.scoped("that is interrupted while it is replayed leaves no timer", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const server = yield* simulator(20)
      yield* timedChunks.pipe(
        Effect.provide(openAI.client(server, { http: recording(path) })),
        TestServices.provideLive
      )
      const client = openAI.client(server, { http: Layer.orDie(replaying(path)) })
      const started = yield* Deferred.make<void>()
      let timers = 0
      const live = Clock.make()
      const sleep: Clock.Clock["sleep"] = (duration) =>
        Effect.acquireUseRelease(
          Effect.sync(() => timers++),
          () => live.sleep(duration),
          () => Effect.sync(() => timers--)
        )
      const counting: Clock.Clock = Object.assign(Object.create(live), { sleep })
      const reading = Stream.runForEach(LLMClient.chatStream(request), () => Deferred.succeed(started, undefined))
      yield* Effect.provide(
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(reading)
          yield* Deferred.await(started)
          yield* Effect.yieldNow()
          expect(timers).toBeGreaterThan(0)
          yield* Fiber.interrupt(fiber)
          expect(timers).toBe(0)
        }),
        client
      ).pipe(Effect.withClock(counting))
    })
  )
})

describe("faults over a replay", () => {
  it.scoped.each(Object.entries(protocols))("have the positions that they have on the Simulator: %s", ([, subject]) =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const server = yield* simulator(0)
      yield* timedChunks.pipe(
        Effect.provide(subject.client(server, { http: recording(path) })),
        TestServices.provideLive
      )
      const partial = Effect.gen(function* () {
        const texts: Array<string> = []
        const error = yield* LLMClient.chatStream(request).pipe(
          Stream.runForEach(({ content }) => Effect.sync(() => texts.push(content))),
          Effect.flip
        )
        return { text: texts.join(""), error }
      })
      const faults: CassetteOptions["faults"] = [
        { type: "truncate", afterChunks: 3 },
        { type: "malformedEvent", afterChunks: 2 },
        { type: "errorEvent", afterChunks: 1 }
      ]
      const http = Layer.orDie(replaying(path, { faults }))
      const program = Effect.all([partial, partial, partial, LLMClient.chat(request).pipe(Effect.flip)])
      const [truncated, malformed, failed] = yield* Effect.provide(
        inTestTime(program),
        subject.client(server, { http })
      )
      const simulated = yield* simulator(0, { fault: { type: "truncate", afterChunks: 3 } })
      const expected = yield* partial.pipe(Effect.provide(subject.client(simulated, {})), TestServices.provideLive)
      expect(truncated).toMatchObject({ text: expected.text, error: { _tag: "NetworkError", reason: "Truncated" } })
      expect(malformed.error._tag).toBe("ProviderError")
      expect(failed.error._tag).toBe("RateLimitError")
      expect(answer.startsWith(failed.text)).toBe(true)
      expect(failed.text.length).toBeLessThan(malformed.text.length)
    })
  )

  it.scoped("leave the exchange to the retry", () =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const url = yield* record(path, ["Aye"], say("Hi"))
      const options = { faults: [{ type: "resetBeforeHeaders" }], policies: undefined } as const
      expect(yield* replay(path, url, say("Hi"), options)).toBe("Aye")
    })
  )
})
