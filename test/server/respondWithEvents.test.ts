import { HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Data, Deferred, Duration, Effect, Fiber, Logger, Option, Ref, Schema, Stream, TestClock } from "effect"
import {
  AuthenticationError,
  ContextWindowExceededError,
  InsufficientCreditsError,
  type LLMError,
  ModelNotFoundError,
  NetworkError,
  ProviderError,
  RateLimitError,
  StreamChunk,
  ValidationError
} from "llm-connectivity"
import { type EventsOptions, respondWithEvents } from "llm-connectivity/server"

const chunk = (fields: Partial<StreamChunk>) => StreamChunk.make(fields)

const hello = [
  chunk({ content: "Hel", rawChunk: { secret: "internals" } }),
  chunk({ content: "lo\n\u2028", reasoning: "why" }),
  chunk({
    toolCalls: [{ index: 0, id: "c1", name: "weather", arguments: "{" }],
    part: { index: 0, type: "tool-call", providerMetadata: { test: { signature: "s" } } }
  }),
  chunk({
    finishReason: "stop",
    usage: {
      inputTokens: 5,
      outputTokens: 2,
      totalTokens: 7,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0
    },
    origin: { provider: "openai", model: "gpt-4o-mini" },
    cost: 0.00001
  })
]

const about = { provider: "openai", model: "gpt-4o-mini", message: "it says why" }

const limited = new RateLimitError({ ...about, reason: "RateLimit", retryAfter: Duration.millis(20_400), status: 429 })

const cut = new NetworkError({ ...about, reason: "Truncated" })

const bytesOf = ({ body }: HttpServerResponse.HttpServerResponse): Stream.Stream<Uint8Array> =>
  body._tag === "Stream"
    ? Stream.orDie(body.stream)
    : body._tag === "Uint8Array"
      ? Stream.make(body.body)
      : Stream.empty

const textOf = (response: HttpServerResponse.HttpServerResponse): Effect.Effect<string> =>
  Stream.mkString(Stream.decodeText(bytesOf(response)))

/** The response to a stream, with its complete body. */
const responseTo = <E extends LLMError>(stream: Stream.Stream<StreamChunk, E>, options?: EventsOptions) =>
  Effect.scoped(
    Effect.gen(function* () {
      const response = yield* respondWithEvents(stream, options)
      return { status: response.status, headers: response.headers, text: yield* textOf(response) }
    })
  )

const done = "event: done\ndata: {}\n\n"

describe("a stream as server-sent events", () => {
  it.effect("is one event per chunk without empty or internal fields, and an end marker", () =>
    Effect.gen(function* () {
      const { status, text } = yield* responseTo(Stream.fromIterable(hello))
      expect(status).toBe(200)
      expect(text.split("\n\n")).toEqual([
        'data: {"content":"Hel"}',
        'data: {"content":"lo\\n\u2028","reasoning":"why"}',
        'data: {"toolCalls":[{"index":0,"id":"c1","name":"weather","arguments":"{"}],"part":{"index":0,"type":"tool-call"}}',
        'data: {"finishReason":"stop","usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7,"cacheReadTokens":0,' +
          '"cacheWriteTokens":0,"reasoningTokens":0},"origin":{"provider":"openai","model":"gpt-4o-mini"},"cost":0.00001}',
        "event: done\ndata: {}",
        ""
      ])
    })
  )

  it.effect("includes provider data only if the caller requests it", () =>
    Effect.gen(function* () {
      const { text } = yield* responseTo(Stream.fromIterable(hello), { also: ["rawChunk", "providerMetadata"] })
      expect(text).toContain('{"content":"Hel","rawChunk":{"secret":"internals"}}')
      expect(text).toContain('"providerMetadata":{"test":{"signature":"s"}}')
    })
  )

  it.effect("writes the chunks of one network read at once", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const reads = Stream.fromChunks(Chunk.fromIterable(hello.slice(0, 3)), Chunk.fromIterable(hello.slice(3)))
        const response = yield* respondWithEvents(reads)
        expect(yield* Stream.runCount(bytesOf(response))).toBe(2)
      })
    )
  )

  it.effect("has headers that stop proxies from buffering or changing it", () =>
    Effect.gen(function* () {
      const { headers } = yield* responseTo(Stream.empty)
      expect(headers).toMatchObject({
        "content-type": "text/event-stream",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no"
      })
    })
  )

  it.effect("ends with the marker even if the stream is empty", () =>
    Effect.gen(function* () {
      expect(yield* responseTo(Stream.empty)).toMatchObject({ status: 200, text: done })
    })
  )
})

