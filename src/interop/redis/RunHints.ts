/** Hears that runs have changed: by a message of Redis, which may be lost, or by looking from time to time. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Signals } from "../../runs/Signals.js"
import type { RedisClient, RedisSubscriber } from "./RedisClient.js"

// How often a watcher looks without messages. With them it is for a message that was lost.
const deafInterval: Duration.DurationInput = "100 millis"
const hearingInterval: Duration.DurationInput = "2 seconds"

/** The channels that this process watches. Mutable, as connections come and go. */
export class RunHints {
  private readonly signals = new Signals()
  private readonly subscribed = new Set<string>()
  private subscriber: RedisSubscriber | undefined

  constructor(private readonly client: RedisClient) {}

  /** Calls `notify` whenever a channel may have news, until the scope closes. */
  watch(channel: string, notify: () => void): Effect.Effect<void, never, Scope.Scope> {
    const join = Effect.sync(() => this.join(channel))
    const leave = Effect.sync(() => this.leave(channel))
    const look: Effect.Effect<void> = Effect.suspend(() => {
      if (this.subscribed.has(channel)) return Effect.delay(Effect.sync(notify), hearingInterval)
      return Effect.delay(Effect.zipRight(join, Effect.sync(notify)), deafInterval)
    })
    return Effect.acquireRelease(Effect.void, () => leave).pipe(
      Effect.zipRight(this.signals.watch(channel, notify)),
      Effect.zipRight(join),
      Effect.zipRight(Effect.forkScoped(Effect.forever(look))),
      Effect.asVoid
    )
  }

  /** Closes the connection for messages. */
  close(): void {
    this.subscriber?.disconnect()
  }

  private join(channel: string): void {
    if (this.subscriber === undefined) this.connect()
    else if (!this.subscribed.has(channel)) this.subscribe(this.subscriber, channel)
  }

  private leave(channel: string): void {
    if (this.signals.has(channel)) return
    this.subscribed.delete(channel)
    this.subscriber?.unsubscribe(channel).catch(() => {})
  }

  // A connection that has subscribed takes no other commands, so it is not the one that runs scripts.
  private connect(): void {
    const subscriber = this.client.duplicate?.()
    if (subscriber === undefined) return
    this.subscriber = subscriber
    subscriber.on("message", (channel) => this.signals.notify(String(channel)))
    subscriber.on("close", () => this.subscribed.clear())
    subscriber.on("ready", () => {
      for (const channel of this.signals.keys) this.subscribe(subscriber, channel)
    })
    // Without a listener ioredis prints every error of a connection, with its address.
    subscriber.on("error", () => {})
    subscriber.connect().catch(() => {})
  }

  private subscribe(subscriber: RedisSubscriber, channel: string): void {
    const succeeded = () => {
      // Its watchers may have left meanwhile, and with them the subscription.
      if (!this.signals.has(channel)) return
      this.subscribed.add(channel)
      // What was published before is not repeated.
      this.signals.notify(channel)
    }
    subscriber.subscribe(channel).then(succeeded, () => {})
  }
}
