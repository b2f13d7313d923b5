import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Chunk, Deferred, Effect, Exit, Fiber, Logger, Ref, Scope, Stream } from "effect"
import { collect, LLMClient, tee } from "llm-connectivity"
import { clientOf, hello, say } from "../support/openai.js"
import { answer, broken, cut, saying } from "../support/pieces.js"
import { serve, sse } from "../support/server.js"

/** Counts the runs of a source and its emitted chunks, and records whether it is closed. */
const observed = Effect.gen(function* () {
  const emitted = yield* Ref.make(0)
  const runs = yield* Ref.make(0)
  const closed = yield* Deferred.make<void>()
  const observe = <A, E>(stream: Stream.Stream<A, E>): Stream.Stream<A, E> =>
    Stream.unwrap(
      Effect.as(
        Ref.update(runs, (n) => n + 1),
        stream
      )
    ).pipe(
      Stream.tap(() => Ref.update(emitted, (n) => n + 1)),
      Stream.ensuring(Deferred.succeed(closed, undefined))
    )
  return { emitted, runs, closed, observe }
})

const textsOf = <E>(stream: Stream.Stream<{ readonly content: string }, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Chunk.toReadonlyArray(chunks).map(({ content }) => content))

/** Why an effect fails, its defects included. */
const failureOf = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.exit(effect), (exit) => (Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "it succeeded"))

