/** The store of runs in Redis: a stream and a hash for each run, and a list for each owner. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import { formatPosition, isAfter, type Position, parsePosition } from "../../runs/Position.js"
import { RunStore } from "../../runs/RunStore.js"
import type {
  NewRun,
  RunPage,
  RunRecord,
  RunStoreService,
  RunTopic,
  RunWrite,
  RunWritten,
  StoredEntry
} from "../../runs/RunStoreService.js"
import { openRunner } from "./openRunner.js"
import type * as RedisClient from "./RedisClient.js"
import { RunHints } from "./RunHints.js"
import * as scripts from "./runScripts.js"
import { type ScriptRunner, unexpected } from "./ScriptRunner.js"

/** How runs are stored in Redis. */
export interface RunStoreOptions extends RedisClient.RedisAddress {
  /** The beginning of every key, `llm:` by default. Programs with the same prefix share their runs. */
  readonly keyPrefix?: string | undefined
  /** How long a command may take, 2 seconds by default; then it fails with `StateUnavailable`. */
  readonly commandTimeout?: Duration.DurationInput | undefined
}

/** Provides the store. */
export const layer = (options: RunStoreOptions): Layer.Layer<RunStore, MissingPeerError | ValidationError> =>
  Layer.scoped(RunStore, make(options))

const make = (
  options: RunStoreOptions
): Effect.Effect<RunStoreService, MissingPeerError | ValidationError, Scope.Scope> =>
  Effect.gen(function* () {
    const { client, runner } = yield* openRunner(options, { commandTimeout: "2 seconds", recheckMillis: 50 })
    const hints = yield* Effect.acquireRelease(
      Effect.sync(() => new RunHints(client)),
      (opened) => Effect.sync(() => opened.close())
    )
    const runs = new RedisRuns(runner)
    return {
      create: (run) => runs.create(run),
      write: (write) => runs.write(write),
      expire: (id, end) => Effect.asVoid(runs.run(scripts.expire, id, [end])),
      read: (id, after, limit) => runs.read(id, after, limit),
      find: (id) => Effect.flatMap(runs.run(scripts.find, id, []), (reply) => recordOf(id, reply)),
      requestStop: (id) => Effect.asVoid(runs.run(scripts.requestStop, id, [])),
      list: (owner, limit) => runs.list(owner, limit),
      watch: (id, topic, notify) => hints.watch(runs.channelOf(id, topic), () => notify([]))
    }
  })

const written: Effect.Effect<RunWritten> = Effect.succeed({ type: "written", isStopRequested: false })
const writtenAndStop: Effect.Effect<RunWritten> = Effect.succeed({ type: "written", isStopRequested: true })

// The keys of that many runs are kept as text, as each network read of a run needs them.
const maxKeys = 1000

const groupOf = (id: string): string => `run:${id}`
const ownerGroupOf = (owner: string): string => `runs:${owner}`

/** The runs behind one prefix. */
class RedisRuns {
  private readonly keys = new Map<string, ReadonlyArray<string>>()

  constructor(private readonly runner: ScriptRunner) {}

  private keysOf(id: string): ReadonlyArray<string> {
    const known = this.keys.get(id)
    if (known !== undefined) return known
    const keys = this.runner.keysOf(groupOf(id), ["meta", "log"])
    if (this.keys.size >= maxKeys) this.keys.clear()
    this.keys.set(id, keys)
    return keys
  }

  channelOf(id: string, topic: RunTopic): string {
    return `${this.runner.nameOf(groupOf(id))}:${topic}`
  }

  run(script: scripts.Script, id: string, args: ReadonlyArray<string | number>) {
    return this.runner.runOn(script, this.keysOf(id), args, Effect.succeed)
  }

  create(run: NewRun): Effect.Effect<RunRecord | undefined, StateUnavailable> {
    const { id, owner, digest, leaseMillis, retentionMillis } = run
    const created = this.run(scripts.create, id, [owner, digest, leaseMillis, retentionMillis])
    return Effect.flatMap(created, (reply) => {
      if (reply !== null) return recordOf(id, reply)
      return Effect.as(this.enlist(run, owner, ""), undefined)
    })
  }

  write(write: RunWrite): Effect.Effect<RunWritten, StateUnavailable> {
    const { id, epoch, first, entries, end, leaseMillis, retentionMillis } = write
    const args = [epoch, leaseMillis, retentionMillis, first, end === undefined ? 0 : 1, end ?? "", ...entries]
    return this.runner.runOn(scripts.write, this.keysOf(id), args, (reply) => this.writtenOf(write, reply))
  }

