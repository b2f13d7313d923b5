/** The service of runs over the store in memory, on a test clock. */
import { describe, expect, it } from "@effect/vitest"
import { Cause, Context, Deferred, Effect, Exit, Fiber, Layer, Mailbox, Stream, TestClock } from "effect"
import { collect, type NetworkError, RateLimitError, StreamChunk } from "llm-connectivity"
import {
  type ReadRunOptions,
  type RunChunk,
  RunStore,
  type RunStream,
  Runs,
  type RunsOptions,
  type RunsService
} from "llm-connectivity/runs"

const usage = {
  inputTokens: 3,
  outputTokens: 2,
  totalTokens: 5,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}

const text = (content: string) => StreamChunk.make({ content })
const finish = StreamChunk.make({ finishReason: "stop", usage })

/** Network reads of one, two, three, … chunks. */
const reads = Array.from({ length: 6 }, (_, index) =>
  Array.from({ length: index + 1 }, (_, each) => text(`${index}.${each} `))
).concat([[finish]])

const ofReads = (reads: ReadonlyArray<ReadonlyArray<StreamChunk>>) =>
  Stream.fromIterable(reads).pipe(
    Stream.rechunk(1),
    Stream.flatMap((chunks) => Stream.fromIterable(chunks))
  )

const complete = ofReads(reads)

const whole = reads.flat().map(({ content }) => content)

/** A stream that gives what the test offers, and says whether it was interrupted. */
const scripted = Effect.gen(function* () {
  const mailbox = yield* Mailbox.make<StreamChunk, NetworkError>()
  const closed = yield* Deferred.make<void>()
  const stream = Stream.ensuring(Mailbox.toStream(mailbox), Deferred.succeed(closed, undefined))
  return { stream, mailbox, closed: Deferred.await(closed) }
})

const withRuns = (options?: RunsOptions) => Effect.provide(Layer.provideMerge(Runs.layer(options), RunStore.memory))

/** A second process on the same store. */
const anotherProcess = (options?: RunsOptions) =>
  Effect.gen(function* () {
    const store = yield* RunStore
    return yield* Effect.map(
      Layer.build(Layer.provide(Runs.layer(options), Layer.succeed(RunStore, store))),
      (context): RunsService => Effect.runSync(Effect.provide(Runs, context))
    )
  })

/** The service, or its tag, which requires the service. */
interface Reads<R> {
  readonly read: (id: string, options?: ReadRunOptions) => RunStream<RunChunk, R>
}

const contents = <R>(runs: Reads<R>, id: string, after?: string) =>
  Effect.map(Stream.runCollect(runs.read(id, { after })), (chunks) => Array.from(chunks, ({ content }) => content))

/** What a reader got, and how it ended. */
const readingOf = <R>(runs: Reads<R>, id: string, after?: string) => {
  const got: Array<string> = []
  return Effect.map(
    Effect.exit(Stream.runForEach(runs.read(id, { after }), ({ content }) => Effect.sync(() => got.push(content)))),
    (exit) => ({
      text: got.join(""),
      failure: Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    })
  )
}

const truncated = { _tag: "NetworkError", reason: "Truncated" }

