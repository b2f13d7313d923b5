import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Exit, Fiber, Logger, Ref, Scope, Stream } from "effect"
import { collect, LLMClient, tee } from "llm-connectivity"
import { clientOf, hello, say } from "../support/openai.js"
import { answer, broken, cut, saying } from "../support/pieces.js"
import { serve, sse } from "../support/server.js"

/** A source that counts its runs and the pieces it has given, and knows whether it was let go. */
const watched = Effect.gen(function* () {
  const given = yield* Ref.make(0)
  const runs = yield* Ref.make(0)
  const closed = yield* Deferred.make<void>()
  const watch = <A, E>(stream: Stream.Stream<A, E>): Stream.Stream<A, E> =>
    Stream.unwrap(
      Effect.as(
        Ref.update(runs, (n) => n + 1),
        stream
      )
    ).pipe(
      Stream.tap(() => Ref.update(given, (n) => n + 1)),
      Stream.ensuring(Deferred.succeed(closed, undefined))
    )
  return { given, runs, closed, watch }
})

const textsOf = <E>(stream: Stream.Stream<{ readonly content: string }, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Chunk.toReadonlyArray(chunks).map(({ content }) => content))

describe("tee", () => {
  it.scoped("gives both branches every chunk of one run", () =>
    Effect.gen(function* () {
      const { runs, watch } = yield* watched
      const [one, two] = yield* tee(watch(answer("a", "b", "c")))
      expect(yield* Ref.get(runs)).toBe(0)
      const [texts, response] = yield* Effect.all([textsOf(one), collect(two)], { concurrency: 2 })
      expect(texts).toEqual(["a", "b", "c", ""])
      expect(response.content).toBe("abc")
      expect(yield* Ref.get(runs)).toBe(1)
    })
  )

  it.scoped("loses no chunk, whether the source or a branch is the fastest", () =>
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

  it.scoped("holds back the source when one branch is too far behind", () =>
    Effect.gen(function* () {
      const { given, watch } = yield* watched
      const [fast, slow] = yield* tee(watch(saying(...Array.from({ length: 50 }, () => "x"))), { capacity: 4 })
      const gate = yield* Deferred.make<void>()
      const slowly = yield* Effect.fork(Stream.runForEach(slow, () => Deferred.await(gate)))
      const fastly = yield* Effect.fork(Stream.runCount(fast))
      yield* Effect.repeatN(Effect.yieldNow(), 200)
      // One in the hands of the slow reader, and as many behind it as it may be.
      expect(yield* Ref.get(given)).toBe(5)
      yield* Deferred.succeed(gate, undefined)
      expect(yield* Fiber.join(fastly)).toBe(50)
      yield* Fiber.join(slowly)
    })
  )

  it.scoped("reads no further than the branches request", () =>
    Effect.gen(function* () {
      const { given, watch } = yield* watched
      const [one, two] = yield* tee(watch(saying("a", "b", "c", "d")))
      const pulls = yield* Effect.all([Stream.toPull(one), Stream.toPull(two)])
      yield* Effect.all(pulls, { concurrency: 2 })
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      expect(yield* Ref.get(given)).toBe(1)
    })
  )

  it.scoped("gives both branches the failure, after what came before it", () =>
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

  it.scoped("lets one branch read on when the other ends early, fails or is interrupted", () =>
    Effect.gen(function* () {
      const leaving: ReadonlyArray<(branch: Stream.Stream<unknown>) => Effect.Effect<unknown, string>> = [
        (branch) => Stream.runDrain(Stream.take(branch, 1)),
        (branch) => Stream.runForEach(branch, () => Effect.fail("enough")),
        (branch) => Stream.runForEach(branch, () => Effect.never)
      ]
      for (const leave of leaving) {
        const [one, two] = yield* tee(answer(...Array.from({ length: 40 }, () => "x")), { capacity: 2 })
        const gone = yield* Effect.fork(Effect.exit(leave(one)))
        const counting = yield* Effect.fork(Stream.runCount(two))
        yield* Effect.repeatN(Effect.yieldNow(), 50)
        yield* Effect.fork(Fiber.interrupt(gone))
        expect(yield* Fiber.join(counting)).toBe(41)
      }
    })
  )

  it.scoped("closes the source when both branches have stopped, and not before", () =>
    Effect.gen(function* () {
      const { closed, watch } = yield* watched
      const [one, two] = yield* tee(watch(Stream.concat(saying("a"), Stream.never)))
      yield* Stream.runDrain(Stream.take(one, 1))
      expect(yield* Deferred.isDone(closed)).toBe(false)
      yield* Stream.runDrain(Stream.take(two, 1))
      expect(yield* Deferred.isDone(closed)).toBe(true)
    })
  )

  it.effect("closes the source with its scope, which interrupts the branches", () =>
    Effect.gen(function* () {
      const { closed, watch } = yield* watched
      const scope = yield* Scope.make()
      const [one] = yield* Scope.extend(tee(watch(Stream.concat(saying("a"), Stream.never))), scope)
      const reading = yield* Effect.fork(Stream.runDrain(one))
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      yield* Scope.close(scope, Exit.void)
      expect(yield* Deferred.isDone(closed)).toBe(true)
      expect(Exit.isInterrupted(yield* Fiber.await(reading))).toBe(true)
    })
  )

  it.scoped("warns once that a branch is blocked because nothing reads the other one", () =>
    Effect.gen(function* () {
      const said: Array<unknown> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => said.push(message))
      )
      const [one, two] = yield* tee(answer("a", "b", "c", "d"), { capacity: 2 })
      const reading = yield* Effect.fork(Effect.provide(Stream.runCount(one), logger))
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      expect(said).toEqual([
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
        yield* Effect.timeoutFail(Deferred.await(closed), { duration: "1 second", onTimeout: () => "left open" })
      })
      yield* Effect.provide(both, clientOf(server.url, {}, FetchHttpClient.layer))
      expect(server.requests).toHaveLength(1)
    }).pipe(Effect.scoped)
  )
})
