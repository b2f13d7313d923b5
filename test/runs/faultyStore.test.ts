/** Runs over a store that fails, forgets and delays. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Mailbox, Stream, TestClock } from "effect"
import { StreamChunk } from "llm-connectivity"
import { RunStore, type RunStoreService, Runs, type RunsOptions, StateUnavailable } from "llm-connectivity/runs"
import { withQuickClock } from "../support/quickClock.js"

/** A store whose methods a test replaces. */
const storeWith = (replace: (store: RunStoreService) => Partial<RunStoreService>) =>
  Layer.effect(
    RunStore,
    Effect.map(RunStore, (store) => ({ ...store, ...replace(store) }))
  ).pipe(Layer.provide(RunStore.memory))

const withStore = (replace: (store: RunStoreService) => Partial<RunStoreService>, options?: RunsOptions) =>
  Effect.provide(Runs.layer(options).pipe(Layer.provideMerge(storeWith(replace))))

const unavailable = Effect.fail(new StateUnavailable({ reason: "no connection" }))

const words = ["one ", "two ", "three ", "four "].map((content) => StreamChunk.make({ content }))

const inReads = Stream.fromIterable(words).pipe(Stream.rechunk(1))

const textOf = (id: string) => Stream.runFold(Runs.read(id), "", (all, { content }) => all + content)

describe("a run whose store fails", () => {
  it.effect("in every second write is stored once and in order", () => {
    let count = 0
    return Effect.gen(function* () {
      const { id } = yield* Runs.start(Stream.tap(inReads, () => Effect.sleep("100 millis")))
      const reading = yield* Effect.fork(textOf(id))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(reading)).toBe("one two three four ")
      const page = yield* Effect.flatMap(RunStore, (store) => store.read(id, { epoch: 0, sequence: 0 }, 100))
      expect(page?.entries.map(({ text }) => text)).toHaveLength(4)
      expect(count).toBeGreaterThan(6)
    }).pipe(
      withStore((store) => ({
        // The entries are stored, but the reply is lost.
        write: (write) => (count++ % 2 === 0 ? Effect.zipRight(store.write(write), unavailable) : store.write(write))
      }))
    )
  })

  it.effect("and forgets what it had acknowledged is sent that again", () => {
    let stored: Array<string> = []
    return Effect.gen(function* () {
      const mailbox = yield* Mailbox.make<StreamChunk>()
      const { id } = yield* Runs.start(Mailbox.toStream(mailbox))
      const pull = yield* Stream.toPull(Runs.read(id))
      for (const word of words.slice(0, 3)) {
        yield* mailbox.offer(word)
        yield* pull
      }
      expect(stored).toHaveLength(3)
      stored = stored.slice(0, 1)
      yield* mailbox.offer(StreamChunk.make({ content: "four " }))
      yield* mailbox.end
      expect(yield* Stream.runCollect(Runs.read(id)).pipe(Effect.map((all) => all.length))).toBe(4)
      expect(stored.map((text) => JSON.parse(text)[0].content)).toEqual(["one ", "two ", "three ", "four "])
    }).pipe(
      Effect.scoped,
      withStore((store) => ({
        write: (write) =>
          Effect.suspend(() => {
            const missing = write.first - 1 - stored.length
            if (missing > 0)
              return Effect.succeed({ type: "gap", last: { epoch: 1, sequence: stored.length } } as const)
            stored.push(...write.entries.slice(-missing))
            return store.write(write)
          })
      }))
    )
  })

  it.effect("for good goes on in this process, and ends for its readers when its end cannot be stored", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(
        Stream.concat(inReads, Stream.drain(Stream.fromEffect(Effect.sleep("5 seconds"))))
      )
      const reading = yield* Effect.fork(Effect.exit(textOf(id)))
      yield* TestClock.adjust("4 seconds")
      expect(yield* Fiber.poll(reading)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("20 seconds")
      expect(yield* Fiber.join(reading)).toMatchObject({ cause: { error: { reason: "Truncated" } } })
    }).pipe(withStore(() => ({ write: () => unavailable })))
  )

  it.effect("is not started, and says so", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Runs.start(Stream.dieMessage("started")))
      expect(error).toMatchObject({ _tag: "RunError", reason: "Unavailable" })
      expect(error.message).toContain("no connection")
    }).pipe(withStore(() => ({ create: () => unavailable })))
  )
})

describe("a reader whose store fails", () => {
  const failing = (isDown: () => boolean) =>
    withStore((store) => ({ read: (...args) => (isDown() ? unavailable : store.read(...args)) }))

  const stored = Effect.gen(function* () {
    const { id } = yield* Runs.start(inReads)
    yield* textOf(id)
    // Then it is read from the store.
    yield* TestClock.adjust("1 second")
    return id
  })

  it.effect("goes on when the store is back", () => {
    let isDown = false
    return Effect.gen(function* () {
      const id = yield* stored
      isDown = true
      const reading = yield* Effect.fork(textOf(id))
      yield* TestClock.adjust("20 seconds")
      isDown = false
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(reading)).toBe("one two three four ")
    }).pipe(
      failing(() => isDown),
      withQuickClock
    )
  })

  it.effect("fails after half a minute", () => {
    let isDown = false
    return Effect.gen(function* () {
      const id = yield* stored
      isDown = true
      const reading = yield* Effect.fork(Effect.flip(textOf(id)))
      yield* TestClock.adjust("32 seconds")
      expect(yield* Fiber.join(reading)).toMatchObject({ _tag: "RunError", reason: "Unavailable" })
    }).pipe(
      failing(() => isDown),
      withQuickClock
    )
  })
})

describe("an entry whose write is under way", () => {
  for (const deliver of ["begun", "stored"] as const) {
    it.effect(`is ${deliver === "begun" ? "" : "not "}given to readers with deliver "${deliver}"`, () => {
      const gate = Effect.runSync(Deferred.make<void>())
      let isBegun = false
      return Effect.gen(function* () {
        const { id } = yield* Runs.start(inReads)
        let isBegunBefore = false
        const first = Stream.runHead(
          Stream.tap(Runs.read(id), () =>
            Effect.sync(() => {
              isBegunBefore = isBegun
            })
          )
        )
        const reading = yield* Effect.fork(first)
        yield* TestClock.adjust("1 second")
        expect((yield* Fiber.poll(reading))._tag).toBe(deliver === "begun" ? "Some" : "None")
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(reading)
        expect(isBegunBefore).toBe(true)
      }).pipe(
        withStore(
          (store) => ({
            write: (write) => {
              isBegun = true
              return Effect.zipRight(Deferred.await(gate), store.write(write))
            }
          }),
          { deliver }
        )
      )
    })
  }
})