describe("a run", () => {
  it.effect("goes on without a reader, and is read completely afterwards, with its usage", () =>
    Effect.gen(function* () {
      const { id, isNew } = yield* Runs.start(complete)
      expect(isNew).toBe(true)
      expect(id).toMatch(/^[0-9a-f]{32}$/)
      expect(yield* contents(Runs, id)).toEqual(whole)
      expect(yield* contents(Runs, id)).toEqual(whole)
      expect(yield* collect(Runs.read(id))).toMatchObject({ content: whole.join(""), usage })
      expect(yield* Runs.status(id)).toMatchObject({ id, state: "complete", usage })
    }).pipe(withRuns())
  )

  it.effect("goes on when the fiber that started it has ended", () =>
    Effect.gen(function* () {
      const { stream, mailbox } = yield* scripted
      const fiber = yield* Effect.fork(Runs.start(stream))
      const { id } = yield* Fiber.join(fiber)
      yield* mailbox.offerAll([text("a"), finish])
      yield* mailbox.end
      expect((yield* readingOf(Runs, id)).text).toBe("a")
    }).pipe(withRuns())
  )

  it.effect("is read from every position, inside network reads too, without a gap and without a repetition", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(complete)
      const all = Array.from(yield* Stream.runCollect(Runs.read(id)))
      for (const [index, { position }] of all.entries()) {
        expect([position, yield* contents(Runs, id, position)]).toEqual([position, whole.slice(index + 1)])
      }
    }).pipe(withRuns())
  )

  it.effect("is stored as one entry for each network read", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(complete)
      yield* readingOf(Runs, id)
      const page = yield* Effect.flatMap(RunStore, (store) => store.read(id, { epoch: 0, sequence: 0 }, 100))
      expect(page?.entries).toHaveLength(reads.length)
      expect(page?.record.end).toContain("complete")
    }).pipe(withRuns())
  )

  it.effect("reaches readers of this process and of others while it runs", () =>
    Effect.gen(function* () {
      const other = yield* anotherProcess()
      const { stream, mailbox } = yield* scripted
      const { id } = yield* Runs.start(stream)
      const pulls = yield* Effect.forEach([Runs, other], (runs) => Stream.toPull(runs.read(id)))
      for (const content of ["a", "b", "c"]) {
        yield* mailbox.offer(text(content))
        for (const pull of pulls) expect(Array.from(yield* pull)).toMatchObject([{ content }])
      }
      yield* mailbox.end
      for (const pull of pulls) expect(yield* Effect.flip(pull)).toMatchObject({ _tag: "None" })
    }).pipe(Effect.scoped, withRuns())
  )

  it.effect("goes on when a reader leaves", () =>
    Effect.gen(function* () {
      const { stream, mailbox } = yield* scripted
      const { id } = yield* Runs.start(stream)
      yield* mailbox.offer(text("a"))
      yield* Stream.runHead(Runs.read(id))
      yield* mailbox.offer(text("b"))
      yield* mailbox.end
      expect((yield* readingOf(Runs, id)).text).toBe("ab")
    }).pipe(withRuns())
  )

  it.effect("fails its readers with the error of its stream, after what arrived", () =>
    Effect.gen(function* () {
      const error = new RateLimitError({ provider: "p", model: "m", reason: "RateLimit", message: "slow down" })
      const { id } = yield* Runs.start(Stream.concat(Stream.succeed(text("a")), Stream.fail(error)))
      expect(yield* readingOf(Runs, id)).toEqual({ text: "a", failure: error })
      expect(yield* Runs.status(id)).toMatchObject({ state: "failed", error })
    }).pipe(withRuns())
  )

  it.effect("that dies of a defect fails without its details", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(Stream.die(new Error("secret")))
      const { failure } = yield* readingOf(Runs, id)
      expect(failure).toMatchObject({ _tag: "NetworkError", reason: "Server" })
      expect(String(failure)).not.toContain("secret")
    }).pipe(withRuns())
  )

  it.effect("that grows too large fails and closes its stream", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(Stream.repeatValue(text("x".repeat(100))).pipe(Stream.rechunk(1)))
      const { text: read, failure } = yield* readingOf(Runs, id)
      expect(read.length).toBeLessThan(10_000)
      expect(failure).toMatchObject({ _tag: "ProviderError", message: expect.stringContaining("maxSize") })
    }).pipe(withRuns({ maxSize: 10_000 }))
  )
})

