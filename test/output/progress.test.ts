/** The progress display of a streaming response, on a terminal emulator and with the test clock. */
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Exit, FastCheck, Fiber, Stream, TestClock } from "effect"
import { LLMClient, ModelCatalog, RateLimitError, StreamChunk, TokenCounter, ValidationError } from "llm-connectivity"
import { dots, type StatusOptions, status } from "llm-connectivity/progress"
import { MockLLM } from "llm-connectivity/testing"
import { columnsOf, styleOf } from "../../src/output/progress/Terminal.js"
import { cutEnd, cutStart, widthOf } from "../../src/output/progress/TerminalWidth.js"
import { paper } from "../support/paper.js"
import { type Screen, screen } from "../support/screen.js"

const finish = StreamChunk.make({ finishReason: "stop" })

/** Emits each piece after a pause in milliseconds, and then the finish reason. */
const answer = (pieces: ReadonlyArray<string>, pause = 100) =>
  Stream.fromIterable([...pieces.map((content) => StreamChunk.make({ content })), finish]).pipe(
    Stream.rechunk(1),
    Stream.tap(() => Effect.sleep(pause))
  )

const endless = Stream.concat(answer(["Some text."]).pipe(Stream.take(1)), Stream.never)

/** Shows a stream's status on a terminal, in a new fiber. */
const watch = <E>(stream: Stream.Stream<StreamChunk, E>, to: Screen, options: StatusOptions = {}) =>
  Effect.fork(Stream.runDrain(status({ to, isLive: true, ...options })(stream)))

const limited = new RateLimitError({
  provider: "openai",
  model: "gpt-4o-mini",
  reason: "RateLimit",
  message: "slow down"
})

