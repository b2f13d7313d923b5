/** Makes the service of runs over a store. */
import { type Duration, Effect, type Scope } from "effect"
import { sha256 } from "../http/sha256.js"
import { canonicalJson } from "../tools/approvals/canonicalJson.js"
import { beginning, parsePosition } from "./Position.js"
import { type Producer, startProducer } from "./Producer.js"
import { chunksOf, eventsOf, type RunRequest } from "./RunChunk.js"
import { encodeEnd, lostEnd } from "./RunEnd.js"
import { type RunError, runError, storeFailed } from "./RunError.js"
import { statusOf } from "./RunStatus.js"
import type { NewRun, RunRecord, RunStoreService } from "./RunStoreService.js"
import { type RunSettings, type RunsOptions, settingsOf } from "./RunsOptions.js"
import type { ReadRunOptions, RunsService, StartOptions } from "./RunsService.js"
import type { RunSource } from "./RunWriter.js"

const validId = /^[A-Za-z0-9_-]{1,100}$/

const defaultListLimit = 100

/** Makes the service. Its scope waits for running runs when it closes, for as long as `grace` says. */
export const makeRuns = (
  store: RunStoreService,
  options: RunsOptions = {}
): Effect.Effect<RunsService, never, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = settingsOf(options)
    const producers = new Map<string, Producer>()
    let isClosing = false
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        isClosing = true
        return drain(producers, settings.grace)
      })
    )

    const sourceOf = (id: string): RunSource => producers.get(id)?.source ?? store

    const start: RunsService["start"] = (stream, options = {}) =>
      Effect.gen(function* () {
        if (isClosing) return yield* shuttingDown
        const run = yield* newRun(options, settings)
        const existing = yield* Effect.mapError(store.create(run), storeFailed)
        if (existing !== undefined) return yield* attach(existing, run)
        if (isClosing) return yield* Effect.zipRight(interrupt(store, run), shuttingDown)
        const producer = yield* startProducer(stream, run, store, settings)
        producers.set(run.id, producer)
        yield* Effect.forkDaemon(
          Effect.zipRight(
            producer.ended,
            Effect.sync(() => producers.delete(run.id))
          )
        )
        return { id: run.id, isNew: true }
      }).pipe(Effect.uninterruptible)

    const opening = (id: string, options?: ReadRunOptions) =>
      Effect.map(requestOf(id, options), (request) => [sourceOf(id), request] as const)

    const status: RunsService["status"] = (id, { owner = "" } = {}) =>
      Effect.flatMap(found(store, id, owner), (record) => Effect.map(settle(store, record), statusOf))

    return {
      start,
      read: (id, options) => chunksOf(Effect.suspend(() => opening(id, options))),
      readEvents: (id, options) => eventsOf(Effect.suspend(() => opening(id, options))),
      status,
      stop: (id, { owner = "" } = {}) =>
        Effect.gen(function* () {
          yield* found(store, id, owner)
          producers.get(id)?.stop("stopped")
          yield* Effect.mapError(store.requestStop(id), storeFailed)
        }),
      list: ({ owner = "", limit = defaultListLimit } = {}) =>
        Effect.flatMap(Effect.mapError(store.list(owner, limit), storeFailed), (records) =>
          Effect.forEach(records, (record) => Effect.map(settle(store, record), statusOf))
        )
    }
  })

const newRun = ({ id = randomId(), owner = "", request }: StartOptions, settings: RunSettings) =>
  Effect.gen(function* () {
    if (!validId.test(id)) return yield* Effect.fail(runError("Invalid"))
    const digest = request === undefined ? "" : yield* sha256(canonicalJson(request))
    const { leaseMillis, retentionMillis } = settings
    return { id, owner, digest, leaseMillis, retentionMillis }
  })

/** 128 random bits in hexadecimal digits: whoever has no owner to check relies on that nobody guesses it. */
const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")

const attach = ({ id, owner, digest }: RunRecord, run: NewRun) => {
  if (owner !== run.owner) return Effect.fail(runError("NotFound"))
  return digest === run.digest ? Effect.succeed({ id, isNew: false }) : Effect.fail(runError("Conflict"))
}

const shuttingDown = Effect.fail(runError("Unavailable", "this process is shutting down; try again"))

const interruptedEnd = encodeEnd({ type: "interrupted", usage: null })

const interrupt = (store: RunStoreService, { id, leaseMillis, retentionMillis }: NewRun) =>
  Effect.ignore(store.write({ id, epoch: 1, first: 1, entries: [], end: interruptedEnd, leaseMillis, retentionMillis }))

const requestOf = (id: string, { after, owner = "" }: ReadRunOptions = {}): Effect.Effect<RunRequest, RunError> => {
  const position = after === undefined || after === "" ? beginning : parsePosition(after)
  if (position === undefined) return Effect.fail(runError("Invalid"))
  return validId.test(id) ? Effect.succeed({ id, owner, after: position }) : Effect.fail(runError("NotFound"))
}

const found = (store: RunStoreService, id: string, owner: string): Effect.Effect<RunRecord, RunError> =>
  Effect.flatMap(
    validId.test(id) ? Effect.mapError(store.find(id), storeFailed) : Effect.succeed(undefined),
    // A run of another owner must not be told from one that does not exist.
    (record) => (record?.owner === owner ? Effect.succeed(record) : Effect.fail(runError("NotFound")))
  )

/** The record of a run, ended if its producer is dead. */
const settle = (store: RunStoreService, record: RunRecord): Effect.Effect<RunRecord, RunError> => {
  if (record.end !== undefined || record.leaseMillis > 0) return Effect.succeed(record)
  const expired = Effect.zipRight(store.expire(record.id, lostEnd), store.find(record.id))
  return Effect.mapBoth(expired, { onSuccess: (after) => after ?? record, onFailure: storeFailed })
}

const drain = (producers: ReadonlyMap<string, Producer>, grace: Duration.Duration) =>
  Effect.gen(function* () {
    const running = Array.from(producers.values())
    // Finalizers are uninterruptible, and a timeout waits for what it cannot interrupt.
    const allEnded = Effect.interruptible(
      Effect.forEach(running, ({ ended }) => ended, { concurrency: "unbounded", discard: true })
    )
    yield* Effect.timeoutOption(allEnded, grace)
    for (const { stop } of running) stop("interrupted")
    yield* allEnded
  })
