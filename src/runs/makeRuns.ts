/** Makes the service of runs over a store. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { countProblem } from "../domain/checkOptions.js"
import type { ValidationError } from "../domain/LLMError.js"
import { randomId } from "../domain/randomId.js"
import { canonicalJson } from "../http/canonicalJson.js"
import { sha256 } from "../http/sha256.js"
import { beginning, parsePosition } from "./Position.js"
import { startProducer } from "./Producer.js"
import { Producers } from "./Producers.js"
import { chunksOf, eventsOf, type RunRequest } from "./RunChunk.js"
import { encodeEnd, lostEnd } from "./RunEnd.js"
import { type RunError, runError, storeFailed } from "./RunError.js"
import { statusOf } from "./RunStatus.js"
import type { NewRun, RunRecord, RunStoreService } from "./RunStoreService.js"
import { type RunSettings, type RunsOptions, settingsOf } from "./RunsOptions.js"
import type { ReadRunOptions, RunsService, StartOptions } from "./RunsService.js"

const validId = /^[A-Za-z0-9_-]{1,100}$/

const defaultListLimit = 100

/** Makes the service. Its scope waits for running runs when it closes, for as long as `grace` says. */
export const makeRuns = (
  store: RunStoreService,
  options: RunsOptions = {}
): Effect.Effect<RunsService, ValidationError, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = yield* settingsOf(options)
    const producers = new Producers(settings.grace)
    yield* Effect.addFinalizer(() => producers.close)
    const opening = (id: string, options?: ReadRunOptions) =>
      Effect.suspend(() =>
        Effect.map(requestOf(id, options), (request) => [producers.get(id)?.source ?? store, request] as const)
      )
    return {
      start: startIn(producers, store, settings),
      read: (id, options) => chunksOf(opening(id, options)),
      readEvents: (id, options) => eventsOf(opening(id, options)),
      status: (id, { owner = "" } = {}) =>
        Effect.flatMap(found(store, id, owner), (record) => Effect.map(settle(store, record), statusOf)),
      stop: (id, { owner = "" } = {}) =>
        Effect.gen(function* () {
          yield* found(store, id, owner)
          producers.get(id)?.stop("stopped")
          yield* Effect.mapError(store.requestStop(id), storeFailed)
        }),
      list: ({ owner = "", limit = defaultListLimit } = {}) =>
        Effect.gen(function* () {
          const problem = countProblem("limit", limit)
          if (problem !== undefined) return yield* runError("Invalid", `Runs.list is not valid: ${problem}`)
          const records = yield* Effect.mapError(store.list(owner, limit), storeFailed)
          return yield* Effect.forEach(records, (record) => Effect.map(settle(store, record), statusOf))
        })
    }
  })

const startIn =
  (producers: Producers, store: RunStoreService, settings: RunSettings): RunsService["start"] =>
  (stream, options = {}) =>
    Effect.gen(function* () {
      if (producers.isClosing) return yield* shuttingDown
      const run = yield* newRun(options, settings)
      const existing = yield* Effect.mapError(store.create(run), (error) =>
        error._tag === "RunError" ? error : storeFailed(error)
      )
      if (existing !== undefined) return yield* attach(existing, run)
      if (producers.isClosing) return yield* Effect.zipRight(interrupt(store, run), shuttingDown)
      yield* producers.add(run.id, yield* startProducer(stream, run, store, settings))
      return { id: run.id, isNew: true }
      // A run whose record is stored must begin.
    }).pipe(Effect.uninterruptible)

const newRun = ({ id = randomId(), owner = "", request }: StartOptions, settings: RunSettings) =>
  Effect.gen(function* () {
    if (!validId.test(id)) return yield* Effect.fail(runError("Invalid"))
    const digest = request === undefined ? "" : yield* sha256(canonicalJson(request))
    const { leaseMillis, retentionMillis } = settings
    return { id, owner, digest, leaseMillis, retentionMillis }
  })

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
