/** Runs: answers that outlive the connection and, with a shared store, the process of their readers. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import { ChatStream } from "../domain/ChatStream.js"
import type { LLMError, ValidationError } from "../domain/LLMError.js"
import { makeRuns } from "./makeRuns.js"
import type { RunChunk, RunEvent, RunStream } from "./RunChunk.js"
import type { RunError } from "./RunError.js"
import type { RunItem } from "./RunItem.js"
import type { RunStatus } from "./RunStatus.js"
import { RunStore } from "./RunStore.js"
import type { RunsOptions } from "./RunsOptions.js"
import type { ListOptions, OwnerOptions, ReadRunOptions, RunsService, StartedRun, StartOptions } from "./RunsService.js"

/**
 * The service of runs. A run is a stream that goes on whether or not anyone reads it, and whose chunks are stored, so that
 * readers can come and go.
 *
 * ```ts
 * const { id } = yield* Runs.start(LLMClient.chatStream({ messages }))
 * yield* print(Runs.read(id))
 * ```
 */
export class Runs extends Context.Tag("llm-connectivity/Runs")<Runs, RunsService>() {
  /**
   * Provides the service over a store. Running runs live in the scope of the layer: when it closes, on SIGTERM for
   * instance, it waits for them for `grace`, and then records them as interrupted.
   *
   * ```ts
   * const runs = Runs.layer({ grace: "30 seconds" }).pipe(Layer.provide(RunStore.memory))
   * ```
   */
  static readonly layer = (options?: RunsOptions): Layer.Layer<Runs, ValidationError, RunStore> =>
    Layer.scoped(
      Runs,
      Effect.flatMap(RunStore, (store) => makeRuns(store, options))
    )

  /**
   * Starts a run of a stream of chunks or of the events of a tool loop, detached from the caller; the run is stored before
   * its id is given. If the id exists for this owner, the caller gets the run that exists and the stream does not run; one
   * of another request is a `Conflict`. Convert errors of your own tools to an `LLMError` before.
   *
   * ```ts
   * const { id } = yield* Runs.start(ToolLoop.stream({ messages }, { tools: [weather] }), { owner: "ada" })
   * ```
   */
  static readonly start = <R>(
    stream: Stream.Stream<RunItem, LLMError, R>,
    options?: StartOptions
  ): Effect.Effect<StartedRun, RunError, R | Runs> => Effect.flatMap(Runs, (runs) => runs.start(stream, options))

  /**
   * Reads a run as chunks, from any position, live until its end; a tool loop is shown as one response. Each chunk has the
   * `position` to go on from. A run that failed fails its readers with the same error, one that was stopped with
   * `RunError` (`Stopped`), and one whose process died or was shut down with `NetworkError` (`Truncated`), at the latest
   * when its lease has lapsed. A reader who leaves does not stop the run.
   *
   * ```ts
   * const goOn = (id: string) => print(Runs.read(id, { owner: "ada", after: "1-57" }))
   * ```
   */
  static readonly read = (id: string, options?: ReadRunOptions): RunStream<RunChunk, Runs> =>
    ChatStream.make(Effect.flatMap(Runs, (runs) => runs.read(id, options).open))

  /**
   * Reads a run as the events of a tool loop, as `read` does. The chunks of other streams are the events of one step.
   *
   * ```ts
   * const follow = (id: string) => Stream.runForEach(Runs.readEvents(id), (event) => Effect.log(event.type))
   * ```
   */
  static readonly readEvents = (id: string, options?: ReadRunOptions): RunStream<RunEvent, Runs> =>
    ChatStream.make(Effect.flatMap(Runs, (runs) => runs.readEvents(id, options).open))

  /**
   * Stops a run of any process, which closes the socket of its provider. What was written stays, with the usage that the
   * provider had reported. Does nothing to a run that has ended.
   *
   * ```ts
   * const stop = (id: string) => Runs.stop(id, { owner: "ada" })
   * ```
   */
  static readonly stop = (id: string, options?: OwnerOptions): Effect.Effect<void, RunError, Runs> =>
    Effect.flatMap(Runs, (runs) => runs.stop(id, options))

  /** Gives the status of a run: whether it is running, or how it ended and what it used. */
  static readonly status = (id: string, options?: OwnerOptions): Effect.Effect<RunStatus, RunError, Runs> =>
    Effect.flatMap(Runs, (runs) => runs.status(id, options))

  /** Gives the latest runs of an owner that are still kept, the latest first. */
  static readonly list = (options?: ListOptions): Effect.Effect<ReadonlyArray<RunStatus>, RunError, Runs> =>
    Effect.flatMap(Runs, (runs) => runs.list(options))
}
