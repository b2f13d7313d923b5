/** What every store of runs promises. Each store runs this suite over its layer. */
import { expect } from "@effect/vitest"
import { Effect, type Layer, type Scope } from "effect"
import { RunStore, type RunStoreService } from "llm-connectivity/runs"

/** A test of a store. */
type Test = (store: RunStoreService, pass: Pass) => Effect.Effect<void, unknown, Scope.Scope>

/** Lets time pass for the store: on its own clock, or on the clock of a test. */
type Pass = (millis: number) => Effect.Effect<void>

/** How a store is tested. */
export interface StoreUnderTest<E> {
  readonly layer: Layer.Layer<RunStore, E>
  readonly pass: Pass
  /** `it.scoped` or `it.scopedLive`. */
  readonly test: (title: string, run: () => Effect.Effect<void, unknown, Scope.Scope>) => void
}

// Longer than a busy machine needs between two steps.
const leaseMillis = 1500
const retentionMillis = 2500
const start = { epoch: 0, sequence: 0 }

let count = 0

/** A run that no other test has. */
const newRun = (owner = "ada") => ({
  id: `run-${process.pid}-${Date.now().toString(36)}-${count++}`,
  owner,
  digest: "d1",
  leaseMillis,
  retentionMillis
})

const write = (id: string, first: number, entries: ReadonlyArray<string>, end?: string) => ({
  id,
  epoch: 1,
  first,
  entries,
  end,
  leaseMillis,
  retentionMillis
})

const read = (store: RunStoreService, id: string, after = start, limit = 100) =>
  Effect.map(store.read(id, after, limit), (page) => ({
    texts: page?.entries.map(({ text }) => text),
    positions: page?.entries.map(({ position }) => `${position.epoch}-${position.sequence}`),
    end: page?.record.end
  }))

const written = { type: "written", isStopRequested: false }