describe("a failure", () => {
  const failures: ReadonlyArray<readonly [status: number, error: LLMError]> = [
    [429, limited],
    [503, new RateLimitError({ ...about, reason: "Overloaded" })],
    [502, new NetworkError({ ...about, reason: "Connection" })],
    [502, new NetworkError({ ...about, reason: "Server", status: 500 })],
    [502, cut],
    [504, new NetworkError({ ...about, reason: "Timeout", timeout: "headers" })],
    [500, new NetworkError({ ...about, provider: "", reason: "Truncated" })],
    [500, new AuthenticationError({ ...about, status: 401 })],
    [500, new InsufficientCreditsError({ ...about, status: 402 })],
    [400, new ModelNotFoundError({ ...about, status: 404 })],
    [400, new ValidationError(about)],
    [413, new ContextWindowExceededError(about)],
    [502, new ProviderError(about)]
  ]

  it.effect.each(failures)("has the status %i before the first chunk", ([status, error]) =>
    Effect.gen(function* () {
      const response = yield* responseTo(Stream.fail(error))
      expect(response.status).toBe(status)
      expect(response.headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" })
      expect(JSON.parse(response.text)).toMatchObject({ _tag: error._tag, message: "it says why" })
    })
  )

  it.effect("has a retry-after header, in seconds rounded up", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* responseTo(Stream.fail(limited))
      expect(headers["retry-after"]).toBe("21")
      expect(JSON.parse(text)).toEqual({
        _tag: "RateLimitError",
        ...about,
        reason: "RateLimit",
        retryAfter: 20_400,
        retryable: true,
        status: 429,
        attempts: 1
      })
    })
  )

  it.effect("is an event after the first chunk, without an end marker", () =>
    Effect.gen(function* () {
      const { status, text } = yield* responseTo(
        Stream.concat(Stream.make(chunk({ content: "Hel" })), Stream.fail(cut))
      )
      expect(status).toBe(200)
      expect(text).toMatch(/^data: {"content":"Hel"}\n\nevent: error\ndata: {.*"reason":"Truncated".*}\n\n$/)
    })
  )

  it.effect("that the client cannot fix is logged in one line", () =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const collecting = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ logLevel, message }) => void logged.push(`${logLevel.label} ${message}`))
      )
      const wrongKey = new AuthenticationError(about)
      for (const error of [limited, new ValidationError(about), wrongKey]) {
        yield* Effect.provide(responseTo(Stream.fail(error)), collecting)
      }
      expect(logged).toEqual(["WARN a response failed: AuthenticationError: it says why"])
    })
  )

  const unexpected: ReadonlyArray<readonly [what: string, stream: Stream.Stream<StreamChunk>]> = [
    ["a defect", Stream.dieMessage("sk-secret is broken")],
    ["a failure of another kind", Stream.fail(new Error("sk-secret is broken")) as never],
    ["an interruption from inside", Stream.fromEffect(Effect.interrupt)],
    ["a chunk that cannot be written as JSON", Stream.make({ ...chunk({}), usage: { inputTokens: 1n } as never })]
  ]

  it.effect.each(unexpected)("hides the message of an unexpected error (%s), and logs it", ([, stream]) =>
    Effect.gen(function* () {
      const logged = yield* Ref.make(0)
      const counting = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ logLevel }) =>
          logLevel._tag === "Error" ? Effect.runSync(Ref.update(logged, (n) => n + 1)) : 0
        )
      )
      const early = yield* Effect.provide(responseTo(stream), counting)
      expect(early).toMatchObject({ status: 500 })
      const late = yield* Effect.provide(
        responseTo(Stream.concat(Stream.make(chunk({ content: "Hel" })), stream)),
        counting
      )
      expect(late.text).toMatch(
        /^data: {"content":"Hel"}\n\nevent: error\ndata: {.*"reason":"Server","_tag":"NetworkError"}\n\n$/
      )
      expect(`${early.text}${late.text}`).not.toContain("secret")
      expect(yield* Ref.get(logged)).toBe(2)
    })
  )
})

