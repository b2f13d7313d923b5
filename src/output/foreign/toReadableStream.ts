/** Gives a stream to the web, as a `ReadableStream`. */
import { Effect, type Runtime, type Stream } from "effect"
import { StreamPull } from "./StreamPull.js"

/**
 * Makes a `ReadableStream` of a stream. It is pulled: nothing is sent before it is read, and a slow reader slows the
 * socket. Cancelling it interrupts the stream, and resolves when the socket is closed. A failure is what its reader
 * rejects with, as itself: an `LLMError`, with its `_tag`.
 *
 * What the stream needs comes from a runtime, that of a `ManagedRuntime` for instance; inside of Effect,
 * `toReadableStreamEffect` takes it from the context.
 *
 * ```ts
 * const runtime = await managed.runtime()
 * new Response(toReadableStream(TextStream.bytes(stream), runtime), { headers: { "content-type": "text/plain" } })
 * ```
 */
export function toReadableStream<A>(stream: Stream.Stream<A, unknown>): ReadableStream<A>
export function toReadableStream<A, R>(
  stream: Stream.Stream<A, unknown, R>,
  runtime: Runtime.Runtime<R>
): ReadableStream<A>
export function toReadableStream<A, R>(
  stream: Stream.Stream<A, unknown, R>,
  runtime?: Runtime.Runtime<R>
): ReadableStream<A> {
  const pull = new StreamPull(stream, runtime)
  const source: UnderlyingDefaultSource<A> = {
    pull: (controller) =>
      pull.next().then(
        (elements) => {
          if (elements === undefined) controller.close()
          for (const element of elements ?? []) controller.enqueue(element)
        },
        (error) => controller.error(error)
      ),
    cancel: () => pull.close()
  }
  // One that may hold an element would be pulled, and the request sent, before anybody reads.
  return new ReadableStream(source, { highWaterMark: 0 })
}

/** Makes a `ReadableStream` of a stream, with what it needs from the context. */
export const toReadableStreamEffect = <A, R>(
  stream: Stream.Stream<A, unknown, R>
): Effect.Effect<ReadableStream<A>, never, R> =>
  Effect.map(Effect.runtime<R>(), (runtime) => toReadableStream(stream, runtime))
