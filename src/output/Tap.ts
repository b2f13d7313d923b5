/** Calls back while an answer passes. */
import { Cause, Channel, Chunk, Effect, Exit, Option, Stream } from "effect"
import { ChatFold, type ChatResponse, type PartialResponse } from "../domain/ChatResponse.js"
import type { LLMError } from "../domain/LLMError.js"
import type { ToolCall } from "../domain/Message.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { writeAll } from "../provider/transformChunks.js"
import { type FailureOf, type NeedsOf, type Waiting, waitingFor } from "./Callback.js"
import { keepingPartial, priced } from "./Collect.js"

/**
 * Who is called about an answer. Each may return nothing, a promise or an effect, which is waited for before anything more
 * passes. At the end one of the last three is called, and only one; none where a defect ends the stream.
 */
export interface Callbacks {
  /** Takes each piece of content as it arrives, none of them empty. */
  readonly onToken?: (text: string) => unknown
  /** Takes each piece of reasoning as it arrives, none of them empty. */
  readonly onReasoning?: (text: string) => unknown
  /** Takes each tool call once it is whole, which is when the answer finishes. */
  readonly onToolCall?: (call: ToolCall) => unknown
  /** Takes the whole answer, before its last chunk passes. */
  readonly onFinish?: (response: ChatResponse) => unknown
  /** Takes the failure of the stream; what had arrived is `LLMError.partial(error)`. */
  readonly onFailure?: (error: LLMError) => unknown
  /** Takes what had arrived when the stream was left before its end: by an interruption, `take` or a failing consumer. */
  readonly onInterrupt?: (partial: PartialResponse) => unknown
}

/** What a callback returns, whatever it is told. */
type ReturnOf<Callback> = Callback extends (told: never) => infer Returned ? Returned : never

/** How callbacks can fail a stream, which after a failure or an interruption is over. */
type FailuresOf<C extends Callbacks> = FailureOf<ReturnOf<C[Exclude<keyof C, "onFailure" | "onInterrupt">]>>

/** What callbacks need in context, all of them together. */
type AllNeedsOf<C extends Callbacks> = NeedsOf<ReturnOf<C[keyof C]>>

/** Refuses names that no callback has, so that a mistyped one is not silently never called. */
type NoOthers<C> = { readonly [Name in Exclude<keyof C, keyof Callbacks>]: never }

/** The failures that `onFailure` takes, which is as many as its parameter says. */
type ToldFailure<C extends Callbacks> = C extends { readonly onFailure: (error: infer E) => unknown } ? E : unknown

/**
 * Calls back while a stream passes, in its order. A failing effect fails the stream with its own error, and a rejected
 * promise with a `CallbackError`; what had passed before comes first. A callback that throws is a defect, with what was
 * thrown: catch it there, or return an effect. What goes wrong in `onFailure` is logged, as the stream already fails, and
 * in `onInterrupt` it is a defect.
 *
 * ```ts
 * stream.pipe(
 *   tap({ onToken: (text) => socket.send(text), onFinish: ({ usage }) => Effect.log(usage) }),
 *   collect
 * )
 * ```
 */
export const tap =
  <C extends Callbacks>(callbacks: C & NoOthers<C>) =>
  <E extends ToldFailure<C>, R>(
    stream: Stream.Stream<StreamChunk, E, R>
  ): Stream.Stream<StreamChunk, E | FailuresOf<C>, R | AllNeedsOf<C>> =>
    Stream.suspend(() => {
      const calling = new Calling(callbacks)
      const passing = Channel.pipeTo(Stream.toChannel(stream), calling.passing)
      const tapped: Stream.Stream<StreamChunk, unknown, unknown> = Stream.fromChannel(
        Channel.ensuring(passing, calling.left)
      )
      // Besides its own failures and needs it has those of what the callbacks return, which their types tell.
      return tapped as Stream.Stream<StreamChunk, E | FailuresOf<C>, R | AllNeedsOf<C>>
    })

/**
 * Calls back with each piece of text while a stream passes: `tap({ onToken })`.
 *
 * ```ts
 * stream.pipe(onToken((text) => log.push(text)), collect)
 * ```
 */
export const onToken = <Returned>(
  callback: (text: string) => Returned
): (<E, R>(
  stream: Stream.Stream<StreamChunk, E, R>
) => Stream.Stream<StreamChunk, E | FailureOf<Returned>, R | NeedsOf<Returned>>) => tap({ onToken: callback })

