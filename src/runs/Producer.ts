/** Runs a stream detached from its readers, and records how it ended. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import { ChatStream } from "../domain/ChatStream.js"
import { isLLMError, type LLMError, NetworkError, ProviderError } from "../domain/LLMError.js"
import { monotonicMillis } from "../domain/monotonic.js"
import { encodeEnd, type RunEnd } from "./RunEnd.js"
import { encodeItems, type RunItem } from "./RunItem.js"
import type { NewRun, RunStoreService } from "./RunStoreService.js"
import type { RunSettings } from "./RunsOptions.js"
import { RunUsage } from "./RunUsage.js"
import { type RunSource, RunWriter } from "./RunWriter.js"

/** Why a stream is interrupted: someone stopped the run, its process shuts down, or the store refuses its producer. */
export type StopReason = "stopped" | "interrupted" | "refused"

/** A run of this process. */
export interface Producer {
  /** What readers in this process read. */
  readonly source: RunSource
  /** Interrupts the stream, which closes its socket. */
  readonly stop: (reason: StopReason) => void
  /** Waits until the end is stored. */
  readonly ended: Effect.Effect<void>
}

// How long a stream that is interrupted may take, an uninterruptible tool for instance, before the end is recorded.
const interruptPatience = "5 seconds"

/** Starts a stream whose run is stored already. The stream goes on when its caller ends. */
export const startProducer = <R>(
  stream: Stream.Stream<RunItem, LLMError, R>,
  run: NewRun,
  store: RunStoreService,
  settings: RunSettings
): Effect.Effect<Producer, never, R> =>
  Effect.gen(function* () {
    const stopped = yield* Deferred.make<StopReason>()
    const stop = (reason: StopReason) => Deferred.unsafeDone(stopped, Effect.succeed(reason))
    const writer = new RunWriter(run, store, settings, {
      onStop: () => stop("stopped"),
      onRefused: () => stop("refused")
    })
    const usage = new RunUsage()
    const producing = Effect.gen(function* () {
      const writing = yield* Effect.fork(writer.work)
      yield* Effect.forkScoped(watchStops(store, run.id, () => stop("stopped")))
      const exit = yield* untilStopped(readInto(writer, usage, stream, settings), stopped)
      const reason = yield* Deferred.poll(stopped)
      const end = yield* endOf(exit, Option.isSome(reason) ? yield* reason.value : undefined, usage)
      yield* Effect.clockWith((clock) => Effect.sync(() => writer.finish(encodeEnd(end), monotonicMillis(clock))))
      yield* Fiber.join(writing)
    })
    // `start` may be uninterruptible, which its fibers would inherit.
    const fiber = yield* Effect.forkDaemon(Effect.interruptible(Effect.scoped(producing)))
    return { source: writer.source, stop, ended: Effect.asVoid(Fiber.await(fiber)) }
  })

const readInto = <R>(
  writer: RunWriter,
  usage: RunUsage,
  stream: Stream.Stream<RunItem, LLMError, R>,
  { keep, maxSize }: RunSettings
): Effect.Effect<void, LLMError, R> =>
  ChatStream.runForEachRead(stream, (items) => {
    usage.add(items)
    const text = encodeItems(items, keep)
    if (writer.size + text.length > maxSize) return Effect.fail(tooLarge(maxSize))
    writer.add(text)
    return undefined
  })

const tooLarge = (maxSize: number) =>
  new ProviderError({
    provider: "",
    model: "",
    message: `the run is larger than ${maxSize} characters; set a larger maxSize, or a lower maxTokens`
  })

/** Runs an effect until it ends or is stopped. */
const untilStopped = <R>(
  reading: Effect.Effect<void, LLMError, R>,
  stopped: Deferred.Deferred<StopReason>
): Effect.Effect<Exit.Exit<void, LLMError>, never, R> =>
  Effect.gen(function* () {
    // A fiber waits for its children, and this one may not end.
    const fiber = yield* Effect.forkDaemon(reading)
    const interrupting = Deferred.await(stopped).pipe(
      Effect.zipRight(Fiber.interruptFork(fiber)),
      Effect.zipRight(Effect.sleep(interruptPatience)),
      Effect.zipRight(Effect.fiberIdWith((id: FiberId.FiberId) => Effect.succeed(Exit.interrupt(id))))
    )
    return yield* Effect.raceFirst(Fiber.await(fiber), interrupting)
  })

/** Stops the run when another process asks for it. */
const watchStops = (store: RunStoreService, id: string, stop: () => void) =>
  Effect.gen(function* () {
    const notified = yield* Effect.makeLatch(false)
    yield* store.watch(id, "stop", () => notified.unsafeOpen())
    const check = Effect.gen(function* () {
      yield* notified.await
      yield* notified.close
      const record = yield* store.find(id)
      if (record?.isStopRequested === true) stop()
    })
    // A store that cannot be reached reports the request with the next write.
    yield* Effect.forever(Effect.ignore(check))
  }).pipe(Effect.scoped)

const endOf = (
  exit: Exit.Exit<void, LLMError>,
  reason: StopReason | undefined,
  { total: usage }: RunUsage
): Effect.Effect<RunEnd> => {
  if (Exit.isSuccess(exit)) return Effect.succeed({ type: "complete", usage })
  const failure = Cause.failureOption(exit.cause)
  if (Option.isSome(failure) && isLLMError(failure.value)) {
    return Effect.succeed({ type: "failed", usage, error: failure.value })
  }
  if (Cause.isInterruptedOnly(exit.cause) && reason !== undefined) {
    return Effect.succeed({ type: reason === "stopped" ? "stopped" : "interrupted", usage })
  }
  return Effect.as(Effect.logError("a run failed unexpectedly", exit.cause), {
    type: "failed",
    usage,
    error: unexpected
  })
}

// The message of a defect may have secrets.
const unexpected = new NetworkError({
  provider: "",
  model: "",
  reason: "Server",
  message: "the server failed during this run; see the log of the server"
})