describe("a failure of the request", () => {
  const schema = Schema.Struct({ question: Schema.String })

  it.effect("is a 400 that names the field but not its value", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const asked = Schema.decodeUnknown(schema)({ question: 4711 })
        const response = yield* respondWithEvents(Stream.unwrap(Effect.as(asked, Stream.fromIterable(hello))))
        const text = yield* textOf(response)
        expect([response.status, JSON.parse(text)]).toMatchObject([400, { _tag: "ValidationError" }])
        expect(text).toContain("question")
        expect(text).not.toContain("4711")
      })
    )
  )

  it.effect("is a 400 where the body is no JSON", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const request = HttpServerRequest.fromWeb(new Request("http://x/", { method: "POST", body: "{" }))
        const stream = Stream.unwrap(Effect.as(HttpServerRequest.schemaBodyJson(schema), Stream.fromIterable(hello)))
        const response = yield* Effect.provideService(
          respondWithEvents(stream),
          HttpServerRequest.HttpServerRequest,
          request
        )
        expect(response.status).toBe(400)
      })
    )
  )

  class Unknown extends Data.TaggedError("Unknown")<{ readonly id: string }> {}

  it.effect("of any kind is what the caller makes of it, with the status that the caller gives", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const failing = (error: Unknown | LLMError): Stream.Stream<StreamChunk, Unknown | LLMError> =>
          Stream.fail(error)
        const onError = (error: Unknown | LLMError) =>
          error._tag === "Unknown"
            ? { status: 404, error: new ValidationError({ ...about, message: `no chat ${error.id}` }) }
            : error
        const response = yield* respondWithEvents(failing(new Unknown({ id: "7" })), { onError })
        expect([response.status, JSON.parse(yield* textOf(response))]).toMatchObject([404, { message: "no chat 7" }])
        expect((yield* respondWithEvents(failing(limited), { onError })).status).toBe(429)
        const late = Stream.concat(Stream.make(chunk({ content: "Hel" })), failing(new Unknown({ id: "7" })))
        expect(yield* textOf(yield* respondWithEvents(late, { onError }))).toContain("event: error\ndata: ")
        // @ts-expect-error: a failure of another kind needs `onError`
        yield* Effect.forkScoped(respondWithEvents(failing(new Unknown({ id: "7" }))))
        const throwing = { onError: () => JSON.parse("{") as LLMError }
        expect((yield* respondWithEvents(failing(new Unknown({ id: "7" })), throwing)).status).toBe(500)
      })
    )
  )
})

describe("responses that a stream concatenates", () => {
  it.effect("are one response to the client, with one finish reason and the sums", () =>
    Effect.gen(function* () {
      const two = Stream.concat(Stream.fromIterable(hello), Stream.fromIterable(hello))
      const { text } = yield* responseTo(two)
      const events = text.split("\n\n").filter((event) => event.startsWith('data: {"'))
      const chunks = events.map((event): Partial<StreamChunk> => JSON.parse(event.slice(6)))
      expect(chunks.filter(({ finishReason }) => finishReason !== undefined)).toEqual([chunks.at(-1)])
      expect(chunks.at(-1)).toMatchObject({ usage: { inputTokens: 10, outputTokens: 4 }, cost: 0.00002 })
      expect(chunks.flatMap(({ part }) => part?.index ?? [])).toEqual([0, 1])
      expect(chunks.flatMap(({ toolCalls = [] }) => toolCalls.map(({ index }) => index))).toEqual([0, 1])
      expect(text.endsWith(done)).toBe(true)
    })
  )
})