describe("tee", () => {
  it.scoped("gives both branches every chunk of one run", () =>
    Effect.gen(function* () {
      const { runs, observe } = yield* observed
      const [one, two] = yield* tee(observe(answer("a", "b", "c")))
      expect(yield* Ref.get(runs)).toBe(0)
      const [texts, response] = yield* Effect.all([textsOf(one), collect(two)], { concurrency: 2 })
      expect(texts).toEqual(["a", "b", "c", ""])
      expect(response.content).toBe("abc")
      expect(yield* Ref.get(runs)).toBe(1)
    })
  )

  it.scoped("loses no chunk, whether the source or a branch is fastest", () =>
    Effect.forEach(
      Array.from({ length: 60 }, (_, index) => index),
      (steps) =>
        Effect.gen(function* () {
          const source = Stream.tap(answer("a", "b", "c"), () => Effect.repeatN(Effect.yieldNow(), steps % 3))
          const [one, two] = yield* tee(source, { capacity: 1 })
          const counts = Effect.all([Stream.runCount(one), Stream.runCount(two)], { concurrency: 2 })
          expect(yield* counts).toEqual([4, 4])
        }).pipe(Effect.withMaxOpsBeforeYield(16 + steps))
    )
  )

  it.scoped("pauses the source when one branch is too far behind", () =>
    Effect.gen(function* () {
      const { emitted, observe } = yield* observed
      const [fast, slow] = yield* tee(observe(saying(...Array.from({ length: 50 }, () => "x"))), { capacity: 4 })
      const gate = yield* Deferred.make<void>()
      const slowReader = yield* Effect.fork(Stream.runForEach(slow, () => Deferred.await(gate)))
      const fastReader = yield* Effect.fork(Stream.runCount(fast))
      yield* Effect.repeatN(Effect.yieldNow(), 200)
      // One chunk that the slow consumer is reading, and a full buffer of four.
      expect(yield* Ref.get(emitted)).toBe(5)
      yield* Deferred.succeed(gate, undefined)
      expect(yield* Fiber.join(fastReader)).toBe(50)
      yield* Fiber.join(slowReader)
    })
  )

  it.scoped("reads no further than the branches request", () =>
    Effect.gen(function* () {
      const { emitted, observe } = yield* observed
      const [one, two] = yield* tee(observe(saying("a", "b", "c", "d")))
      const pulls = yield* Effect.all([Stream.toPull(one), Stream.toPull(two)])
      yield* Effect.all(pulls, { concurrency: 2 })
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      expect(yield* Ref.get(emitted)).toBe(1)
    })
  )

  it.scoped("gives both branches the failure, after the chunks before it", () =>
    Effect.gen(function* () {
      const [one, two] = yield* tee(broken("a", "b"))
      const read = (branch: typeof one) =>
        Effect.gen(function* () {
          const texts: Array<string> = []
          const error = yield* Effect.flip(
            Stream.runForEach(branch, ({ content }) => Effect.sync(() => texts.push(content)))
          )
          return { texts, error }
        })
      const results = yield* Effect.all([read(one), read(two)], { concurrency: 2 })
      expect(results).toEqual([0, 1].map(() => ({ texts: ["a", "b"], error: cut })))
    })
  )

  it.scoped("continues one branch when the other ends early, fails or is interrupted", () =>
    Effect.gen(function* () {
      const endings: ReadonlyArray<(branch: Stream.Stream<unknown>) => Effect.Effect<unknown, string>> = [
        (branch) => Stream.runDrain(Stream.take(branch, 1)),
        (branch) => Stream.runForEach(branch, () => Effect.fail("enough")),
        (branch) => Stream.runForEach(branch, () => Effect.never)
      ]
      for (const end of endings) {
        const [one, two] = yield* tee(answer(...Array.from({ length: 40 }, () => "x")), { capacity: 2 })
        const stopping = yield* Effect.fork(Effect.exit(end(one)))
        const counting = yield* Effect.fork(Stream.runCount(two))
        yield* Effect.repeatN(Effect.yieldNow(), 50)
        yield* Effect.fork(Fiber.interrupt(stopping))
        expect(yield* Fiber.join(counting)).toBe(41)
      }
    })
  )

  it.scoped("closes the source when both branches have stopped, and not before", () =>
    Effect.gen(function* () {
      const { closed, observe } = yield* observed
      const [one, two] = yield* tee(observe(Stream.concat(saying("a"), Stream.never)))
      yield* Stream.runDrain(Stream.take(one, 1))
      expect(yield* Deferred.isDone(closed)).toBe(false)
      yield* Stream.runDrain(Stream.take(two, 1))
      expect(yield* Deferred.isDone(closed)).toBe(true)
    })
  )

  it.effect("closes the source and interrupts the branches when the scope closes", () =>
    Effect.gen(function* () {
      const { closed, observe } = yield* observed
      const scope = yield* Scope.make()
      const [one] = yield* Scope.extend(tee(observe(Stream.concat(saying("a"), Stream.never))), scope)
      const reading = yield* Effect.fork(Stream.runDrain(one))
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      yield* Scope.close(scope, Exit.void)
      expect(yield* Deferred.isDone(closed)).toBe(true)
      expect(Exit.isInterrupted(yield* Fiber.await(reading))).toBe(true)
    })
  )

  it.scoped("warns once if a branch is blocked because nothing reads the other branch", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => logged.push(message))
      )
      const [one, two] = yield* tee(answer("a", "b", "c", "d"), { capacity: 2 })
      const reading = yield* Effect.fork(Effect.provide(Stream.runCount(one), logger))
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      expect(logged).toEqual([
        ["one branch of tee is blocked because nothing reads the other branch; read both branches concurrently"]
      ])
      expect(yield* Stream.runCount(two)).toBe(5)
      expect(yield* Fiber.join(reading)).toBe(5)
    })
  )

  it.scoped("allows each branch to be read only once", () =>
    Effect.gen(function* () {
      const [one, two] = yield* tee(answer("a"))
      yield* Effect.all([Stream.runDrain(one), Stream.runDrain(two)], { concurrency: 2 })
      const exit = yield* Effect.exit(Stream.runDrain(one))
      expect(String(exit)).toContain("a branch of tee can be read only once")
    })
  )

  it.live("closes the provider's socket when both branches are interrupted", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* serve((response) => {
        response.on("close", () => Deferred.unsafeDone(closed, Effect.void))
        sse(response, say("word"))
      })
      const both = Effect.gen(function* () {
        const [one, two] = yield* tee(LLMClient.chatStream(hello))
        const started = yield* Deferred.make<void>()
        const fibers = yield* Effect.forEach([one, two], (branch) =>
          Effect.fork(Stream.runForEach(branch, () => Deferred.succeed(started, undefined)))
        )
        yield* Deferred.await(started)
        yield* Effect.forEach(fibers, Fiber.interrupt)
        yield* Effect.timeoutFail(Deferred.await(closed), { duration: "15 seconds", onTimeout: () => "left open" })
      })
      yield* Effect.provide(both, clientOf(server.url, {}, FetchHttpClient.layer))
      expect(server.requests).toHaveLength(1)
    }).pipe(Effect.scoped)
  )

  it.effect("fails at once and says why, when a branch is read after the scope has closed", () =>
    Effect.gen(function* () {
      const why = /after the scope of tee had closed; read both branches inside that scope/
      const [unread, opened] = yield* Effect.scoped(tee(answer("a", "b", "c")))
      for (const branch of [unread, opened]) expect(yield* failureOf(Stream.runDrain(branch))).toMatch(why)

      const scope = yield* Scope.make()
      const [left, going] = yield* Scope.extend(tee(answer("a", "b", "c")), scope)
      yield* Stream.runDrain(Stream.take(left, 1))
      const pull = yield* Stream.toPull(going)
      yield* pull
      yield* Scope.close(scope, Exit.void)
      expect(yield* failureOf(pull)).toMatch(why)
      expect(yield* failureOf(Stream.runDrain(left))).toMatch(why)
    }).pipe(Effect.scoped)
  )
})
