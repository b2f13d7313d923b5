import { describe, expect, it } from "@effect/vitest"
import { Cause, Chunk, Context, Data, Deferred, Effect, Exit, Fiber, Logger, Stream } from "effect"
import { CallbackError, type Callbacks, collect, LLMError, onToken, StreamChunk, tap } from "llm-connectivity"
import { answer, broken, cut, origin, saying } from "../support/pieces.js"

class Full extends Data.TaggedError("Full")<{ readonly text: string }> {}

/** Callbacks that record their arguments. */
const recordCallbacks = () => {
  const notes: Array<readonly [string, unknown]> = []
  const note = (name: string) => (value: unknown) => notes.push([name, value])
  const callbacks = {
    onToken: note("token"),
    onReasoning: note("reasoning"),
    onToolCall: note("tool call"),
    onFinish: note("finish"),
    onFailure: note("failure"),
    onInterrupt: note("interrupt")
  } satisfies Callbacks
  return { notes, callbacks, names: () => notes.map(([name]) => name) }
}

const call = (index: number, text: string, rest = {}) => ({ toolCalls: [{ index, arguments: text, ...rest }] })

describe("callbacks", () => {
  it.effect("are called in stream order, with complete tool calls and the complete response at the end", () =>
    Effect.gen(function* () {
      const { notes, callbacks } = recordCallbacks()
      const stream = saying(
        { reasoning: "Hm. ", content: "It" },
        "",
        " is",
        call(0, '{"a"', { id: "1", name: "look" }),
        call(0, ":1}"),
        { finishReason: "tool_calls", origin }
      )
      const response = yield* stream.pipe(tap(callbacks), collect)
      expect(notes).toEqual([
        ["reasoning", "Hm. "],
        ["token", "It"],
        ["token", " is"],
        ["tool call", { id: "1", name: "look", arguments: '{"a":1}' }],
        ["finish", response]
      ])
      expect(response.content).toBe("It is")
    })
  )

  it.effect("receive the failure with its partial response, and no other ending", () =>
    Effect.gen(function* () {
      const { notes, callbacks } = recordCallbacks()
      const error = yield* Effect.flip(broken("a", "b").pipe(tap(callbacks), Stream.runDrain))
      expect(error).toBe(cut)
      expect(notes).toEqual([
        ["token", "a"],
        ["token", "b"],
        ["failure", cut]
      ])
      expect(LLMError.partial(cut)?.content).toBe("ab")
    })
  )

  it.effect("receive the partial response once if reading stops early for any reason", () =>
    Effect.gen(function* () {
      const endings: ReadonlyArray<(stream: Stream.Stream<StreamChunk>) => Effect.Effect<unknown, unknown>> = [
        (stream) => Stream.runDrain(Stream.take(stream, 1)),
        (stream) => Stream.runForEach(stream, () => Effect.fail("enough")),
        (stream) => Stream.runForEach(stream, () => Effect.die("broken")),
        (stream) =>
          Effect.gen(function* () {
            const started = yield* Deferred.make<void>()
            const fiber = yield* Effect.fork(Stream.runForEach(stream, () => Deferred.succeed(started, undefined)))
            yield* Deferred.await(started)
            return yield* Fiber.interrupt(fiber)
          })
      ]
      for (const end of endings) {
        const { notes, callbacks } = recordCallbacks()
        yield* Effect.exit(end(tap(callbacks)(Stream.concat(saying("a"), Stream.never))))
        expect(notes).toMatchObject([
          ["token", "a"],
          ["interrupt", { content: "a", toolCalls: [], usage: null }]
        ])
      }
      const { names, callbacks } = recordCallbacks()
      yield* answer("a", "b").pipe(Stream.take(1), tap(callbacks), Stream.runDrain)
      expect(names()).toEqual(["token", "interrupt"])
      const completed = recordCallbacks()
      yield* answer("a").pipe(tap(completed.callbacks), Stream.take(2), Stream.runDrain)
      expect(completed.names()).toEqual(["token", "finish"])
    })
  )

  it.effect("are awaited before the next read passes if they return promises or effects", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const log = (event: string) => Effect.sync(() => events.push(event))
      yield* answer("a", "b").pipe(
        Stream.rechunk(10),
        onToken((text) => Effect.zipRight(Effect.yieldNow(), log(`effect ${text}`))),
        onToken(async (text) => {
          await Promise.resolve()
          events.push(`promise ${text}`)
        }),
        Stream.runForEachChunk(() => log("passed"))
      )
      expect(events).toEqual(["effect a", "effect b", "promise a", "promise b", "passed"])
    })
  )

  it.effect("fail the stream with their own error, after the earlier chunks", () =>
    Effect.gen(function* () {
      const read = <E>(stream: Stream.Stream<StreamChunk, E>) =>
        Effect.gen(function* () {
          const passed: Array<string> = []
          const exit = yield* Effect.exit(
            Stream.runForEach(stream, ({ content }) => Effect.sync(() => passed.push(content)))
          )
          return { passed, cause: Exit.isFailure(exit) ? exit.cause : undefined }
        })
      const abc = Stream.fromChunk(Chunk.fromIterable([..."abc"].map((content) => StreamChunk.make({ content }))))
      const thrown = new Error("no room")
      const failing = onToken((text) => (text === "b" ? Effect.fail(new Full({ text })) : Effect.void))
      expect(yield* read(failing(abc))).toEqual({ passed: ["a"], cause: Cause.fail(new Full({ text: "b" })) })
      const rejecting = onToken((text) => (text === "c" ? Promise.reject(thrown) : Promise.resolve()))
      const rejected = yield* read(rejecting(abc))
      expect(rejected.passed).toEqual(["a", "b"])
      const error = rejected.cause && Cause.squash(rejected.cause)
      expect(error).toBeInstanceOf(CallbackError)
      expect(error).toMatchObject({ callback: "onToken", cause: thrown })
      expect(String(error)).toContain("the promise that onToken returned was rejected: Error: no room")
      const throwing = onToken((text) => {
        if (text === "b") throw thrown
      })
      expect(yield* read(throwing(abc))).toEqual({ passed: ["a"], cause: Cause.die(thrown) })
    })
  )

  it.effect("never fail silently, not even at the end", () =>
    Effect.gen(function* () {
      const full = Effect.fail(new Full({ text: "" }))
      const finishing = yield* Effect.exit(Stream.runDrain(tap({ onFinish: () => full })(answer("a"))))
      expect(finishing).toEqual(Exit.fail(new Full({ text: "" })))
      const logged: Array<unknown> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ cause }) => logged.push(Cause.squash(cause)))
      )
      const failing = Stream.runDrain(tap({ onFailure: () => full })(broken("a")))
      expect(yield* Effect.provide(Effect.flip(failing), logger)).toBe(cut)
      expect(logged).toEqual([new Full({ text: "" })])
      const interrupting = tap({ onInterrupt: () => full })(saying("a", "b")).pipe(Stream.take(1), Stream.runDrain)
      const interrupted = yield* Effect.exit(interrupting)
      expect(Exit.isFailure(interrupted) && Chunk.toReadonlyArray(Cause.defects(interrupted.cause))).toEqual([
        new Full({ text: "" })
      ])
    })
  )

  it.effect("receive their context from the stream", () =>
    Effect.gen(function* () {
      class Log extends Context.Tag("Log")<Log, Array<string>>() {}
      const log: Array<string> = []
      yield* answer("a", "b").pipe(
        onToken((text) => Effect.map(Log, (lines) => lines.push(text))),
        Stream.runDrain,
        Effect.provideService(Log, log)
      )
      expect(log).toEqual(["a", "b"])
    })
  )

  it.effect("are called separately for each run", () =>
    Effect.gen(function* () {
      const { names, callbacks } = recordCallbacks()
      const stream = tap(callbacks)(answer("a"))
      yield* Stream.runDrain(stream)
      yield* Stream.runDrain(stream)
      expect(names()).toEqual(["token", "finish", "token", "finish"])
    })
  )
})
