/** Makes an answer of what another library streams. */
import { Effect, type Stream } from "effect"
import { isLLMError, type LLMError, NetworkError, ProviderError } from "../../domain/LLMError.js"
import type { Origin, StreamChunk } from "../../domain/StreamChunk.js"
import { quote } from "../../http/Redaction.js"
import * as ChatStream from "../../provider/ChatStream.js"

/** What an answer can be made of: chunks, or pieces of its text. */
export type Foreign = StreamChunk | string

/** Another library's stream, or a function that begins one for each run, with a signal that says when to give up. */
export type Beginning<Source> = Source | ((signal: AbortSignal) => Source | PromiseLike<Source>)

/** Whose answer it is, and how it fails. */
export interface ForeignOptions extends Partial<Origin> {
  /** Says what something thrown means; by default a `ProviderError`. An `LLMError` that is thrown stays what it is. */
  readonly onError?: ((thrown: unknown) => LLMError) | undefined
}

/**
 * Makes an answer of an `AsyncIterable` of chunks or of text, reading no further than is asked. It ends with the chunk
 * that has a finish reason; where text ends, nobody said why, and it is `other`. An end after other chunks is a
 * `NetworkError` with reason `Truncated`. Interrupting aborts the signal and has the iterable return.
 *
 * ```ts
 * fromAsyncIterable((signal) => session.promptStreaming("Hello", { signal }), { provider: "browser", model: "nano" })
 * ```
 */
export const fromAsyncIterable = (
  source: Beginning<AsyncIterable<Foreign>>,
  options: ForeignOptions = {}
): Stream.Stream<StreamChunk, LLMError> =>
  answerOf((signal) => {
    const begun = typeof source === "function" ? source(signal) : source
    return Promise.resolve(begun).then((iterable) => {
      const iterator = iterable[Symbol.asyncIterator]()
      return { next: () => iterator.next(), stop: () => iterator.return?.() }
    })
  }, options)

/**
 * Makes an answer of a `ReadableStream` of chunks or of text, as `fromAsyncIterable` does. Interrupting cancels it. Bytes
 * become text by `body.pipeThrough(new TextDecoderStream())`.
 */
export const fromReadableStream = (
  source: Beginning<ReadableStream<Foreign>>,
  options: ForeignOptions = {}
): Stream.Stream<StreamChunk, LLMError> =>
  answerOf((signal) => {
    const begun = typeof source === "function" ? source(signal) : source
    return Promise.resolve(begun).then((stream) => {
      const reader = stream.getReader()
      return { next: () => reader.read(), stop: () => reader.cancel() }
    })
  }, options)

/** What is read one by one. */
interface Cursor {
  readonly next: () => PromiseLike<IteratorResult<Foreign, unknown> | ReadableStreamReadResult<Foreign>>
  readonly stop: () => PromiseLike<unknown> | undefined
}

type Begin = (signal: AbortSignal) => Promise<Cursor>

const answerOf = (begin: Begin, options: ForeignOptions): ChatStream.ChatStream =>
  ChatStream.make(
    Effect.gen(function* () {
      const answer = new ForeignAnswer(options)
      yield* Effect.addFinalizer(() => answer.leave)
      const cursor = yield* answer.begin(begin)
      return answer.pull(cursor)
    })
  )

const empty = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null, rawChunk: null } as const

/** One run of another library's stream. */
class ForeignAnswer {
  private readonly controller = new AbortController()
  private readonly origin: Origin
  private cursor: Cursor | undefined
  private isReading = false
  /** Whether the source has ended by itself, and is not to be told to. */
  private isOver = false
  private hasFinished = false
  private isText = false
  private count = 0

  constructor(private readonly options: ForeignOptions) {
    this.origin = { provider: options.provider ?? "", model: options.model ?? "" }
  }

  begin(begin: Begin): Effect.Effect<Cursor, LLMError> {
    const { signal } = this.controller
    return this.attempt(() =>
      begin(signal).then((cursor) => {
        this.cursor = cursor
        if (signal.aborted) stopUnheard(cursor)
        return cursor
      })
    )
  }

  pull(cursor: Cursor): ChatStream.Pull {
    return Effect.suspend(() => {
      if (this.hasFinished) return Effect.succeed([])
      this.isReading = true
      return Effect.flatMap(
        this.attempt(() => cursor.next()),
        (result) => {
          this.isReading = false
          this.isOver = result.done === true
          if (result.done !== true) return Effect.succeed([this.take(result.value)])
          return this.isText ? Effect.succeed([this.take({ ...empty, finishReason: "other" })]) : this.cut()
        }
      )
    })
  }

  /** Lets go of a source that has not ended. */
  readonly leave = Effect.suspend(() => {
    const { cursor } = this
    if (this.isOver) return Effect.void
    this.controller.abort()
    if (cursor === undefined) return Effect.void
    // A generator that is being read would answer only when it has something to give.
    return this.isReading
      ? Effect.sync(() => stopUnheard(cursor))
      : Effect.promise(() => Promise.resolve(cursor.stop()))
  })

  private take(element: Foreign): StreamChunk {
    this.count += 1
    this.isText = typeof element === "string"
    if (typeof element === "string") return { ...empty, content: element }
    if (element.finishReason === null) return element
    this.hasFinished = true
    return { ...element, origin: element.origin ?? this.origin }
  }

  private attempt<A>(read: () => PromiseLike<A>): Effect.Effect<A, LLMError> {
    return Effect.tryPromise({
      try: read,
      catch: (thrown) => {
        this.isOver = true
        return isLLMError(thrown) ? thrown : (this.options.onError?.(thrown) ?? this.broken(thrown))
      }
    })
  }

  private broken(thrown: unknown): LLMError {
    const said = quote(String(thrown), { keys: [], texts: () => [] })
    return new ProviderError({ ...this.origin, message: `the source broke off after ${this.count} pieces: ${said}` })
  }

  private cut(): Effect.Effect<never, LLMError> {
    const message = `the source ended after ${this.count} pieces without a finish reason`
    return Effect.fail(new NetworkError({ ...this.origin, reason: "Truncated", message }))
  }
}

const stopUnheard = (cursor: Cursor): void => {
  // Nobody is left to hear how it ends.
  Promise.resolve(cursor.stop()).catch(() => {})
}