describe("a client that does not read", () => {
  it.effect("interrupts the stream when a part has waited for the write timeout, and ends without a marker", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const interrupted = yield* Deferred.make<void>()
        const endless = Stream.forever(Stream.make(chunk({ content: "more" }))).pipe(
          Stream.ensuring(Deferred.succeed(interrupted, undefined))
        )
        const response = yield* respondWithEvents(endless, { writeTimeout: "30 seconds" })
        yield* TestClock.adjust("59 seconds")
        yield* Deferred.await(interrupted)
        const text = yield* textOf(response)
        expect(text).toContain('data: {"content":"more"}')
        expect(text).not.toContain("event: done")
      })
    )
  )

  it.effect("may read as slowly as it likes within the write timeout", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const chunks = Stream.rechunk(Stream.make(...["a", "b", "c"].map((content) => chunk({ content }))), 1)
        const response = yield* respondWithEvents(chunks, { writeTimeout: "30 seconds" })
        const parts = Stream.mapEffect(Stream.decodeText(bytesOf(response)), (text) =>
          Effect.as(Effect.sleep("20 seconds"), text)
        )
        const reading = yield* Effect.fork(Stream.mkString(parts))
        yield* TestClock.adjust("10 minutes")
        expect(yield* Fiber.join(reading)).toContain("event: done")
      })
    )
  )
})

describe("a silent provider", () => {
  const silent = (gate: Deferred.Deferred<void, LLMError>) =>
    Stream.concat(Stream.drain(Stream.fromEffect(Deferred.await(gate))), Stream.make(chunk({ content: "late" })))

  it.effect("gets keep-alive comments, at the interval and only while it is silent", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void, LLMError>()
        const stream = Stream.concat(Stream.make(chunk({ content: "early" })), silent(gate))
        const parts = yield* Ref.make<ReadonlyArray<string>>([])
        const response = yield* respondWithEvents(stream, { keepAlive: "10 seconds" })
        const reading = yield* Effect.fork(
          Stream.runForEach(Stream.decodeText(bytesOf(response)), (text) => Ref.update(parts, (all) => [...all, text]))
        )
        const partsAfter = (millis: number) => Effect.zipRight(TestClock.adjust(millis), Ref.get(parts))
        const early = 'data: {"content":"early"}\n\n'
        const comment = ": keep-alive\n\n"
        expect(yield* partsAfter(9_999)).toEqual([early])
        expect(yield* partsAfter(1)).toEqual([early, comment])
        expect(yield* partsAfter(10_000)).toEqual([early, comment, comment])
        yield* partsAfter(5_000)
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(reading)
        expect(yield* Ref.get(parts)).toEqual([early, comment, comment, 'data: {"content":"late"}\n\n', done])
      })
    )
  )

  it.effect("starts the response with the first comment, and sends a later failure as an event", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void, LLMError>()
        const responding = yield* Effect.fork(respondWithEvents(silent(gate)))
        yield* TestClock.adjust("14 seconds")
        expect(Option.isNone(yield* Fiber.poll(responding))).toBe(true)
        yield* TestClock.adjust("1 second")
        const response = yield* Fiber.join(responding)
        expect(response.status).toBe(200)
        yield* Deferred.fail(gate, limited)
        expect(yield* textOf(response)).toMatch(/^: keep-alive\n\nevent: error\ndata: {.*"retryAfter":20400.*}\n\n$/)
      })
    )
  )

  it.effect("gets no comments if keepAlive is infinite", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const gate = yield* Deferred.make<void, LLMError>()
        const responding = yield* Effect.fork(respondWithEvents(silent(gate), { keepAlive: Number.POSITIVE_INFINITY }))
        yield* TestClock.adjust("10 days")
        expect(Option.isNone(yield* Fiber.poll(responding))).toBe(true)
        yield* Deferred.succeed(gate, undefined)
        expect(yield* textOf(yield* Fiber.join(responding))).toBe(`data: {"content":"late"}\n\n${done}`)
      })
    )
  )
})

it.effect.each(["keepAlive", "writeTimeout"])(
  "is a 500 where %s is no duration, and the log says what to write",
  (name) =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const collecting = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ cause }) => void logged.push(String(cause)))
      )
      // Wrong on purpose, as from a program without types.
      const options = { [name]: "15 secs" } as unknown as EventsOptions
      const { status } = yield* responseTo(Stream.fromIterable(hello), options).pipe(Effect.provide(collecting))
      expect(status).toBe(500)
      expect(logged.join()).toContain(`${name} is "15 secs"; write a duration such as "30 seconds"`)
    })
)
