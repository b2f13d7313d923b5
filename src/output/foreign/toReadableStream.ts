/** Converts a stream to a web `ReadableStream`. */
import * as Effect from "effect/Effect"
import type * as Runtime from "effect/Runtime"
import type * as Stream from "effect/Stream"
import { StreamPull } from "./StreamPull.js"

/**
 * Converts a stream to a `ReadableStream`. The reader pulls the stream: the request is sent with the first read, and a
 * slow reader slows down the socket. `cancel` interrupts the stream, and resolves when the socket is closed. A failure
 * rejects the read as it is: an `LLMError` with its `_tag`.
 *
 * The runtime provides the context of the stream, for example that of a `ManagedRuntime`. Inside Effect,
 * `toReadableStreamEffect` takes the context from the effect.
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
  // With a higher mark, the stream would be pulled, and the request sent, before the first read.
  return new ReadableStream(source, { highWaterMark: 0 })
}

/** Converts a stream to a `ReadableStream`, with the context of the effect. */
export const toReadableStreamEffect = <A, R>(
  stream: Stream.Stream<A, unknown, R>
): Effect.Effect<ReadableStream<A>, never, R> =>
  Effect.map(Effect.runtime<R>(), (runtime) => toReadableStream(stream, runtime))
