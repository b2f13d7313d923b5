/** Shows the state of a response in one line, redrawn in place. */
import type * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { ChatStream } from "../../domain/ChatStream.js"
import { checkOptions } from "../../domain/checkOptions.js"
import { positiveDurationProblem } from "../../domain/durationProblem.js"
import type { ModelId } from "../../domain/ModelId.js"
import { monotonicMillis } from "../../domain/monotonic.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { transformPull } from "../../provider/engine/transformChunks.js"
import { AnswerProgress, type MeasuredChunk, measure } from "./AnswerProgress.js"
import { makeLiveLine } from "./LiveLine.js"
import * as StatusLine from "./StatusLine.js"
import { canRedraw, columnsOf, styleOf, type Terminal } from "./Terminal.js"

/** The options of `status`. */
export interface StatusOptions {
  /** The model, such as `openai/gpt-4o-mini`, for its token encoding and prices. */
  readonly model?: ModelId | undefined
  /** The request. With it, `model` and a `ModelCatalog` in context, the line shows the cost so far, including the prompt. */
  readonly request?: ChatRequest | undefined
  /** The destination; `process.stderr` by default, so that the standard output has only the response. */
  readonly to?: Terminal | undefined
  /** Whether the line is redrawn in place: by default on a terminal, but not in CI. Otherwise a few lines are written. */
  readonly isLive?: boolean | undefined
  /** Whether the line ends with the last text of the response; true by default. */
  readonly hasPreview?: boolean | undefined
  /** When the line disappears: at the `end`, which leaves a line with the totals (default), or at the `firstContent`. */
  readonly until?: "end" | "firstContent" | undefined
  /** The time between redraws, 100 ms by default, or between lines where nothing is redrawn, 10 s by default. */
  readonly every?: Duration.DurationInput | undefined
}

/**
 * Shows the state of a response while the chunks pass through: a spinner, seconds, tokens, tokens per second, and the cost
 * so far if prices are known. It uses one line of the terminal, so show one response at a time, and print no other text
 * meanwhile. Where nothing can be redrawn, it writes a line at the start, one per interval, and one at the end. The chunks,
 * failures and interruption of the stream pass unchanged.
 *
 * ```ts
 * yield* stream.pipe(status({ model: "openai/gpt-4o-mini", request }), collect)
 * ```
 */
export const status =
  (options: StatusOptions = {}) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<StreamChunk, E, R> =>
    ChatStream.make(
      Effect.gen(function* () {
        const clock = yield* Effect.clock
        const progress = new AnswerProgress(monotonicMillis(clock))
        const display = yield* open(progress, clock, options)
        return transformPull<MeasuredChunk, StreamChunk, E, R>(yield* ChatStream.open(measure(options)(stream)), {
          push: (chunks) => {
            const now = monotonicMillis(clock)
            for (const chunk of chunks) progress.add(chunk, now)
            if (options.until === "firstContent" && progress.hasContent) display.close()
            return chunks.map(withoutMeasures)
          }
        })
      })
    )

const withoutMeasures = ({ counted: _, spent: __, ...chunk }: MeasuredChunk): StreamChunk => chunk

/** Draws the state on a terminal, or as plain lines. */
interface Display {
  /** Draws the current state. */
  readonly draw: () => void
  /** Erases the line. */
  readonly clear: () => void
  /** Writes the totals and how the response ended. */
  readonly end: (ending: StatusLine.Ending) => void
}

/** Draws the state at intervals until it is closed or its scope closes, and then writes the totals. */
const open = (
  progress: AnswerProgress,
  clock: Clock.Clock,
  options: StatusOptions
): Effect.Effect<{ readonly close: () => void }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { to = globalThis.process.stderr, isLive = canRedraw(to), every = isLive ? 100 : "10 seconds" } = options
    yield* Effect.orDie(checkOptions("status", [positiveDurationProblem("every", every)]))
    const now = (): number => monotonicMillis(clock)
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
    const drawing = Effect.repeat(Effect.zipRight(Effect.sleep(every), draw), { while: () => isOpen })
    // The scope waits for this fiber, which must end in an uninterruptible region too.
    yield* Effect.forkScoped(Effect.interruptible(drawing))
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
  Effect.map(makeLiveLine(to), ({ show, clear }) => {
    const style = styleOf(to)
    // The last column stays free, because some terminals wrap as soon as it is filled.
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