describe("the id of a run", () => {
  const request = { messages: [{ role: "user", content: "Hi" }] }

  it.effect("that exists for the same owner and request gives the run that exists, and starts nothing", () =>
    Effect.gen(function* () {
      let count = 0
      const counted = Stream.suspend(() => {
        count++
        return complete
      })
      const options = { id: "chosen", owner: "ada", request }
      const started = yield* Effect.all(
        Array.from({ length: 5 }, () => Runs.start(counted, options)),
        { concurrency: "unbounded" }
      )
      expect(started.filter(({ isNew }) => isNew)).toHaveLength(1)
      yield* Stream.runDrain(Runs.read("chosen", { owner: "ada" }))
      const sorted = { ...options, request: { messages: [{ content: "Hi", role: "user" }] } }
      expect(yield* Runs.start(counted, sorted)).toEqual({ id: "chosen", isNew: false })
      expect(count).toBe(1)
    }).pipe(withRuns())
  )

  it.effect("that exists for another request is a conflict", () =>
    Effect.gen(function* () {
      yield* Runs.start(complete, { id: "chosen", request })
      const other = { messages: [{ role: "user", content: "Bye" }] }
      expect(yield* Effect.flip(Runs.start(complete, { id: "chosen", request: other }))).toMatchObject({
        _tag: "RunError",
        reason: "Conflict"
      })
    }).pipe(withRuns())
  )

  it.effect("of another owner fails like an unknown one, whatever is done with it", () =>
    Effect.gen(function* () {
      yield* Runs.start(Stream.never, { id: "ada-1", owner: "ada" })
      const attempts = (id: string) => [
        Effect.flip(Stream.runDrain(Runs.read(id, { owner: "eve" }))),
        Effect.flip(Stream.runDrain(Runs.readEvents(id, { owner: "eve" }))),
        Effect.flip(Stream.runDrain(Runs.read(id))),
        Effect.flip(Runs.stop(id, { owner: "eve" })),
        Effect.flip(Runs.status(id, { owner: "eve" }))
      ]
      const foreign = yield* Effect.all(attempts("ada-1"))
      expect(foreign).toEqual(yield* Effect.all(attempts("unknown")))
      expect(foreign).toEqual(yield* Effect.all(attempts("not/an/id")))
      expect(foreign.every((error) => error._tag === "RunError" && error.reason === "NotFound")).toBe(true)
      expect(yield* Effect.flip(Runs.start(complete, { id: "ada-1", owner: "eve" }))).toEqual(foreign[0])
      expect(yield* Runs.status("ada-1", { owner: "ada" })).toMatchObject({ state: "running" })
      expect(yield* Runs.list({ owner: "eve" })).toEqual([])
    }).pipe(withRuns({ grace: 0 }))
  )

  it.effect("or the position is checked", () =>
    Effect.gen(function* () {
      for (const id of ["", "a b", "x".repeat(101), "../x"]) {
        expect(yield* Effect.flip(Runs.start(complete, { id }))).toMatchObject({ reason: "Invalid" })
      }
      const { id } = yield* Runs.start(complete)
      expect(yield* Effect.flip(Stream.runDrain(Runs.read(id, { after: "x" })))).toMatchObject({ reason: "Invalid" })
    }).pipe(withRuns())
  )
})

describe("stopping a run", () => {
  for (const from of ["this process", "another process"]) {
    it.effect(`from ${from} closes its stream, and keeps the partial answer and its usage`, () =>
      Effect.gen(function* () {
        const other = yield* anotherProcess()
        const { stream, mailbox, closed } = yield* scripted
        const { id } = yield* Runs.start(stream)
        yield* mailbox.offerAll([StreamChunk.make({ content: "Hel", usage }), text("lo")])
        const pull = yield* Stream.toPull(Runs.read(id))
        yield* pull
        yield* (from === "this process" ? Runs : other).stop(id)
        yield* closed
        const stopped = { _tag: "RunError", reason: "Stopped" }
        expect(yield* readingOf(Runs, id)).toMatchObject({ text: "Hello", failure: stopped })
        expect(yield* readingOf(other, id)).toMatchObject({ text: "Hello", failure: stopped })
        expect(yield* Runs.status(id)).toMatchObject({ state: "stopped", usage })
        yield* Runs.stop(id)
      }).pipe(Effect.scoped, withRuns())
    )
  }

  it.effect("is recorded although a tool of it cannot be interrupted", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(Stream.fromEffect(Effect.uninterruptible(Effect.never)))
      yield* Runs.stop(id)
      const reading = yield* Effect.fork(readingOf(Runs, id))
      yield* TestClock.adjust("5 seconds")
      expect((yield* Fiber.join(reading)).failure).toMatchObject({ reason: "Stopped" })
    }).pipe(withRuns())
  )
})

