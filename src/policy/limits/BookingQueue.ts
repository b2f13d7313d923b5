/** Books time slots for the calls of one process: one booking at a time, the other calls queue behind it. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type LLMError, RateLimitError } from "../../domain/LLMError.js"
import { currentMonotonicMillis } from "../../domain/monotonic.js"
import type { Origin } from "../../domain/StreamChunk.js"
import { refusedByStore } from "../StateUnavailable.js"
import { FairSemaphore, priorityOf } from "./FairSemaphore.js"
import { intervalOf, type UnitLimit } from "./gcra.js"
import type { Amount, Booking, Observation, RateLimitsService } from "./RateLimits.js"

/** The limit that a request uses, and whose turn it is. */
export interface LimitTarget extends Origin {
  readonly bucket: string
  readonly key: string
  readonly priority: number | undefined
}

/** The calls of this process that wait for one bucket. */
interface Queue {
  /** Its one permit is the turn to book. */
  readonly turns: FairSemaphore
  /** The time of the last slot that was booked, in milliseconds. */
  lastStart: number
}

/** A booking whose time has come. */
export interface BookedSlot extends Booking {
  /** How long the request waited for its turn and its time; 0 if it had to wait for neither. */
  readonly waitedMillis: number
}

/** Mutable: it holds the queues of the buckets that calls wait for now. */
export class BookingQueue {
  private readonly queues = new Map<string, Queue>()
  private readonly requestInterval: number

  constructor(
    private readonly store: RateLimitsService,
    limits: ReadonlyArray<UnitLimit>,
    private readonly maxWaitMillis: number
  ) {
    const requests = limits.find(({ unit }) => unit === "requests")
    this.requestInterval = requests === undefined ? 0 : intervalOf(requests)
  }

  /** Counts as taken what the provider says. */
  observe({ bucket }: LimitTarget, observations: ReadonlyArray<Observation>): Effect.Effect<void> {
    return this.store.observe(bucket, observations)
  }

  /** Books a slot and waits for its time. An interrupted wait gives it back. */
  book(target: LimitTarget, amounts: ReadonlyArray<Amount>): Effect.Effect<BookedSlot, LLMError> {
    const tooLarge = amounts.find(({ limit, amount }) => amount > limit.limit)
    if (tooLarge !== undefined) return impossible(target, tooLarge)
    return Effect.flatMap(currentMonotonicMillis, (begun) => {
      const queue = this.queueOf(target.bucket)
      const priority = priorityOf(target.priority)
      const known = this.knownWait(queue, queue.turns.ahead(target.key, priority), begun)
      if (known > this.maxWaitMillis) return tooLong(target, known)
      const turn = Effect.timeoutFail(queue.turns.take(target.key, priority), {
        duration: this.maxWaitMillis,
        onTimeout: () => waitError(target, Math.max(this.maxWaitMillis, queue.lastStart - begun))
      })
      const booked = Effect.uninterruptibleMask((restore) =>
        Effect.gen(this, function* () {
          const queuedMillis = yield* restore(turn)
          const booking = yield* this.bookNow(queue, target, amounts, begun, restore)
          const now = yield* currentMonotonicMillis
          return { ...booking, waitedMillis: queuedMillis > 0 || booking.waitMillis > 0 ? now - begun : 0 }
        })
      )
      return Effect.ensuring(
        Effect.scoped(booked),
        Effect.sync(() => this.leave(target.bucket, queue))
      )
    })
  }

  private bookNow(
    queue: Queue,
    target: LimitTarget,
    amounts: ReadonlyArray<Amount>,
    begun: number,
    restore: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  ): Effect.Effect<Booking, LLMError> {
    return Effect.gen(this, function* () {
      const now = yield* currentMonotonicMillis
      const maxWaitMillis = Math.max(0, this.maxWaitMillis - (now - begun))
      const booking = yield* Effect.mapError(
        this.store.book({ bucket: target.bucket, amounts, maxWaitMillis }),
        refusedByStore(target.provider, target.model)
      )
      const { isBooked, waitMillis } = booking
      if (!isBooked) return yield* tooLong(target, waitMillis)
      queue.lastStart = now + waitMillis
      if (waitMillis > 0) {
        const givenBack = booking.settle(amounts.map(() => 0))
        // Timers may fire a little early.
        yield* Effect.onInterrupt(restore(Effect.sleep(Duration.millis(Math.ceil(waitMillis)))), () => givenBack)
      }
      return booking
    })
  }

  /** A wait that is certain: others take their turns before, each of them an interval. */
  private knownWait({ lastStart }: Queue, ahead: number, now: number): number {
    return lastStart > now ? lastStart - now + ahead * this.requestInterval : 0
  }

  private queueOf(bucket: string): Queue {
    const queue = this.queues.get(bucket) ?? { turns: new FairSemaphore(1), lastStart: Number.NEGATIVE_INFINITY }
    this.queues.set(bucket, queue)
    return queue
  }

  // Names of buckets can come from callers, so an empty queue is dropped.
  private leave(bucket: string, queue: Queue): void {
    if (queue.turns.isIdle && this.queues.get(bucket) === queue) this.queues.delete(bucket)
  }
}

const waitError = ({ provider, model, bucket }: LimitTarget, waitMillis: number): RateLimitError =>
  new RateLimitError({
    provider,
    model,
    reason: "RateLimit",
    attempts: 0,
    retryAfter: Duration.millis(Math.ceil(waitMillis)),
    message:
      `the request to ${provider} was not sent: the limit ${bucket} has no slot for it within maxWait, the next one ` +
      `is in about ${Math.ceil(waitMillis)} ms; try again then, or raise maxWait or the limit`
  })

const tooLong = (target: LimitTarget, waitMillis: number) => Effect.fail(waitError(target, waitMillis))

const impossible = ({ provider, model, bucket }: LimitTarget, { limit, amount }: Amount) =>
  Effect.fail(
    new RateLimitError({
      provider,
      model,
      reason: "RateLimit",
      attempts: 0,
      retryable: false,
      message:
        `the request to ${provider} was not sent: it needs ${amount} ${limit.unit}, more than the ${limit.limit} of ` +
        `the limit ${bucket}; shorten the prompt, lower maxTokens or raise the limit`
    })
  )
