/** Reads a streamed response: waits for network reads, decodes them, and ends when the response or its connection does. */
import * as Effect from "effect/Effect"
import type { Pull } from "../../domain/ChatStream.js"
import type { TimeoutName } from "../../domain/ErrorFields.js"
import { Read } from "../../domain/Read.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import * as Body from "../../http/Body.js"
import * as httpErrors from "../../http/errors/httpErrors.js"
import type { ResponseDecoder } from "./ResponseDecoder.js"
import type { Received } from "./send.js"

/** A mutable class whose callbacks are made once, because every network read uses them. */
export class ResponseReader<Event, State> {
  private wake: () => void = ignore
  private isReading = false
  /** Whether the body has given something that is not decoded: `bytes`, or its end. */
  private hasArrived = false
  private bytes: Uint8Array | undefined

  /** `onDecoded` runs after each read has been decoded. */
  constructor(
    private readonly decoder: ResponseDecoder<Event, State>,
    private readonly body: Body.Body,
    private readonly received: Received,
    private readonly onDecoded: () => void
  ) {}

  /** Waits for network reads until one completes a chunk or the response has ended. */
  readonly pull: Pull = Read.fromPoll((wake) => {
    while (this.decoder.outcome === undefined) {
      if (!this.hasArrived) this.readBody()
      if (this.hasArrived) {
        const chunks = this.decode()
        if (chunks.length > 0) return chunks
      } else if (this.decoder.outcome === undefined) {
        this.wake = wake
        return undefined
      }
    }
    return this.ended
  })

  /** Reads the body, unless a read that was interrupted does. It may call back at once. */
  private readBody(): void {
    this.received.timers.start(this.onExpired)
    if (this.isReading) return
    this.isReading = true
    this.body.next(this.onBytes, this.onBroken)
  }

  private readonly onBytes = (bytes: Uint8Array | undefined): void => {
    this.isReading = false
    this.received.timers.stop()
    this.hasArrived = true
    this.bytes = bytes
    this.notify()
  }

  private readonly onBroken = (cause: unknown): void => {
    this.received.timers.stop()
    this.decoder.disconnected(cause)
    this.notify()
  }

  private readonly onExpired = (timeout: TimeoutName, afterMillis: number): void => {
    this.decoder.fail(httpErrors.timedOut(this.received.context, timeout, afterMillis))
    this.notify()
  }

  private notify(): void {
    const { wake } = this
    this.wake = ignore
    wake()
  }

  private decode(): ReadonlyArray<StreamChunk> {
    const { bytes, decoder } = this
    const { timers, context } = this.received
    this.hasArrived = false
    // Retained until the next read, they would be promoted to the old generation.
    this.bytes = undefined
    const chunks = bytes === undefined ? decoder.end() : decoder.push(bytes)
    this.onDecoded()
    if (decoder.hasContent) timers.stopFirstContent()
    const total = timers.decoded()
    if (total !== undefined) decoder.fail(httpErrors.timedOut(context, "total", total))
    return chunks
  }

  private readonly ended: Pull = Effect.suspend(() => endOf(this.decoder, this.body))
}

const ignore = (): void => {}

/** The end of a response, or its failure. */
export const endOf = <Event, State>(decoder: ResponseDecoder<Event, State>, body: Body.Body): Pull =>
  decoder.outcome === undefined || decoder.outcome === "complete"
    ? Effect.as(Body.drain(body), [])
    : Effect.fail(decoder.outcome)