describe("the status line", () => {
  it.scoped("shows seconds, tokens, tokens per second and the latest text in one row", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      yield* watch(answer(["One two", " three four", " five six"], 500), to)
      yield* Effect.yieldNow()
      expect(yield* to.rows).toEqual(["⠋ 0.0 s"])
      yield* TestClock.adjust(1100)
      expect(yield* to.rows).toEqual(["⠙ 1.1 s · ~4 tokens · 8.0 tokens/s · One two three four"])
    })
  )

  it.scoped("leaves a summary line when the stream ends", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      const fiber = yield* watch(answer(["One two", " three four", " five six"], 500), to)
      yield* TestClock.adjust(2000)
      yield* Fiber.join(fiber)
      to.write("next")
      expect(yield* to.rows).toEqual(["✓ 2.0 s · ~6 tokens · 6.0 tokens/s", "next"])
    })
  )

  it.scoped("is redrawn at most about ten times a second, however fast the tokens arrive", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      const fast = Stream.mapConcat(
        answer(
          Array.from({ length: 20 }, () => "word "),
          50
        ),
        (chunk) => Array.from({ length: 50 }, () => chunk)
      )
      const fiber = yield* watch(fast, to)
      yield* TestClock.adjust(1050)
      yield* Fiber.join(fiber)
      expect(to.writes).toBeLessThan(15)
    })
  )

  it.scoped("stays one row when the terminal becomes narrower or wider", () =>
    Effect.gen(function* () {
      const to = yield* screen(70)
      yield* watch(answer(Array.from({ length: 100 }, () => "数据流 👩‍👩‍👧 日本語 words ")), to)
      for (const columns of [70, 31, 12, 5, 2, 1, 40, 100]) {
        to.resize(columns)
        yield* TestClock.adjust(300)
        const rows = yield* to.rows
        expect(rows.length).toBeLessThanOrEqual(1)
        for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(columns)
      }
    })
  )

  it.scoped("hides the cursor while it is shown, and restores it however the stream ends", () =>
    Effect.gen(function* () {
      const outcomes = {
        complete: answer(["text"]),
        failed: Stream.concat(answer(["text"]).pipe(Stream.take(1)), Stream.fail(limited)),
        "stopped early": Stream.take(answer(["text", "more"]), 1),
        died: Stream.concat(answer(["text"]).pipe(Stream.take(1)), Stream.die(new Error("a bug")))
      }
      for (const stream of Object.values(outcomes)) {
        const to = yield* screen(80)
        const fiber = yield* watch(stream, to)
        yield* Effect.yieldNow()
        yield* to.rows
        expect(to.isCursorHidden()).toBe(true)
        yield* TestClock.adjust(1000)
        yield* Fiber.await(fiber)
        expect(yield* to.rows).toHaveLength(1)
        expect(to.isCursorHidden()).toBe(false)
      }
    })
  )

  it.scoped("restores the cursor when a signal is about to end the process", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      const before = process.listenerCount("SIGHUP")
      // With a listener, the signal does not end the process.
      const listener = () => {}
      process.on("SIGHUP", listener)
      const fiber = yield* watch(endless, to)
      yield* TestClock.adjust(100)
      yield* to.rows
      expect(to.isCursorHidden()).toBe(true)
      process.emit("SIGHUP", "SIGHUP")
      yield* to.rows
      expect(to.isCursorHidden()).toBe(false)
      process.off("SIGHUP", listener)
      yield* Fiber.interrupt(fiber)
      expect(process.listenerCount("SIGHUP")).toBe(before)
    })
  )

  it.scoped("shows an interruption and a failure, and passes the failure on", () =>
    Effect.gen(function* () {
      const [stopped, failed] = [yield* screen(80), yield* screen(80)]
      const interrupted = yield* watch(endless, stopped)
      yield* TestClock.adjust(1500)
      yield* Fiber.interrupt(interrupted)
      expect(yield* stopped.rows).toEqual(["■ stopped after 1.5 s · ~3 tokens"])
      const exit = yield* Effect.exit(Stream.runDrain(status({ to: failed, isLive: true })(Stream.fail(limited))))
      expect(exit).toEqual(Exit.fail(limited))
      expect(yield* failed.rows).toEqual(["✗ failed after 0.0 s"])
    })
  )

  it.scoped("is removed before the first content passes with until: firstContent", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      const withStatus = status({ to, isLive: true, until: "firstContent" })(answer(["Hello", " there"]))
      const fiber = yield* Effect.fork(
        Stream.runForEach(withStatus, ({ content }) => Effect.sync(() => to.write(content)))
      )
      yield* TestClock.adjust(50)
      yield* to.rows
      expect(to.isCursorHidden()).toBe(true)
      yield* TestClock.adjust(1000)
      yield* Fiber.join(fiber)
      expect(yield* to.rows).toEqual(["Hello there"])
      expect(to.isCursorHidden()).toBe(false)
    })
  )

  it.scoped("executes no control characters from the model's text", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      yield* watch(
        Stream.concat(
          answer(["a\u001b[2J\u001b]0;title\u0007\r\n\u202eb\u009b31mc"]).pipe(Stream.take(1)),
          Stream.never
        ),
        to
      )
      yield* TestClock.adjust(300)
      const [row] = yield* to.rows
      expect(row).toMatch(/ tokens? · a b ?c$/)
    })
  )

  it.scoped("shows the estimated cost if a catalog is provided, and the cost of the reported usage at the end", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      const request = { messages: [{ role: "user", content: "Hi" }] } as const
      const usage = {
        inputTokens: 1000,
        outputTokens: 1000,
        totalTokens: 2000,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        reasoningTokens: 0
      }
      const stream = Stream.concat(
        answer(["word ".repeat(1000)]).pipe(Stream.take(1)),
        Stream.fromEffect(Effect.as(Effect.sleep(1000), { ...finish, usage }))
      )
      const fiber = yield* watch(stream, to, { request, model: "acme/one", hasPreview: false })
      yield* TestClock.adjust(500)
      expect((yield* to.rows)[0]).toMatch(/ · ~1,\d\d\d tokens · \$0\.002\d$/)
      yield* TestClock.adjust(1000)
      yield* Fiber.join(fiber)
      expect(yield* to.rows).toEqual(["✓ 1.1 s · 1,000 tokens · $0.0030"])
    }).pipe(Effect.provide(ModelCatalog.layerOf([{ provider: "acme", model: "one", prices: { input: 1, output: 2 } }])))
  )

  it.scoped("estimates tokens if the token counter fails, without failing the stream", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      const broken = new ValidationError({ provider: "", model: "", message: "no encoding" })
      const counter = { count: () => Effect.fail(broken), running: () => Effect.fail(broken) }
      const chunks = yield* Stream.runCollect(status({ to, isLive: true })(answer(["Hello there"], 0))).pipe(
        Effect.provideService(TokenCounter, counter)
      )
      expect(Chunk.toReadonlyArray(chunks)).toEqual([StreamChunk.make({ content: "Hello there" }), finish])
      expect((yield* to.rows)[0]).toContain("~2 tokens")
    })
  )

  it.scoped("accepts the stream of a client and adds no requirements", () =>
    Effect.gen(function* () {
      const to = yield* screen(80)
      const request = { messages: [{ role: "user", content: "Hi" }] } as const
      yield* Stream.runDrain(status({ to, isLive: true, request })(LLMClient.chatStream(request)))
      expect((yield* to.rows)[0]).toMatch(/^✓ 0\.0 s · .*tokens/)
    }).pipe(Effect.provide(MockLLM.layer([["Hello", " there"]])))
  )
})

