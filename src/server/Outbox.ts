/** The parts that a response sends: the events of its stream, and keep-alive comments while the stream is silent. */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../domain/monotonic.js"
import { Handover } from "./Handover.js"

/** The timeouts of a connection; `EventsOptions` documents them. */
export interface RelayOptions {
  readonly keepAlive?: Duration.DurationInput | undefined
  readonly writeTimeout?: Duration.DurationInput | undefined
}

/** Events that are written together. */
export interface Part {
  readonly text: string
  /** The response to send instead, if these are the first events: that of a failure. */
  readonly response?: HttpServerResponse.HttpServerResponse | undefined
}

const keepAliveComment: Part = { text: ": keep-alive\n\n" }

/** Passes parts to the writer of a response. A mutable class, because every network read goes through it. */
export class Outbox {
  /** Where the writer takes the parts. */
  readonly parts = new Handover<Part>()
  private sentAt = 0
  /** Whether the client has not read in time. Nothing is sent after that. */
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
      // Dropped if the previous part has not been taken, because then the client is slow and not the stream.
      this.parts.offer(keepAliveComment)
      return Effect.sleep(millis)
    })
    return Effect.forever(beat)
  })
}