/** The callbacks of one run. */
class Calling {
  private readonly fold = new ChatFold()
  private readonly folds: boolean
  private hasEnded = false
  /** How many chunks of the last read everyone has been told. */
  private passed = 0

  constructor(private readonly callbacks: Callbacks) {
    const { onToolCall, onFinish, onFailure, onInterrupt } = callbacks
    this.folds = [onToolCall, onFinish, onFailure, onInterrupt].some((callback) => callback !== undefined)
  }

  /** Tells of all that passes. */
  readonly passing: Channel.Channel<
    Chunk.Chunk<StreamChunk>,
    Chunk.Chunk<StreamChunk>,
    unknown,
    unknown,
    unknown,
    unknown,
    unknown
  > = Channel.readWithCause({
    onInput: (chunks: Chunk.Chunk<StreamChunk>) => {
      const passOn = () => Channel.flatMap(Channel.write(chunks), () => this.passing)
      const waiting = this.tell(chunks)
      if (waiting === undefined) return passOn()
      const told = () => Chunk.toReadonlyArray(chunks).slice(0, this.passed)
      return Channel.flatMap(
        Channel.fromEffect(Effect.exit(waiting)),
        Exit.match({
          onSuccess: passOn,
          onFailure: (cause) => Channel.zipRight(writeAll(told()), Channel.failCause(cause))
        })
      )
    },
    onFailure: (cause: Cause.Cause<unknown>) =>
      Channel.zipRight(Channel.fromEffect(this.fail(cause)), Channel.failCause(cause)),
    onDone: () => Channel.void
  })

  /** Tells of an end that nobody has been told of. */
  readonly left = Effect.suspend(() =>
    this.hasEnded ? Effect.void : (this.call("onInterrupt", this.fold.partial()) ?? Effect.void)
  ).pipe(Effect.orDie)

  /** Tells of each chunk in turn, and stops only where something has to be waited for. */
  private tell(chunks: Iterable<StreamChunk>): Waiting | undefined {
    this.passed = 0
    const rest = chunks[Symbol.iterator]()
    const next = (): Waiting | undefined => {
      for (let each = rest.next(); each.done !== true; each = rest.next()) {
        const waiting = this.tellOne(each.value)
        if (waiting !== undefined) return Effect.flatMap(waiting, passOn)
        this.passed += 1
      }
      return undefined
    }
    const passOn = (): Waiting => {
      this.passed += 1
      return next() ?? Effect.void
    }
    try {
      return next()
    } catch (thrown) {
      return Effect.die(thrown)
    }
  }

  private tellOne(chunk: StreamChunk): Waiting | undefined {
    if (this.folds) this.fold.add(chunk)
    const { content, reasoning } = chunk
    let waiting = reasoning === "" ? undefined : this.call("onReasoning", reasoning)
    if (content !== "") waiting = after(waiting, () => this.call("onToken", content))
    return chunk.finishReason === null ? waiting : after(waiting, () => this.finish())
  }

  private finish(): Waiting | undefined {
    const response = this.fold.response()
    if (response === undefined) return undefined
    let waiting: Waiting | undefined
    for (const call of response.toolCalls) waiting = after(waiting, () => this.call("onToolCall", call))
    return after(waiting, () => {
      this.hasEnded = true
      if (this.callbacks.onFinish === undefined) return undefined
      return Effect.flatMap(priced(response), (whole) => this.call("onFinish", whole) ?? Effect.void)
    })
  }

  private fail(cause: Cause.Cause<unknown>): Waiting {
    return Effect.suspend(() => {
      const failure = Cause.failureOption(cause)
      // A defect is a mistake in the program and no end of an answer; of an interruption `left` tells.
      this.hasEnded = !Cause.isInterruptedOnly(cause)
      if (Option.isNone(failure)) return Effect.void
      const error = this.folds ? keepingPartial(failure.value, this.fold) : failure.value
      return this.call("onFailure", error) ?? Effect.void
      // A cause of two failures would not reach the reader whole.
    }).pipe(Effect.catchAllCause((own) => Effect.logError("onFailure failed itself", own)))
  }

  private call(name: keyof Callbacks, told: unknown): Waiting | undefined {
    // Each is called with what its own parameter says.
    const callback = this.callbacks[name] as ((told: unknown) => unknown) | undefined
    return callback === undefined ? undefined : waitingFor(name, callback(told))
  }
}

const after = (waiting: Waiting | undefined, call: () => Waiting | undefined): Waiting | undefined =>
  waiting === undefined ? call() : Effect.flatMap(waiting, () => call() ?? Effect.void)
