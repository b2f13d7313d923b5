/** What the service of runs does. */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { LLMError } from "../domain/LLMError.js"
import type { RunChunk, RunEvent, RunStream } from "./RunChunk.js"
import type { RunError } from "./RunError.js"
import type { RunItem } from "./RunItem.js"
import type { RunStatus } from "./RunStatus.js"

/** Whose run it is. */
export interface OwnerOptions {
  /** Who may read and stop the run, by user id for instance; `""` by default. */
  readonly owner?: string | undefined
}

/** The options of `Runs.start`. */
export interface StartOptions extends OwnerOptions {
  /** 1 to 100 characters of `[A-Za-z0-9_-]`; 128 random bits by default. A page that chooses the id can find its run again. */
  readonly id?: string | undefined
  /** What the run answers, as JSON. An id that exists for another request is a `Conflict`. Only its digest is stored. */
  readonly request?: unknown
}

/** A run that was started, now or before. */
export interface StartedRun {
  /** The id of the run. */
  readonly id: string
  /** `false` if the run existed already: the given stream does not run. */
  readonly isNew: boolean
}

/** The options of `Runs.read`. */
export interface ReadRunOptions extends OwnerOptions {
  /** The position of the last element that was read; from the beginning by default. */
  readonly after?: string | undefined
}

/** The options of `Runs.list`. */
export interface ListOptions extends OwnerOptions {
  /** The most runs; 100 by default. */
  readonly limit?: number | undefined
}

/** Starts, reads and stops runs. */
export interface RunsService {
  /** Starts a run. */
  readonly start: <R>(
    stream: Stream.Stream<RunItem, LLMError, R>,
    options?: StartOptions
  ) => Effect.Effect<StartedRun, RunError, R>
  /** Reads a run as chunks. */
  readonly read: (id: string, options?: ReadRunOptions) => RunStream<RunChunk>
  /** Reads a run as the events of a tool loop. */
  readonly readEvents: (id: string, options?: ReadRunOptions) => RunStream<RunEvent>
  /** Stops a run of any process. */
  readonly stop: (id: string, options?: OwnerOptions) => Effect.Effect<void, RunError>
  /** Gives the status of a run. */
  readonly status: (id: string, options?: OwnerOptions) => Effect.Effect<RunStatus, RunError>
  /** Gives the latest runs of an owner, the latest first. */
  readonly list: (options?: ListOptions) => Effect.Effect<ReadonlyArray<RunStatus>, RunError>
}