  private writtenOf(write: RunWrite, reply: unknown): Effect.Effect<RunWritten, StateUnavailable> {
    if (typeof reply === "number") return reply === 0 ? written : writtenAndStop
    const [type, value, owner, startedAt] = Array.isArray(reply) ? reply.map(String) : []
    if (type === "refused") return Effect.succeed({ type })
    if (type === "gap") return Effect.succeed({ type, last: { epoch: write.epoch, sequence: Number(value) } })
    if (type !== "written" || owner === undefined || startedAt === undefined) return Effect.fail(unexpected)
    // The entries are stored, so this failure is not one of the write.
    return Effect.zipRight(
      Effect.ignore(this.enlist(write, owner, startedAt)),
      value === "1" ? writtenAndStop : written
    )
  }

  read(id: string, after: Position, limit: number): Effect.Effect<RunPage | undefined, StateUnavailable> {
    const page = this.run(scripts.read, id, [formatPosition(after), limit])
    return Effect.flatMap(page, (reply) => {
      if (reply === null) return Effect.succeed(undefined)
      if (!Array.isArray(reply)) return Effect.fail(unexpected)
      return Effect.map(recordOf(id, reply[0]), (record) => {
        const entries = entriesOf(reply[1])
        // A server that evicts keys for lack of memory may have dropped the log of a run whose record it has.
        const last = record?.last ?? after
        const isWhole = entries.length > 0 || last.sequence === 0 || !isAfter(last, after)
        return record !== undefined && isWhole ? { record, entries } : undefined
      })
    })
  }

  list(owner: string, limit: number): Effect.Effect<ReadonlyArray<RunRecord>, StateUnavailable> {
    const call = { group: ownerGroupOf(owner), args: [] }
    return Effect.flatMap(this.runner.run(scripts.list, call), (reply) =>
      Array.isArray(reply) ? this.records(owner, reply.map(String), limit) : Effect.fail(unexpected)
    )
  }

  /** The first runs that are still kept. The others leave the list. */
  private records(owner: string, ids: ReadonlyArray<string>, limit: number) {
    return Effect.gen(this, function* () {
      const found: Array<RunRecord> = []
      for (let from = 0; from < ids.length && found.length < limit; from += limit) {
        const batch = ids.slice(from, from + limit)
        const find = (id: string) => Effect.flatMap(this.run(scripts.find, id, []), (reply) => recordOf(id, reply))
        const records = yield* Effect.forEach(batch, find, { concurrency: 20 })
        const gone = batch.filter((_, index) => records[index]?.owner !== owner)
        if (gone.length > 0) yield* this.runner.run(scripts.unlist, { group: ownerGroupOf(owner), args: gone })
        found.push(...records.flatMap((record) => (record?.owner === owner ? [record] : [])))
      }
      return found.slice(0, limit)
    })
  }

  private enlist({ id, leaseMillis, retentionMillis }: Omit<NewRun, "owner" | "digest">, owner: string, start: string) {
    const args = [id, start, 2 * (leaseMillis + retentionMillis)]
    return this.runner.run(scripts.enlist, { group: ownerGroupOf(owner), args })
  }
}

const recordOf = (id: string, reply: unknown): Effect.Effect<RunRecord | undefined, StateUnavailable> => {
  if (reply === null) return Effect.succeed(undefined)
  if (!Array.isArray(reply)) return Effect.fail(unexpected)
  const [owner, digest, startedAt, last, leaseMillis, stop, end] = reply
  return Effect.succeed({
    id,
    owner: String(owner),
    digest: String(digest),
    startedAt: Number(startedAt),
    // Whoever begins a later epoch writes an end and no entry.
    last: { epoch: 1, sequence: Number(last) },
    leaseMillis: Number(leaseMillis),
    isStopRequested: stop === "1",
    end: typeof end === "string" ? end : undefined
  })
}

const entriesOf = (reply: unknown): ReadonlyArray<StoredEntry> =>
  (Array.isArray(reply) ? reply : []).flatMap((entry): ReadonlyArray<StoredEntry> => {
    const [id, fields] = Array.isArray(entry) ? entry : []
    const position = parsePosition(String(id))
    return position === undefined ? [] : [{ position, text: String(fields?.[1] ?? "") }]
  })