describe("the status without a live terminal", () => {
  it.effect("writes a line at the start, one every ten seconds, and one at the end, without escape sequences", () =>
    Effect.gen(function* () {
      const to = paper()
      const slow = answer(["One", " two", " three"], 6000)
      const fiber = yield* Effect.fork(Stream.runDrain(status({ to, model: "openai/gpt-4o-mini" })(slow)))
      yield* TestClock.adjust("24 seconds")
      yield* Fiber.join(fiber)
      expect(to.written.join("").split("\n")).toEqual([
        "waiting for openai/gpt-4o-mini",
        "10 s · ~1 token",
        "20 s · ~3 tokens · 0.3 tokens/s",
        "complete after 24 s · ~3 tokens · 0.3 tokens/s",
        ""
      ])
    })
  )

  it.scoped("is used in CI, on a dumb terminal and for a pipe", () =>
    Effect.gen(function* () {
      for (const [variable, value] of [
        ["CI", "true"],
        ["TERM", "dumb"]
      ] as const) {
        const to = yield* screen(80)
        yield* withVariable(variable, value, Stream.runDrain(status({ to })(answer([], 0))))
        expect(yield* to.rows).toEqual(["waiting for the answer", "complete after 0.0 s"])
      }
    })
  )
})

describe("dots", () => {
  it.effect("prints one dot per chunk with content, and a line break however the stream ends", () =>
    Effect.gen(function* () {
      const [complete, failed, interrupted] = [paper(), paper(), paper()]
      const chunks = yield* Stream.runCollect(
        dots({ to: complete })(
          Stream.fromIterable([...["a", "", "b"].map((content) => StreamChunk.make({ content })), finish])
        )
      )
      expect(chunks).toHaveLength(4)
      expect(complete.written.join("")).toBe("Generating response..\n")
      yield* Effect.ignore(Stream.runDrain(dots({ to: failed, label: "Thinking" })(Stream.fail(limited))))
      expect(failed.written.join("")).toBe("Thinking\n")
      const started = yield* Deferred.make<void>()
      const fiber = yield* endless.pipe(
        Stream.tap(() => Deferred.succeed(started, undefined)),
        dots({ to: interrupted }),
        Stream.runDrain,
        Effect.fork
      )
      yield* TestClock.adjust(100)
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      expect(interrupted.written.join("")).toBe("Generating response.\n")
    })
  )
})

describe("the terminal", () => {
  it.effect("gets colors only if the output is a TTY and NO_COLOR is not set", () =>
    Effect.gen(function* () {
      const terminal = { isTTY: true, write: () => true }
      const red = Effect.sync(() => styleOf(terminal).red("x"))
      expect(yield* withVariable("NO_COLOR", "", red)).toBe("\u001b[31mx\u001b[39m")
      expect(yield* withVariable("NO_COLOR", "1", red)).toBe("x")
      expect(styleOf({ write: () => true }).red("x")).toBe("x")
    })
  )

  it("is 80 columns wide if its width is unknown", () => {
    const write = () => true
    expect([columnsOf({ write }), columnsOf({ write, columns: 0 }), columnsOf({ write, columns: 33 })]).toEqual([
      80, 80, 33
    ])
  })

  it("gets truncated texts that fit its width and split no character", () => {
    const texts = FastCheck.array(
      FastCheck.oneof(
        FastCheck.constantFrom("日", "👩‍👩‍👧", "🇩🇪", "e\u0301", "한", "ﾞ", " ", "x"),
        FastCheck.string({ unit: "grapheme" })
      ),
      { maxLength: 30 }
    )
    FastCheck.assert(
      FastCheck.property(texts, FastCheck.integer({ min: 0, max: 40 }), (pieces, columns) => {
        const text = pieces.join("")
        for (const truncated of [cutEnd(text, columns), cutStart(text, columns)]) {
          expect(widthOf(truncated)).toBeLessThanOrEqual(columns)
          expect(truncated).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/)
        }
      })
    )
    expect(cutEnd("日本語", 4)).toBe("日…")
    expect(cutStart("日本語", 4)).toBe("…語")
  })
})

/** Sets an environment variable while an effect runs. */
const withVariable = <A, E, R>(name: string, value: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = process.env[name]
      process.env[name] = value
      return before
    }),
    () => effect,
    (before) =>
      Effect.sync(() => {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      })
  )
