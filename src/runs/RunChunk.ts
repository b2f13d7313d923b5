/** Reads a run as chunks or as events, each with the position after it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ChatStream, type Openable } from "../domain/ChatStream.js"
import { type LLMError, ProviderError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { ChunkView } from "../tools/chunkView.js"
import type { ToolLoopEvent } from "../tools/ToolLoopEvent.js"
import { beginning, formatInside, formatPosition, isAfter, type Position, type ReadPosition } from "./Position.js"
import type { RunError } from "./RunError.js"
import { decodeItems, isEvent, type RunItem } from "./RunItem.js"
import { openEntries, type ReadRequest } from "./RunReader.js"
import type { StoredEntry } from "./RunStoreService.js"
import type { RunSource } from "./RunWriter.js"

/** Where an element of a run is. */
export interface Positioned {
  /** The position after it: `Runs.read(id, { after: position })` goes on with the next one. */
  readonly position: string
}

/** A chunk of a run. */
export type RunChunk = StreamChunk & Positioned

/** An event of a run. */
export type RunEvent = ToolLoopEvent & Positioned

/** Gives the next elements of a run; an empty array means its end. */
type RunPull<A> = Effect.Effect<ReadonlyArray<A>, LLMError | RunError>

/** Whose run is read, and from where. */
export interface RunRequest extends Omit<ReadRequest, "after"> {
  readonly after: ReadPosition
}

/** Converts the items of one entry to what its readers get. */
type View<A> = (items: ReadonlyArray<RunItem>) => ReadonlyArray<A>

/** Finds where a run is read. */
type RunOpening<R> = Effect.Effect<readonly [RunSource, RunRequest], RunError, R>

/** A stream of the elements of a run. */
export type RunStream<A, R = never> = Openable<A, LLMError | RunError, R>

/** Reads the events of a loop. The chunks of a run without a loop are the events of one step. */
export const eventsOf = <R>(opening: RunOpening<R>): RunStream<RunEvent, R> =>
  ChatStream.make(Effect.flatMap(opening, ([source, request]) => open<ToolLoopEvent>(source, request, () => asEvents)))

const asEvents: View<ToolLoopEvent> = (items) =>
  items.map((item) => (isEvent(item) ? item : { type: "chunk", step: 0, chunk: item }))

/** Reads the chunks of a run. A loop is shown as one response. */
export const chunksOf = <R>(opening: RunOpening<R>): RunStream<RunChunk, R> =>
  ChatStream.make(Effect.flatMap(opening, ([source, request]) => open<StreamChunk>(source, request, makeChunkView)))

/** Shows chunks as they are, and the events of a loop as the chunks of one response. */
const makeChunkView = (): View<StreamChunk> => {
  const view = new ChunkView()
  return (items) => items.flatMap((item) => (isEvent(item) ? view.push([item]) : [item]))
}

const open = <A extends object>(
  source: RunSource,
  request: RunRequest,
  makeView: () => View<A>
): Effect.Effect<RunPull<A & Positioned>, never, Scope.Scope> =>
  Effect.map(openEntries(source, request), (pull) => {
    let view: View<A> | undefined
    let { chunks: skip } = request.after
    const next: RunPull<A & Positioned> = Effect.flatMap(pull, (entries) => {
      const first = entries[0]
      if (first === undefined) return Effect.succeed([])
      if (view !== undefined) return show(view, entries)
      return Effect.flatMap(viewAt(first), (made) => {
        view = made
        return show(made, entries)
      })
    })
    const viewAt = (first: StoredEntry) => {
      const isLoop = decodeItems(first.text)?.some(isEvent) === true
      const made = makeView()
      // The view of a loop counts the parts and the usage of its earlier steps.
      return isLoop ? Effect.as(replay(source, request, made), made) : Effect.succeed(made)
    }
    const show = (view: View<A>, entries: ReadonlyArray<StoredEntry>): RunPull<A & Positioned> => {
      const shown: Array<A & Positioned> = []
      for (const { position, text } of entries) {
        const items = decodeItems(text)
        if (items === undefined) return Effect.fail(unreadable)
        shown.push(...positioned(view(items), position).slice(skip))
        skip = 0
      }
      // The events of tools leave no chunk, which is not the end.
      return shown.length === 0 ? next : Effect.succeed(shown)
    }
    return next
  })

const positioned = <A extends object>(items: ReadonlyArray<A>, position: Position): ReadonlyArray<A & Positioned> =>
  items.map((item, index) => ({
    // First, as Node.js 20 takes a microsecond for a field after a spread that does not have it.
    position: index === items.length - 1 ? formatPosition(position) : formatInside(position, index + 1),
    ...item
  }))

/** Shows a view the entries before a position. */
const replay = <A>(
  source: RunSource,
  { id, owner, after }: RunRequest,
  view: View<A>
): Effect.Effect<void, LLMError | RunError> =>
  after.sequence === 0
    ? Effect.void
    : Effect.scoped(
        Effect.flatMap(openEntries(source, { id, owner, after: beginning }), (pull) => {
          const next: Effect.Effect<void, LLMError | RunError> = Effect.flatMap(pull, (entries) => {
            for (const { position, text } of entries) {
              if (isAfter(position, after)) return Effect.void
              view(decodeItems(text) ?? [])
            }
            return next
          })
          return next
        })
      )

const unreadable = new ProviderError({
  provider: "",
  model: "",
  message: "an entry of the run cannot be read, because another version wrote it; start the run again"
})
