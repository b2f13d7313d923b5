/** The contract of the stores of runs: memory, Redis, SQL. A store keeps texts, and decides who may write them. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StateUnavailable } from "../policy/StateUnavailable.js"
import type { Position } from "./Position.js"
import type { RunError } from "./RunError.js"

/** A run to create. */
export interface NewRun {
  /** 1 to 100 characters of `[A-Za-z0-9_-]`. */
  readonly id: string
  /** Who may read and stop it; `""` if nobody is named. */
  readonly owner: string
  /** The digest of its request; `""` if there is none. */
  readonly digest: string
  /** How long its producer may be silent. */
  readonly leaseMillis: number
  /** How long it is kept after its end. */
  readonly retentionMillis: number
}

/** What a store knows of a run besides its entries. */
export interface RunRecord {
  /** The id of the run. */
  readonly id: string
  /** Who may read and stop it; `""` if nobody is named. */
  readonly owner: string
  /** The digest of its request; `""` if there is none. */
  readonly digest: string
  /** When it was created: milliseconds since 1970, on the store's clock. */
  readonly startedAt: number
  /** The last entry; sequence 0 if there is none. */
  readonly last: Position
  /** How long the producer may still be silent, on the store's clock; 0 or less once it counts as dead. */
  readonly leaseMillis: number
  /** Whether someone asked for its end. */
  readonly isStopRequested: boolean
  /** How it ended, as the producer wrote it; `undefined` while it runs. */
  readonly end: string | undefined
}

/** An entry: what one network read gave. */
export interface StoredEntry {
  /** Its place in the log of the run. */
  readonly position: Position
  /** What the producer wrote. */
  readonly text: string
}

/** Entries in order, with the record as it was when they were read. */
export interface RunPage {
  /** The run, as it was when the entries were read. */
  readonly record: RunRecord
  /** The entries, oldest first. */
  readonly entries: ReadonlyArray<StoredEntry>
}

/** What a producer writes: entries with consecutive sequences, an end, or neither, which renews the lease. */
export interface RunWrite {
  /** The id of the run. */
  readonly id: string
  /** The number of the producer: a store refuses writes of an earlier one. */
  readonly epoch: number
  /** The sequence of the first entry; without entries, the one that the next entry will have. */
  readonly first: number
  /** What to append, oldest first. */
  readonly entries: ReadonlyArray<string>
  /** Ends the run after the entries. */
  readonly end?: string | undefined
  /** The producer may be silent for so long from now on. */
  readonly leaseMillis: number
  /** How long the run is kept after its end. */
  readonly retentionMillis: number
}

/**
 * What became of a write. `written`: everything is stored, what was stored before included. `gap`: the store lost entries
 * that it had acknowledged, so nothing was stored; write again from the one after `last`. `refused`: the run has ended, has
 * a later epoch or is gone, so this producer must stop.
 */
export type RunWritten =
  | {
      readonly type: "written"
      /** Whether someone asked for the end of the run. */
      readonly isStopRequested: boolean
    }
  | {
      readonly type: "gap"
      /** The last entry that the store has. */
      readonly last: Position
    }
  | { readonly type: "refused" }

/** What a watch is for: new entries and the end, or a request to stop. */
export type RunTopic = "entries" | "stop"

/** Stores runs. Every method is atomic, and every time is measured by the store's clock. */
export interface RunStoreService {
  /**
   * Creates a run with an empty log and a lease, or gives the record that already has this id and changes nothing. A store
   * that bounds the number of runs fails with `RunError` (`TooMany`).
   */
  readonly create: (run: NewRun) => Effect.Effect<RunRecord | undefined, StateUnavailable | RunError>
  /**
   * Appends entries, renews the lease, and ends the run if the write says so. Entries that are already stored are skipped, so
   * that a write whose reply was lost can be repeated; a repeated end is `written`. A run whose lease has lapsed is written
   * as before until someone ends it with `expire`.
   */
  readonly write: (write: RunWrite) => Effect.Effect<RunWritten, StateUnavailable>
  /**
   * Ends a run whose lease has lapsed: begins a new epoch, so that its producer is refused from then on, and writes this
   * end. Does nothing to other runs.
   */
  readonly expire: (id: string, end: string) => Effect.Effect<void, StateUnavailable>
  /** Reads at most `limit` entries after a position; `undefined` if there is no such run. */
  readonly read: (id: string, after: Position, limit: number) => Effect.Effect<RunPage | undefined, StateUnavailable>
  /** Gives the record of a run; `undefined` if there is none. */
  readonly find: (id: string) => Effect.Effect<RunRecord | undefined, StateUnavailable>
  /** Asks the producer of a run to stop; does nothing if the run has ended or is unknown. */
  readonly requestStop: (id: string) => Effect.Effect<void, StateUnavailable>
  /** Gives the latest runs of an owner that are still kept, the latest first. */
  readonly list: (owner: string, limit: number) => Effect.Effect<ReadonlyArray<RunRecord>, StateUnavailable>
  /**
   * Calls `notify` whenever there may be something new, until the scope closes. It may call it without cause, and may pass
   * new entries along to spare a read. A store that cannot push polls.
   */
  readonly watch: (
    id: string,
    topic: RunTopic,
    notify: (entries: ReadonlyArray<StoredEntry>) => void
  ) => Effect.Effect<void, never, Scope.Scope>
}
