/** Converts the stream of another library, an `AsyncIterable` or a `ReadableStream`, to a stream of chunks. */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { ChatStream, type Pull } from "../../domain/ChatStream.js"
import { isLLMError, type LLMError, NetworkError, ProviderError } from "../../domain/LLMError.js"
import { providerMessage } from "../../domain/providerMessage.js"
import type { Origin, StreamChunk } from "../../domain/StreamChunk.js"
import { quote } from "../../http/secrets/Redaction.js"

/** An element of another library's stream: a chunk, or a piece of text. */
export type Foreign = StreamChunk | string

/** Another library's stream, or a function that starts one for each run. The signal aborts when reading stops. */
export type SourceOrStart<Source> = Source | ((signal: AbortSignal) => Source | PromiseLike<Source>)

/** The provider and model of the response, and the conversion of exceptions. */
export interface ForeignOptions extends Partial<Origin> {
  /** Converts a thrown value to an error; by default to a `ProviderError`. A thrown `LLMError` stays as it is. */
  readonly onError?: ((thrown: unknown) => LLMError) | undefined
}

/**
 * Converts an `AsyncIterable` of chunks or of text to a stream of chunks. It reads one element per pull. The stream ends
 * with the chunk that has a finish reason; text has none, so its end is the finish reason `other`. If chunks end without a
 * finish reason, the stream fails with a `NetworkError` (`Truncated`). Interrupting aborts the signal and calls the
 * iterator's `return`.
 *
 * ```ts
 * fromAsyncIterable((signal) => session.promptStreaming("Hello", { signal }), { provider: "browser", model: "nano" })
 * ```
 */
export const fromAsyncIterable = (
  source: SourceOrStart<AsyncIterable<Foreign>>,
  options: ForeignOptions = {}
): Stream.Stream<StreamChunk, LLMError> =>
  toChatStream((signal) => {
    const started = typeof source === "function" ? source(signal) : source
    return Promise.resolve(started).then((iterable) => {
      const iterator = iterable[Symbol.asyncIterator]()
      return { next: () => iterator.next(), stop: () => iterator.return?.() }
    })
  }, options)

/**
 * Converts a `ReadableStream` of chunks or of text to a stream of chunks, as `fromAsyncIterable` does. Interrupting
 * cancels it. Convert bytes to text with `body.pipeThrough(new TextDecoderStream())`.
 */
export const fromReadableStream = (
  source: SourceOrStart<ReadableStream<Foreign>>,
  options: ForeignOptions = {}
): Stream.Stream<StreamChunk, LLMError> =>
  toChatStream((signal) => {
    const started = typeof source === "function" ? source(signal) : source
    return Promise.resolve(started).then((stream) => {
      const reader = stream.getReader()
      return { next: () => reader.read(), stop: () => reader.cancel() }
    })
  }, options)

/** The common interface of an iterator and a reader. */
interface Cursor {
  readonly next: () => PromiseLike<IteratorResult<Foreign, unknown> | ReadableStreamReadResult<Foreign>>
  readonly stop: () => PromiseLike<unknown> | undefined
}

type Start = (signal: AbortSignal) => Promise<Cursor>

const toChatStream = (start: Start, options: ForeignOptions): ChatStream =>
  ChatStream.make<LLMError, never>(
    Effect.gen(function* () {
      const run = new ForeignRun(options)
      yield* Effect.addFinalizer(() => run.stop)
      const cursor = yield* run.start(start)
      return run.pull(cursor)
    })
  )

const empty = { content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null, rawChunk: null } as const

/** One run of another library's stream. */
class ForeignRun {
  private readonly controller = new AbortController()
  private readonly origin: Origin
  private cursor: Cursor | undefined
  private isReading = false
  /** Whether the source has ended by itself, so that it must not be stopped. */
  private hasEnded = false
  private hasFinished = false
  private isText = false
  private count = 0

  constructor(private readonly options: ForeignOptions) {
    this.origin = { provider: options.provider ?? "", model: options.model ?? "" }
  }

  start(start: Start): Effect.Effect<Cursor, LLMError> {
    const { signal } = this.controller
    return this.attempt(() =>
      start(signal).then((cursor) => {
        this.cursor = cursor
        if (signal.aborted) stopInBackground(cursor)
        return cursor
      })
    )
  }

  pull(cursor: Cursor): Pull {
    return Effect.suspend(() => {
      if (this.hasFinished) return Effect.succeed([])
      this.isReading = true
      return Effect.flatMap(
        this.attempt(() => cursor.next()),
        (result) => {
          this.isReading = false
          this.hasEnded = result.done === true
          if (result.done !== true) return Effect.succeed([this.take(result.value)])
          return this.isText ? Effect.succeed([this.take({ ...empty, finishReason: "other" })]) : this.truncated()
        }
      )
    })
  }

  /** Stops a source that has not ended. */
  readonly stop = Effect.suspend(() => {
    const { cursor } = this
    if (this.hasEnded) return Effect.void
    this.controller.abort()
    if (cursor === undefined) return Effect.void
    // A generator that is being read settles `return` only after its pending `next`, which may never come.
    return this.isReading
      ? Effect.sync(() => stopInBackground(cursor))
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
        this.hasEnded = true
        return isLLMError(thrown) ? thrown : (this.options.onError?.(thrown) ?? this.failed(thrown))
      }
    })
  }

  private failed(thrown: unknown): LLMError {
    const reason = quote(String(thrown), { secrets: [], sentTexts: () => [] })
    return new ProviderError({
      ...this.origin,
      message: `the source stream failed after ${this.count} elements${providerMessage(reason)}`
    })
  }

  private truncated(): Effect.Effect<never, LLMError> {
    const message = `the source stream ended after ${this.count} elements without a finish reason`
    return Effect.fail(new NetworkError({ ...this.origin, reason: "Truncated", message }))
  }
}

const stopInBackground = (cursor: Cursor): void => {
  // The run is over, so there is nothing to report a rejection to.
  Promise.resolve(cursor.stop()).catch(() => {})
}
