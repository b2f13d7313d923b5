/** The parts of a response as its body: for Node's server, for web servers, and as a `Stream` for other servers. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Handover } from "./Handover.js"
import type { Part } from "./Outbox.js"

/** The events of one response. */
export interface Parts {
  /** The first events; `undefined` for a response without events. */
  readonly first: Part | undefined
  /** Gives the events after the first ones. */
  readonly rest: Handover<Part>
}

/** The content type and the headers of a response with parts. */
interface Head {
  readonly contentType: string
  readonly headers: { readonly [name: string]: string }
}

/** The response for a server of `@effect/platform`. */
export const respondWithParts = (parts: Parts, head: Head): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.map(isOnNode, (isNode) =>
    isNode ? HttpServerResponse.raw(iterableOf(parts), head) : HttpServerResponse.stream(streamOf(parts), head)
  )

/** Whether the request in context came from `NodeHttpServer`, whose requests contain Node's response. */
const isOnNode: Effect.Effect<boolean> = Effect.map(
  Effect.serviceOption(HttpServerRequest.HttpServerRequest),
  Option.exists((request) => typeof Reflect.get(Reflect.get(request, "resolvedResponse") ?? {}, "write") === "function")
)

/**
 * The parts as an iterable, which Node's `pipeline` writes: it waits while the socket is full, and stops when the client
 * disconnects. A part costs one promise here, and 15 µs in the channels and the fiber of `HttpServerResponse.stream`. Closures
 * hide the parts from servers that log a response with its body.
 */
const iterableOf = ({ first, rest }: Parts): AsyncIterableIterator<string> & { readonly pipe: () => void } => {
  let waiting: Part | undefined = first
  const iterable = {
    next: (): Promise<IteratorResult<string, undefined>> => {
      const part = waiting
      waiting = undefined
      return part === undefined
        ? new Promise((resolve) => rest.onNext((part) => resolve(resultOf(part))))
        : Promise.resolve(resultOf(part))
    },
    [Symbol.asyncIterator]: () => iterable,
    // Only marks the body: the platform gives one with this method to `pipeline`, which prefers the iterator.
    pipe: () => {}
  }
  return iterable
}

const resultOf = (part: Part | undefined): IteratorResult<string, undefined> =>
  part === undefined ? { done: true, value: undefined } : { done: false, value: part.text }

const encoder = new TextEncoder()

/** The parts as a stream of one channel, because each channel costs 10 to 20 µs per part. */
const streamOf = ({ first, rest }: Parts): Stream.Stream<Uint8Array> => {
  type Bytes = Channel.Channel<Chunk.Chunk<Uint8Array>>
  const write = (part: Part | undefined): Bytes =>
    part === undefined
      ? Channel.void
      : Channel.flatMap(Channel.write(Chunk.of(encoder.encode(part.text))), () => others)
  const others: Bytes = Channel.flatMap(Channel.fromEffect(rest.take), write)
  return Stream.fromChannel(write(first))
}

/** The body of a web `Response`. `stop` runs when the last part has been read, or the client has disconnected. */
export const readableOf = ({ first, rest }: Parts, stop: () => Promise<void>): ReadableStream<Uint8Array> => {
  let isCancelled = false
  const write = (controller: ReadableStreamDefaultController<Uint8Array>, part: Part | undefined) => {
    if (isCancelled) return
    if (part !== undefined) return controller.enqueue(encoder.encode(part.text))
    controller.close()
    return stop()
  }
  return new ReadableStream({
    start: (controller) => (first === undefined ? undefined : write(controller, first)),
    pull: (controller) => new Promise<void>((resolve) => rest.onNext((part) => resolve(write(controller, part)))),
    cancel: () => {
      isCancelled = true
      return stop()
    }
  })
}