const tests: { readonly [title: string]: Test } = {
  "creates a run once, and gives its record to everyone who tries again": (store) =>
    Effect.gen(function* () {
      const run = newRun()
      expect(yield* store.create(run)).toBeUndefined()
      const again = yield* store.create({ ...run, owner: "eve", digest: "d2" })
      expect(again).toMatchObject({ id: run.id, owner: "ada", digest: "d1", last: { sequence: 0 }, end: undefined })
      expect(again?.leaseMillis).toBeGreaterThan(0)
      expect(again?.leaseMillis).toBeLessThanOrEqual(leaseMillis)
      expect(yield* store.find(run.id)).toMatchObject({ owner: "ada", isStopRequested: false })
    }),
  "creates one of a hundred runs with the same id at once": (store) =>
    Effect.gen(function* () {
      const run = newRun()
      const created = yield* Effect.all(
        Array.from({ length: 100 }, () => store.create(run)),
        { concurrency: "unbounded" }
      )
      expect(created.filter((existing) => existing === undefined)).toHaveLength(1)
    }),
  "gives entries in order with their positions, from any position, a page at a time": (store) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      expect(yield* store.write(write(id, 1, ["a", "ü\n€ 🙂"]))).toEqual(written)
      expect(yield* store.write(write(id, 3, ["c"]))).toEqual(written)
      expect(yield* read(store, id)).toEqual({
        texts: ["a", "ü\n€ 🙂", "c"],
        positions: ["1-1", "1-2", "1-3"],
        end: undefined
      })
      expect((yield* read(store, id, { epoch: 1, sequence: 1 }, 1)).positions).toEqual(["1-2"])
      expect((yield* read(store, id, { epoch: 1, sequence: 3 })).texts).toEqual([])
      expect((yield* read(store, id, { epoch: 1, sequence: 99 })).texts).toEqual([])
      expect((yield* store.find(id))?.last).toEqual({ epoch: 1, sequence: 3 })
    }),
  "stores an entry once, however often it is sent": (store) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      yield* store.write(write(id, 1, ["a", "b"]))
      expect(yield* store.write(write(id, 1, ["a", "b"]))).toEqual(written)
      expect(yield* store.write(write(id, 2, ["b", "c"]))).toEqual(written)
      expect((yield* read(store, id)).texts).toEqual(["a", "b", "c"])
    }),
  "refuses to leave a gap, and says what it has": (store) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      yield* store.write(write(id, 1, ["a"]))
      expect(yield* store.write(write(id, 3, ["c"]))).toMatchObject({ type: "gap", last: { sequence: 1 } })
      expect(yield* store.write(write(id, 3, []))).toMatchObject({ type: "gap", last: { sequence: 1 } })
      expect((yield* read(store, id)).texts).toEqual(["a"])
    }),
  "ends a run with its last entries, repeats that, and takes nothing more": (store) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      const last = write(id, 1, ["a"], "the end")
      expect(yield* store.write(last)).toEqual(written)
      expect(yield* store.write(last)).toEqual(written)
      expect(yield* store.write(write(id, 2, ["b"]))).toEqual({ type: "refused" })
      expect(yield* store.write(write(id, 2, [], "another end"))).toEqual({ type: "refused" })
      expect(yield* read(store, id)).toEqual({ texts: ["a"], positions: ["1-1"], end: "the end" })
    }),
  "stores several entries and the end at once, those that it has already included": (store) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      yield* store.write(write(id, 1, ["a"]))
      expect(yield* store.write(write(id, 1, ["a", "b", "c"], "the end"))).toEqual(written)
      expect(yield* store.write(write(id, 4, []))).toEqual({ type: "refused" })
      expect(yield* read(store, id)).toEqual({
        texts: ["a", "b", "c"],
        positions: ["1-1", "1-2", "1-3"],
        end: "the end"
      })
    }),
  "refuses writes to unknown runs": (store) =>
    Effect.gen(function* () {
      expect(yield* store.write(write("unknown", 1, ["a"]))).toEqual({ type: "refused" })
      expect(yield* store.read("unknown", start, 10)).toBeUndefined()
      expect(yield* store.find("unknown")).toBeUndefined()
      yield* store.requestStop("unknown")
      yield* store.expire("unknown", "lost")
    }),
  "ends a run whose lease has lapsed, and refuses its producer from then on": (store, pass) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      yield* store.write(write(id, 1, ["a"]))
      yield* store.expire(id, "lost")
      expect((yield* read(store, id)).end).toBeUndefined()
      yield* pass(leaseMillis + 20)
      expect((yield* store.find(id))?.leaseMillis).toBeLessThanOrEqual(0)
      yield* store.expire(id, "lost")
      yield* store.expire(id, "lost again")
      expect(yield* store.write(write(id, 2, ["b"]))).toEqual({ type: "refused" })
      expect(yield* read(store, id)).toMatchObject({ texts: ["a"], end: "lost" })
    }),
  "renews the lease with every write, one without entries included": (store, pass) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      for (let round = 0; round < 3; round++) {
        yield* pass(leaseMillis * 0.6)
        expect(yield* store.write(write(id, 1, []))).toEqual(written)
      }
      yield* store.expire(id, "lost")
      expect((yield* store.find(id))?.end).toBeUndefined()
    }),
  "accepts a late producer as long as nobody has ended its run": (store, pass) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      yield* pass(leaseMillis + 20)
      expect(yield* store.write(write(id, 1, ["late"]))).toEqual(written)
      yield* store.expire(id, "lost")
      expect(yield* read(store, id)).toMatchObject({ texts: ["late"], end: undefined })
    }),
  "tells the producer of a request to stop, by its next write and by a watch": (store) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      const stopping = yield* watched(store, id, "stop")
      yield* store.requestStop(id)
      yield* stopping
      expect((yield* store.find(id))?.isStopRequested).toBe(true)
      expect(yield* store.write(write(id, 1, ["a"], "stopped"))).toEqual({ type: "written", isStopRequested: true })
    }),
  "notifies the readers of a run of entries and of its end": (store) =>
    Effect.gen(function* () {
      const { id } = yield* Effect.tap(Effect.succeed(newRun()), store.create)
      const first = yield* watched(store, id, "entries")
      yield* store.write(write(id, 1, ["a"]))
      yield* first
      const second = yield* watched(store, id, "entries")
      yield* store.write(write(id, 2, [], "end"))
      yield* second
    }),
  "forgets a run after its retention": (store, pass) =>
    Effect.gen(function* () {
      const run = newRun("forgotten")
      yield* store.create(run)
      yield* store.write(write(run.id, 1, ["a"], "end"))
      yield* pass(retentionMillis * 0.6)
      expect((yield* read(store, run.id)).texts).toEqual(["a"])
      yield* pass(retentionMillis * 2)
      expect(yield* store.find(run.id)).toBeUndefined()
      expect(yield* store.list("forgotten", 10)).toEqual([])
      expect(yield* store.create(run)).toBeUndefined()
      expect((yield* read(store, run.id)).texts).toEqual([])
    }),
  "lists the runs of an owner only, the latest first": (store, pass) =>
    Effect.gen(function* () {
      const runs = [newRun("lister"), newRun("another"), newRun("lister"), newRun("lister")]
      for (const run of runs) {
        yield* store.create(run)
        yield* pass(5)
      }
      const ids = (yield* store.list("lister", 2)).map(({ id }) => id)
      expect(ids).toEqual([runs[3]?.id, runs[2]?.id])
    })
}

/** Begins to watch; the result waits until the watch was notified. */
const watched = (store: RunStoreService, id: string, topic: "entries" | "stop") =>
  Effect.gen(function* () {
    let notified: (() => void) | undefined
    let isNotified = false
    yield* store.watch(id, topic, () => {
      isNotified = true
      notified?.()
    })
    return Effect.async<void>((resume) => {
      if (isNotified) resume(Effect.void)
      else notified = () => resume(Effect.void)
    })
  })

/** Adds the tests of a store; call it inside `describe`. */
export const storeContract = <E>({ layer, pass, test }: StoreUnderTest<E>): void => {
  for (const [title, run] of Object.entries(tests)) {
    test(title, () =>
      Effect.provide(
        Effect.flatMap(RunStore, (store) => run(store, pass)),
        layer
      )
    )
  }
}
