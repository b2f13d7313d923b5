/** Calls back while a stream passes. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import { ChatFold, type ChatResponse, type PartialResponse } from "../domain/ChatResponse.js"
import { ChatStream, type Pull } from "../domain/ChatStream.js"
import type { LLMError } from "../domain/LLMError.js"
import type { ToolCall } from "../domain/Message.js"
import { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { attachPartial, withCost } from "../provider/engine/completeResponse.js"
import { type ContextOf, type ErrorOf, type Pending, pendingOf } from "./Callback.js"

/**
 * The callbacks of `tap`. Each may return nothing, a promise or an effect; the stream waits for a promise or an effect
 * before anything more passes. When the stream ends, exactly one of the last three is called. A defect calls none.
 */
export interface Callbacks {
  /** Called with each non-empty piece of content as it arrives. */
  readonly onToken?: (text: string) => unknown
  /** Called with each non-empty piece of reasoning as it arrives. */
  readonly onReasoning?: (text: string) => unknown
  /** Called when the answer starts again after a failure, as `Policy.recoverMidStream` allows: drop what came before. */
  readonly onReset?: () => unknown
  /** Called with each complete tool call, when the response finishes. */
  readonly onToolCall?: (call: ToolCall) => unknown
  /** Called with the complete response, before its last chunk passes. */
  readonly onFinish?: (response: ChatResponse) => unknown
  /** Called with the failure of the stream; `LLMError.partial(error)` has what had arrived. */
  readonly onFailure?: (error: LLMError) => unknown
  /** Called with what had arrived when reading stops early: by an interruption, `take` or a failing consumer. */
  readonly onInterrupt?: (partial: PartialResponse) => unknown
}

/** The return type of a callback, whatever its parameter is. */
type ReturnOf<Callback> = Callback extends (argument: never) => infer Returned ? Returned : never

/** The errors that callbacks can add to a stream; after `onFailure` and `onInterrupt` the stream is over. */
type ErrorsOf<C extends Callbacks> = ErrorOf<ReturnOf<C[Exclude<keyof C, "onFailure" | "onInterrupt">]>>

/** The context that all callbacks need together. */
type ContextsOf<C extends Callbacks> = ContextOf<ReturnOf<C[keyof C]>>

/** Rejects unknown names, so that a mistyped callback is a compile error. */
type NoOthers<C> = { readonly [Name in Exclude<keyof C, keyof Callbacks>]: never }

/** The stream errors that `onFailure` accepts: any if there is no `onFailure`. */
type AcceptedBy<C extends Callbacks> = C extends { readonly onFailure: (error: infer E) => unknown } ? E : unknown

/** `tap(callbacks)(stream)` or `tap(stream, callbacks)`. */
export interface Tap {
  /** Data-last, for `pipe`. */
  <C extends Callbacks>(
    callbacks: C & NoOthers<C>
  ): <E extends AcceptedBy<C>, R>(
    stream: Stream.Stream<StreamChunk, E, R>
  ) => Stream.Stream<StreamChunk, E | ErrorsOf<C>, R | ContextsOf<C>>
  /** Data-first. */
  <C extends Callbacks, E extends AcceptedBy<C>, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    callbacks: C & NoOthers<C>
  ): Stream.Stream<StreamChunk, E | ErrorsOf<C>, R | ContextsOf<C>>
}

/**
 * Calls back while a stream passes, in the order of the stream. An effect that fails makes the stream fail with the same
 * error, and a rejected promise with a `CallbackError`, after the chunks that came before. A callback that throws is a
 * defect: catch the exception there, or return an effect. A failure of `onFailure` is logged, because the stream already
 * fails; a failure of `onInterrupt` is a defect.
 *
 * ```ts
 * stream.pipe(
 *   tap({ onToken: (text) => socket.send(text), onFinish: ({ usage }) => Effect.log(usage) }),
 *   collect
 * )
 * ```
 */
export const tap: Tap = dual(
  2,
  <C extends Callbacks, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    callbacks: C
  ): Stream.Stream<StreamChunk, E | ErrorsOf<C>, R | ContextsOf<C>> => {
    const open = Effect.gen(function* () {
      const runner = new CallbackRunner(callbacks)
      yield* Effect.addFinalizer(() => runner.interrupted)
      const opening = Effect.tapErrorCause(ChatStream.open(stream), (cause) => runner.fail(cause))
      return runner.passing(yield* opening)
    })
    const tapped: Stream.Stream<StreamChunk, unknown, unknown> = ChatStream.make(open)
    // The callbacks are called by name, which loses the errors and the context of their return types.
    return tapped as Stream.Stream<StreamChunk, E | ErrorsOf<C>, R | ContextsOf<C>>
  }
)

/**
 * Calls back with each piece of content while a stream passes: `tap({ onToken })`.
 *
 * ```ts
 * stream.pipe(onToken((text) => log.push(text)), collect)
 * ```
 */
