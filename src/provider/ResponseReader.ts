/** Reads a streamed response: waits for network reads, decodes them, and ends when the response or its connection does. */
import * as Effect from "effect/Effect"
import type { Pull } from "../domain/ChatStream.js"
import type { TimeoutName } from "../domain/ErrorFields.js"
import * as Body from "../http/Body.js"
import * as httpErrors from "../http/httpErrors.js"
import type { ResponseDecoder } from "./ResponseDecoder.js"
import type { Received } from "./send.js"

/** A mutable class whose callbacks are made once, because every network read uses them. */
export class ResponseReader<Event, State> {
  private resume: (next: Pull) => void = () => {}
  private bytes: Uint8Array | undefined
  private isReading = false

  /** `onDecoded` runs after each read has been decoded. */
  constructor(
    private readonly decoder: ResponseDecoder<Event, State>,
    private readonly body: Body.Body,
    private readonly received: Received,
    private readonly onDecoded: () => void
  ) {}

  /** Waits for network reads until one completes a chunk or the response has ended. */
  readonly pull: Pull = Effect.async((resume) => {
    if (this.decoder.outcome !== undefined) return resume(this.ended)
    // Read for a pull that was interrupted.
    if (this.bytes !== undefined) return resume(this.decoded)
    this.resume = resume
    this.received.timers.start(this.onExpired)
    if (this.isReading) return
    this.isReading = true
    this.body.next(this.onBytes, this.onBroken)
  })

  private readonly onBytes = (bytes: Uint8Array | undefined): void => {
    this.isReading = false
    this.received.timers.stop()
    this.bytes = bytes
    this.resume(this.decoded)
  }

  private readonly onBroken = (cause: unknown): void => {
    this.received.timers.stop()
    this.decoder.disconnected(cause)
    this.resume(this.ended)
  }

  private readonly onExpired = (timeout: TimeoutName, afterMillis: number): void => {
    this.decoder.fail(httpErrors.timedOut(this.received.context, timeout, afterMillis))
    this.resume(this.ended)
  }

  private readonly decoded: Pull = Effect.suspend(() => {
    const { bytes, decoder } = this
    const { timers, context } = this.received
    // Retained until the next read, they would be promoted to the old generation.
    this.bytes = undefined
    const chunks = bytes === undefined ? decoder.end() : decoder.push(bytes)
    this.onDecoded()
    if (decoder.hasContent) timers.stopFirstContent()
    const total = timers.decoded()
    if (total !== undefined) decoder.fail(httpErrors.timedOut(context, "total", total))
    if (chunks.length > 0) return Effect.succeed(chunks)
    return decoder.outcome === undefined ? this.pull : this.ended
  })

  private readonly ended: Pull = Effect.suspend(() => endOf(this.decoder, this.body))
}

/** The end of a response, or its failure. */
export const endOf = <Event, State>(decoder: ResponseDecoder<Event, State>, body: Body.Body): Pull =>
  decoder.outcome === undefined || decoder.outcome === "complete"
    ? Effect.as(Body.drain(body), [])
    : Effect.fail(decoder.outcome)
