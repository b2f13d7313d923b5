/** Shows in one line, redrawn in place, how far an answer is. */
import { Chunk, type Clock, type Duration, Effect, Exit, type Scope, Stream } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ModelId } from "../../domain/ModelId.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { AnswerProgress, type MeasuredChunk } from "./AnswerProgress.js"
import * as LiveLine from "./LiveLine.js"
import { measured } from "./measured.js"
import * as StatusLine from "./StatusLine.js"
import { canRedraw, columnsOf, styleOf, type Terminal } from "./Terminal.js"

/** What is shown of an answer, where and how. */
export interface StatusOptions {
  /** The model that is asked, such as `openai/gpt-4o-mini`, by whose encoding and prices the answer is counted. */
  readonly model?: ModelId | undefined
  /** The request: with it, `model` and a `ModelCatalog` in context, the line has the cost so far, which its prompt begins. */
  readonly request?: ChatRequest | undefined
  /** Where it is shown; `process.stderr` by default, so that the standard output is the answer's. */
  readonly to?: Terminal | undefined
  /** Whether one line is redrawn in place: by default on a terminal that can, but not in CI. Otherwise a few are written. */
  readonly isLive?: boolean | undefined
  /** Whether the line ends with the text that arrived last; true by default. */
  readonly hasPreview?: boolean | undefined
  /** How long it is shown: to the `end`, where a line with the sums stays, or up to the `firstContent`, to print from there. */
  readonly until?: "end" | "firstContent" | undefined
  /** The time between two drawings, 100 ms by default, or between two lines where they are not redrawn, 10 s. */
  readonly every?: Duration.DurationInput | undefined
}

/**
 * Shows the state of an answer while it passes: a spinner, seconds, tokens, tokens per second, and the cost so far where
 * prices are known. It takes one line of a terminal, whatever its width; so show one answer at a time there, and print no
 * other text while it is shown. Where nothing can be redrawn it writes a line at the beginning, some on the way, and one
 * at the end. The stream itself, its failures and its interruption pass unchanged.
 *
 * ```ts
 * yield* stream.pipe(status({ model: "openai/gpt-4o-mini", request }), collect)
 * ```
 */
export const status =
  (options: StatusOptions = {}) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<StreamChunk, E, R> =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        const clock = yield* Effect.clock
        const progress = new AnswerProgress(clock.unsafeCurrentTimeMillis())
        const display = yield* open(progress, clock, options)
        return Stream.mapChunks(measured(options)(stream), (chunks) => {
          const now = clock.unsafeCurrentTimeMillis()
          for (const chunk of chunks) progress.add(chunk, now)
          if (options.until === "firstContent" && progress.hasContent) display.close()
          return Chunk.map(chunks, unmeasured)
        })
      })
    )

const unmeasured = ({ counted: _, spent: __, ...chunk }: MeasuredChunk): StreamChunk => chunk

/** What shows the state. */
interface Display {
  /** Draws it once more. */
  readonly draw: () => void
  /** Takes it away. */
  readonly clear: () => void
  /** Says how it ended. */
  readonly end: (ending: StatusLine.Ending) => void
}

/** Shows the state again and again until it is closed or its scope is, and at its end how that was. */
const open = (
  progress: AnswerProgress,
  clock: Clock.Clock,
  options: StatusOptions
): Effect.Effect<{ readonly close: () => void }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { to = globalThis.process.stderr, isLive = canRedraw(to), every = isLive ? 100 : "10 seconds" } = options
    const now = (): number => clock.unsafeCurrentTimeMillis()
    const display = isLive
      ? yield* live(progress, now, to, options.hasPreview ?? true)
      : plain(progress, now, to, options)
    let isOpen = true
    const close = (): void => {
      isOpen = false
      display.clear()
    }
    yield* Effect.addFinalizer((exit) =>
      Effect.sync(() => {
        if (!isOpen) return
        close()
        if (options.until !== "firstContent") display.end(endingOf(progress, exit))
      })
    )
    const draw = Effect.sync(() => {
      if (isOpen) display.draw()
    })
    yield* Effect.forkScoped(Effect.repeat(Effect.zipRight(Effect.sleep(every), draw), { while: () => isOpen }))
    return { close }
  })

const endingOf = ({ isComplete }: AnswerProgress, exit: Exit.Exit<unknown, unknown>): StatusLine.Ending => {
  if (isComplete) return "complete"
  return Exit.isFailure(exit) && !Exit.isInterrupted(exit) ? "failed" : "stopped"
}

const live = (
  progress: AnswerProgress,
  now: () => number,
  to: Terminal,
  hasPreview: boolean
): Effect.Effect<Display, never, Scope.Scope> =>
  Effect.map(LiveLine.make(to), ({ show, clear }) => {
    const style = styleOf(to)
    // The last column stays free: in it, some terminals have already begun the next line.
    const width = (): number => columnsOf(to) - 1
    const draw = (): void => show(StatusLine.running(progress, now(), width(), style, hasPreview))
    draw()
    return { draw, clear, end: (ending) => to.write(`${StatusLine.ended(progress, now(), width(), style, ending)}\n`) }
  })

const plain = (progress: AnswerProgress, now: () => number, to: Terminal, { model }: StatusOptions): Display => {
  to.write(`waiting for ${model ?? "the answer"}\n`)
  return {
    draw: () => to.write(`${StatusLine.figures(progress, now())}\n`),
    clear: () => {},
    end: (ending) => to.write(`${ending} after ${StatusLine.figures(progress, now())}\n`)
  }
}
