/** What a response has to send: the parts of its stream, and keep-alive comments while the stream is silent. */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../domain/monotonic.js"
import { Handover } from "./Handover.js"

/** How long a client may be silent or see silence; see `EventsOptions`. */
export interface RelayOptions {
  readonly keepAlive?: Duration.DurationInput | undefined
  readonly writeTimeout?: Duration.DurationInput | undefined
}

/** Events that are written at once. */
export interface Part {
  readonly text: string
  /** The response if these are the first events: that of a failure. */
  readonly response?: HttpServerResponse.HttpServerResponse | undefined
}

const keepAliveComment: Part = { text: ": keep-alive\n\n" }

/** Hands parts to the writer of a response. A mutable class, because every network read goes through it. */
export class Outbox {
  /** Where the writer takes the parts. */
  readonly parts = new Handover<Part>()
  private sentAt = 0
  /** Whether the client did not read in time; nothing is sent from then on. */
  isAbandoned = false

  constructor(
    private readonly clock: Clock.Clock,
    private readonly options: RelayOptions
  ) {}

  readonly end = Effect.sync(() => this.parts.end())

  /**
   * Sends events. If the previous ones have not been taken, gives an effect that waits until they are, and interrupts
   * itself if the client does not read them in time.
   */
  send(text: string, response?: HttpServerResponse.HttpServerResponse): Effect.Effect<void> | undefined {
    if (text === "") return undefined
    this.sentAt = monotonicMillis(this.clock)
    const part = { text, response }
    return this.parts.offer(part)
      ? undefined
      : Effect.timeoutTo(this.parts.put(part), {
          duration: this.options.writeTimeout ?? "1 minute",
          onSuccess: () => Effect.void,
          onTimeout: () => this.abandon
        }).pipe(Effect.flatten)
  }

  private readonly abandon = Effect.suspend(() => {
    this.isAbandoned = true
    return Effect.interrupt
  })

  /** Sends a comment after each interval without a part. It uses one timer for all parts. */
  readonly keepAlive: Effect.Effect<void> = Effect.suspend(() => {
    const millis = Duration.toMillis(this.options.keepAlive ?? "15 seconds")
    if (millis <= 0 || !Number.isFinite(millis)) return Effect.void
    this.sentAt = monotonicMillis(this.clock)
    const beat = Effect.suspend(() => {
      const silence = monotonicMillis(this.clock) - this.sentAt
      if (silence < millis) return Effect.sleep(millis - silence)
      // Dropped if another part is still held: then the client is slow, not the stream.
      this.parts.offer(keepAliveComment)
      return Effect.sleep(millis)
    })
    return Effect.forever(beat)
  })
}
