/** Gives a stream to programs without Effect, as an `AsyncIterable`. */
import { Effect, type Runtime, type Stream } from "effect"
import { type Pull, StreamPull } from "./StreamPull.js"

/**
 * Makes a stream readable by `for await`. It is pulled: nothing is sent before the first element is asked for, and a slow
 * loop slows the socket. Leaving the loop (`break`, `return`, an error) interrupts the stream and closes the socket before
 * the program goes on. A failure is thrown as itself: an `LLMError`, with its `_tag`. Each loop runs the stream anew.
 *
 * What the stream needs comes from a runtime, that of a `ManagedRuntime` for instance; inside of Effect,
 * `toAsyncIterableEffect` takes it from the context.
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

/** Makes a stream readable by `for await`, with what it needs from the context. */
export const toAsyncIterableEffect = <A, R>(
  stream: Stream.Stream<A, unknown, R>
): Effect.Effect<AsyncIterable<A>, never, R> =>
  Effect.map(Effect.runtime<R>(), (runtime) => toAsyncIterable(stream, runtime))

const done = { done: true, value: undefined } as const

class Iteration<A> implements AsyncIterator<A, undefined> {
  private read: Iterator<A> = [].values()
  private last: Promise<unknown> = Promise.resolve()

  constructor(private readonly pull: Pull<A>) {}

  /** A loop asks one at a time; whoever asks for more at once is answered in order. */
  next(): Promise<IteratorResult<A, undefined>> {
    const result = this.last.then(() => this.take())
    this.last = result.catch(() => done)
    return result
  }

  /** Ends a loop that is left. */
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
