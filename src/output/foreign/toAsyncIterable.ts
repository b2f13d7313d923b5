/** Converts a stream to an `AsyncIterable`, for code without Effect. */
import * as Effect from "effect/Effect"
import type * as Runtime from "effect/Runtime"
import type * as Stream from "effect/Stream"
import { StreamPull } from "./StreamPull.js"

/**
 * Converts a stream to an `AsyncIterable`, for `for await`. The loop pulls the stream: the request is sent with the first
 * `next`, and a slow loop slows down the socket. Leaving the loop (`break`, `return` or an exception) interrupts the
 * stream and closes the socket before the program continues. A failure is thrown as it is: an `LLMError` with its `_tag`.
 * Each loop runs the stream again.
 *
 * The runtime provides the context of the stream, for example that of a `ManagedRuntime`. Inside Effect,
 * `toAsyncIterableEffect` takes the context from the effect.
 *
 * ```ts
 * for await (const chunk of toAsyncIterable(stream, await managed.runtime())) process.stdout.write(chunk.content)
 * ```
 */
export function toAsyncIterable<A>(stream: Stream.Stream<A, unknown>): AsyncIterable<A>
export function toAsyncIterable<A, R>(
  stream: Stream.Stream<A, unknown, R>,
  runtime: Runtime.Runtime<R>
): AsyncIterable<A>
export function toAsyncIterable<A, R>(
  stream: Stream.Stream<A, unknown, R>,
  runtime?: Runtime.Runtime<R>
): AsyncIterable<A> {
  return { [Symbol.asyncIterator]: () => new Iteration(new StreamPull(stream, runtime)) }
}

/** Converts a stream to an `AsyncIterable`, with the context of the effect. */
export const toAsyncIterableEffect = <A, R>(
  stream: Stream.Stream<A, unknown, R>
): Effect.Effect<AsyncIterable<A>, never, R> =>
  Effect.map(Effect.runtime<R>(), (runtime) => toAsyncIterable(stream, runtime))

const done = { done: true, value: undefined } as const

class Iteration<A, R> implements AsyncIterator<A, undefined> {
  private read: Iterator<A> = [].values()
  private last: Promise<unknown> = Promise.resolve()

  constructor(private readonly pull: StreamPull<A, R>) {}

  /** A `for await` loop calls it once at a time. Concurrent calls are answered in order. */
  next(): Promise<IteratorResult<A, undefined>> {
    const result = this.last.then(() => this.take())
    this.last = result.catch(() => done)
    return result
  }

  /** Called when the program leaves the loop. */
  return(): Promise<IteratorResult<A, undefined>> {
    this.read = [].values()
    return this.pull.close().then(() => done)
  }

  private take(): IteratorResult<A, undefined> | Promise<IteratorResult<A, undefined>> {
    const next = this.read.next()
    if (next.done !== true) return next
    return this.pull.next().then((elements) => {
      if (elements === undefined) return done
      this.read = elements.values()
      return this.take()
    })
  }
}