describe("a run whose process died", () => {
  /** A run that nobody writes, with two entries. */
  const orphan = (leaseMillis: number) =>
    Effect.gen(function* () {
      const store = yield* RunStore
      const run = { id: "orphan", owner: "", digest: "", leaseMillis, retentionMillis: 60_000 }
      yield* store.create(run)
      yield* store.write({ ...run, epoch: 1, first: 1, entries: ['[{"content":"a"}]', '[{"content":"b"}]'] })
      return store
    })

  it.effect("is truncated for its readers within its lease, after what was stored", () =>
    Effect.gen(function* () {
      yield* orphan(10_000)
      const reading = yield* Effect.fork(readingOf(Runs, "orphan"))
      yield* TestClock.adjust("9900 millis")
      expect(yield* Runs.status("orphan")).toMatchObject({ state: "running" })
      expect(yield* Fiber.poll(reading)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("200 millis")
      expect(yield* Fiber.join(reading)).toMatchObject({ text: "ab", failure: truncated })
      expect(yield* Runs.status("orphan")).toMatchObject({ state: "lost" })
    }).pipe(withRuns())
  )

  it.effect("is truncated within its lease also for readers who came long before its last entry", () =>
    Effect.gen(function* () {
      const store = yield* orphan(10_000)
      const far = { ...store, read: (...args: Parameters<typeof store.read>) => Effect.delay(store.read(...args), 1) }
      const runs = Context.get(yield* Layer.build(Layer.provide(Runs.layer(), Layer.succeed(RunStore, far))), Runs)
      const reading = yield* Effect.fork(readingOf(runs, "orphan"))
      yield* TestClock.adjust("9 seconds")
      const last = { first: 3, entries: ['[{"content":"c"}]'], leaseMillis: 10_000, retentionMillis: 60_000 }
      yield* store.write({ ...last, id: "orphan", epoch: 1 })
      yield* TestClock.adjust("9900 millis")
      expect(yield* Fiber.poll(reading)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("200 millis")
      expect(yield* Fiber.poll(reading)).toMatchObject({ _tag: "Some" })
      expect(yield* Fiber.join(reading)).toMatchObject({ text: "abc", failure: truncated })
    }).pipe(Effect.scoped, withRuns())
  )

  it.effect("is lost in its status and in lists although nobody reads it", () =>
    Effect.gen(function* () {
      yield* orphan(10_000)
      yield* TestClock.adjust("11 seconds")
      expect(yield* Runs.list()).toMatchObject([{ id: "orphan", state: "lost" }])
      expect(yield* Runs.status("orphan")).toMatchObject({ state: "lost" })
    }).pipe(withRuns())
  )

  it.effect("is truncated for a reader who had read more than was stored", () =>
    Effect.gen(function* () {
      const store = yield* orphan(10_000)
      const reading = yield* Effect.fork(readingOf(Runs, "orphan", "1-7"))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.poll(reading)).toMatchObject({ _tag: "None" })
      yield* store.write({
        id: "orphan",
        epoch: 1,
        first: 3,
        entries: [],
        end: '{"type":"complete","usage":null}',
        leaseMillis: 1,
        retentionMillis: 60_000
      })
      expect(yield* Fiber.join(reading)).toMatchObject({ text: "", failure: truncated })
    }).pipe(withRuns())
  )

  it.effect("ends its stream if it lives on after others gave it up", () =>
    Effect.gen(function* () {
      const { stream, mailbox, closed } = yield* scripted
      const { id } = yield* Runs.start(stream)
      yield* mailbox.offer(text("a"))
      yield* Stream.runHead(Runs.read(id))
      const store = yield* RunStore
      const reading = yield* Effect.fork(readingOf(Runs, id))
      // As if the process had been suspended for longer than its lease.
      yield* store.write({ id, epoch: 1, first: 2, entries: [], leaseMillis: -1, retentionMillis: 60_000 })
      yield* store.expire(id, '{"type":"lost","usage":null}')
      yield* mailbox.offer(text("b"))
      yield* closed
      expect((yield* Fiber.join(reading)).failure).toMatchObject(truncated)
      const other = yield* anotherProcess()
      expect(yield* readingOf(other, id)).toMatchObject({ text: "a", failure: truncated })
    }).pipe(Effect.scoped, withRuns())
  )

  it.effect("is not confused with one whose provider is silent", () =>
    Effect.gen(function* () {
      const other = yield* anotherProcess()
      const { stream, mailbox } = yield* scripted
      const { id } = yield* Runs.start(stream)
      const reading = yield* Effect.fork(readingOf(other, id))
      yield* TestClock.adjust("1 minute")
      yield* mailbox.offer(text("late"))
      yield* mailbox.end
      expect(yield* Fiber.join(reading)).toEqual({ text: "late", failure: undefined })
    }).pipe(Effect.scoped, withRuns())
  )
})

describe("closing the layer of runs", () => {
  const closing = (options: RunsOptions) =>
    Effect.gen(function* () {
      const { stream, mailbox, closed } = yield* scripted
      const started = yield* Deferred.make<string>()
      const process = yield* Effect.fork(
        Effect.scoped(
          Effect.gen(function* () {
            const runs = yield* anotherProcess(options)
            const { id } = yield* runs.start(stream)
            yield* mailbox.offer(text("a"))
            yield* Stream.runHead(runs.read(id))
            yield* Deferred.succeed(started, id)
          })
        )
      )
      return { id: yield* Deferred.await(started), mailbox, closed, process }
    })

  it.effect("waits for running runs", () =>
    Effect.gen(function* () {
      const { id, mailbox, process } = yield* closing({ grace: "10 seconds" })
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.poll(process)).toMatchObject({ _tag: "None" })
      yield* mailbox.offer(text("b"))
      yield* mailbox.end
      yield* Fiber.join(process)
      expect(yield* readingOf(Runs, id)).toEqual({ text: "ab", failure: undefined })
    }).pipe(withRuns())
  )

  it.effect("interrupts them after the grace and records that, so that no reader waits for the lease", () =>
    Effect.gen(function* () {
      const { id, closed, process } = yield* closing({ grace: "10 seconds" })
      yield* TestClock.adjust("10 seconds")
      yield* closed
      yield* Fiber.join(process)
      expect(yield* readingOf(Runs, id)).toMatchObject({ text: "a", failure: truncated })
      expect(yield* Runs.status(id)).toMatchObject({ state: "interrupted" })
    }).pipe(withRuns())
  )

  it.effect("waits until that is recorded also on SIGTERM, which interrupts the fiber that closes it", () =>
    Effect.gen(function* () {
      const slowToStop = Stream.ensuring(Stream.never, Effect.sleep("1 second"))
      const process = yield* Effect.fork(
        Effect.scoped(
          Effect.gen(function* () {
            const runs = yield* anotherProcess({ grace: "10 seconds" })
            yield* runs.start(slowToStop, { id: "run" })
            yield* Effect.never
          })
        )
      )
      yield* TestClock.adjust("1 millis")
      yield* Fiber.interruptFork(process)
      yield* TestClock.adjust("10 seconds")
      expect(yield* Fiber.poll(process)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 second")
      yield* Fiber.await(process)
      expect(yield* Runs.status("run")).toMatchObject({ state: "interrupted" })
    }).pipe(withRuns())
  )

  it.effect("starts no new runs", () =>
    Effect.gen(function* () {
      const runs = yield* Effect.scoped(anotherProcess())
      expect(yield* Effect.flip(runs.start(complete))).toMatchObject({ reason: "Unavailable" })
    }).pipe(withRuns())
  )
})

describe("the list of runs", () => {
  it.effect("has the latest runs of the owner, with how they ended, until their retention is over", () =>
    Effect.gen(function* () {
      for (const id of ["one", "two", "three"]) {
        yield* Runs.start(complete, { id, owner: "ada" })
        yield* TestClock.adjust("1 second")
      }
      yield* Runs.start(Stream.never, { id: "four", owner: "ada" })
      const listed = yield* Runs.list({ owner: "ada", limit: 2 })
      expect(listed).toMatchObject([
        { id: "four", state: "running" },
        { id: "three", state: "complete", usage }
      ])
      yield* TestClock.adjust("61 seconds")
      expect(yield* Runs.list({ owner: "ada" })).toMatchObject([{ id: "four" }])
      expect(yield* Effect.flip(Runs.status("one", { owner: "ada" }))).toMatchObject({ reason: "NotFound" })
    }).pipe(withRuns({ grace: 0, retention: "1 minute" }))
  )
})