export const onToken: {
  <A>(
    callback: (text: string) => A
  ): <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<StreamChunk, E | ErrorOf<A>, R | ContextOf<A>>
  <A, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    callback: (text: string) => A
  ): Stream.Stream<StreamChunk, E | ErrorOf<A>, R | ContextOf<A>>
} = dual(2, <A, E, R>(stream: Stream.Stream<StreamChunk, E, R>, callback: (text: string) => A) =>
  tap(stream, { onToken: callback })
)

/** Calls the callbacks of one run. A mutable class, because it works without an effect per chunk. */
class CallbackRunner {
  private readonly fold = new ChatFold()
  private readonly folds: boolean
  private hasEnded = false
  /** How many chunks of the last read the callbacks have been notified of. */
  private notified = 0

  constructor(private readonly callbacks: Callbacks) {
    const { onToolCall, onFinish, onFailure, onInterrupt } = callbacks
    this.folds = [onToolCall, onFinish, onFailure, onInterrupt].some((callback) => callback !== undefined)
  }

  /** Notifies of everything that passes. */
  passing(pull: Pull<unknown, unknown>): Pull<unknown, unknown> {
    let failure: Effect.Effect<never, unknown> | undefined
    const next = Read.map<StreamChunk, StreamChunk, unknown, unknown>(pull, {
      onElements: (chunks) => {
        const pending = this.notify(chunks)
        if (pending === undefined) return chunks
        return Effect.matchCauseEffect(pending, {
          onSuccess: () => Effect.succeed(chunks),
          onFailure: (cause) => {
            failure = Effect.failCause(cause)
            return this.notified === 0 ? failure : Effect.succeed(chunks.slice(0, this.notified))
          }
        })
      },
      onFailure: (cause) => Effect.zipRight(this.fail(cause), Effect.failCause(cause))
    })
    return Read.suspend(() => failure ?? next)
  }

  /** Calls `onInterrupt` if reading stopped before the stream ended. */
  readonly interrupted = Effect.suspend(() =>
    this.hasEnded ? Effect.void : (this.call("onInterrupt", this.fold.partial()) ?? Effect.void)
  ).pipe(Effect.orDie)

  /** Notifies of each chunk in turn; gives an effect from the first callback on that has to be awaited. */
  private notify(chunks: Iterable<StreamChunk>): Pending | undefined {
    this.notified = 0
    const remaining = chunks[Symbol.iterator]()
    const notifyRest = (): Pending | undefined => {
      for (let next = remaining.next(); next.done !== true; next = remaining.next()) {
        const pending = this.notifyOf(next.value)
        if (pending !== undefined) return Effect.flatMap(pending, continueAfter)
        this.notified += 1
      }
      return undefined
    }
    const continueAfter = (): Pending => {
      this.notified += 1
      return notifyRest() ?? Effect.void
    }
    try {
      return notifyRest()
    } catch (thrown) {
      return Effect.die(thrown)
    }
  }

  private notifyOf(chunk: StreamChunk): Pending | undefined {
    if (this.folds) this.fold.add(chunk)
    const { content, reasoning } = chunk
    let pending = chunk.reset === true ? this.call("onReset", undefined) : undefined
    if (reasoning !== "") pending = after(pending, () => this.call("onReasoning", reasoning))
    if (content !== "") pending = after(pending, () => this.call("onToken", content))
    return chunk.finishReason === null ? pending : after(pending, () => this.finish())
  }

  private finish(): Pending | undefined {
    const response = this.fold.response()
    if (response === undefined) return undefined
    let pending: Pending | undefined
    for (const call of response.toolCalls) pending = after(pending, () => this.call("onToolCall", call))
    return after(pending, () => {
      this.hasEnded = true
      if (this.callbacks.onFinish === undefined) return undefined
      return Effect.flatMap(withCost(response), (priced) => this.call("onFinish", priced) ?? Effect.void)
    })
  }

  /** Calls `onFailure`, unless the cause is a defect. */
  fail(cause: Cause.Cause<unknown>): Pending {
    return Effect.suspend(() => {
      const failure = Cause.failureOption(cause)
      // A defect calls no callback; `interrupted` handles an interruption.
      this.hasEnded = !Cause.isInterruptedOnly(cause)
      if (Option.isNone(failure)) return Effect.void
      const error = this.folds ? attachPartial(failure.value, this.fold) : failure.value
      return this.call("onFailure", error) ?? Effect.void
      // Consumers see only one failure of a cause with two, so this one is logged.
    }).pipe(Effect.catchAllCause((cause) => Effect.logError("the onFailure callback of tap failed", cause)))
  }

  private call(name: keyof Callbacks, argument: unknown): Pending | undefined {
    // Callers pass each callback the argument that its own type declares.
    const callback = this.callbacks[name] as ((argument: unknown) => unknown) | undefined
    return callback === undefined ? undefined : pendingOf(name, callback(argument))
  }
}

const after = (pending: Pending | undefined, call: () => Pending | undefined): Pending | undefined =>
  pending === undefined ? call() : Effect.flatMap(pending, () => call() ?? Effect.void)
