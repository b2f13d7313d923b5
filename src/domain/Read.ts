/**
 * Reads of a stream, as an effect and as a function. An effect wakes a fiber for each network read; a poll does not. A
 * response of a model arrives token by token, so that this is most of what reading it costs.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** Reads the next elements of any stream; an empty array means its end. */
export type Read<A, E = never, R = never> = Effect.Effect<ReadonlyArray<A>, E, R>

/** The elements of a read, or an effect that gives them later, or fails. */
export type Polled<A, E = never, R = never> = ReadonlyArray<A> | Read<A, E, R>

/**
 * Gives what can be read now. While that is nothing, it gives `undefined`, and calls `wake` once when it is worth to poll
 * again. A poll without a later one loses nothing. What it throws is a defect, as in an effect.
 */
export type Poll<A, E = never, R = never> = (wake: () => void) => Polled<A, E, R> | undefined

const polls = new WeakMap<Read<unknown, unknown, unknown>, unknown>()

/** How a read is polled. One that was not made of a poll gives itself. */
const pollOf = <A, E, R>(read: Read<A, E, R>): Poll<A, E, R> =>
  // What is stored for a read was given to `fromPoll` with it.
  (polls.get(read) as Poll<A, E, R> | undefined) ?? (() => read)

/** Makes the effect of a poll. An interrupted one has taken nothing. */
const fromPoll = <A, E, R>(poll: Poll<A, E, R>): Read<A, E, R> => {
  const safePoll = withDefects(poll)
  const read: Read<A, E, R> = Effect.suspend(() => {
    let isWoken = false
    let wake = () => {
      isWoken = true
    }
    const polled = safePoll(() => wake())
    if (polled !== undefined) return toRead(polled)
    return Effect.async((resume) => {
      wake = () => resume(read)
      // The fiber may have yielded before this step.
      if (isWoken) wake()
    })
  })
  polls.set(read, safePoll)
  return read
}

/** Gives what a poll throws as an effect, so that whoever watches the read sees it. */
const withDefects =
  <A, E, R>(poll: Poll<A, E, R>): Poll<A, E, R> =>
  (wake) => {
    try {
      return poll(wake)
    } catch (defect) {
      return Effect.die(defect)
    }
  }

const isElements = <A, E, R>(polled: Polled<A, E, R>): polled is ReadonlyArray<A> => Array.isArray(polled)

const toRead = <A, E, R>(polled: Polled<A, E, R>): Read<A, E, R> =>
  isElements(polled) ? Effect.succeed(polled) : polled

/** Reads what a function gives, which may be another read each time. */
const suspend = <A, E, R>(current: () => Read<A, E, R>): Read<A, E, R> => fromPoll((wake) => pollOf(current())(wake))

/** What becomes of the elements and of the failure of a read. */
export interface ReadHandlers<A, B, E, R> {
  /** Gets the elements of a read; an empty array is the end. `undefined` means to read on. */
  readonly onElements: (elements: ReadonlyArray<A>) => Polled<B, E, R> | undefined
  /** Gets the failure of a read, and gives what is read instead. */
  readonly onFailure: (cause: Cause.Cause<E>) => Read<B, E, R>
}

/** Changes what a read gives. It remains a function call where `onElements` gives elements. */
const map = <A, B, E, R>(read: Read<A, E, R>, { onElements, onFailure }: ReadHandlers<A, B, E, R>): Read<B, E, R> => {
  const poll = pollOf(read)
  const mappedEffect = (effect: Read<A, E, R>): Read<B, E, R> =>
    Effect.matchCauseEffect(effect, {
      onSuccess: (elements) => toRead(onElements(elements) ?? mapped),
      onFailure
    })
  const mapped: Read<B, E, R> = fromPoll((wake) => {
    for (;;) {
      const polled = poll(wake)
      if (polled === undefined) return undefined
      if (!isElements(polled)) return mappedEffect(polled)
      const given = onElements(polled)
      if (given !== undefined) return given
    }
  })
  return mapped
}

/** Changes each element of a read. */
const mapEach = <A, B, E, R>(read: Read<A, E, R>, change: (element: A) => B): Read<B, E, R> =>
  map<A, B, E, R>(read, { onElements: (elements) => elements.map(change), onFailure: Effect.failCause })

/** What the next read waits for: an effect, or a function that gets what reads on, and calls it later. */
export type Wait<E = never, R = never> = Effect.Effect<unknown, E, R> | ((readOn: () => void) => void)

/**
 * Runs a function for the elements of each read, until the end. The next read waits for what the function returns. No
 * fiber is woken before it returns something, or the end comes.
 */
const forEach = <A, E, R>(
  read: Read<A, E, R>,
  onRead: (elements: ReadonlyArray<A>) => Wait<E, R> | undefined
): Effect.Effect<void, E, R> => {
  const poll = pollOf(read)
  const next: Effect.Effect<void, E, R> = Effect.withFiberRuntime((fiber) => {
    const run = new Run(poll, onRead, next, fiber)
    return run.readOn() ?? Effect.flatten(run.woken)
  })
  return next
}

/** Reads until an effect has to run. A mutable class, because it runs for every network read. */
class Run<A, E, R> {
  private resume: ((next: Effect.Effect<Effect.Effect<void, E, R>>) => void) | undefined
  private isWoken = false
  private isInterrupted = false

  /** `next` begins a new run. */
  constructor(
    private readonly poll: Poll<A, E, R>,
    private readonly onRead: (elements: ReadonlyArray<A>) => Wait<E, R> | undefined,
    private readonly next: Effect.Effect<void, E, R>,
    private readonly fiber: Fiber.RuntimeFiber<unknown, unknown>
  ) {}

  /**
   * Waits, and gives the effect that comes next, which then runs without what watches this wait for interruption: a stream
   * would have that on the stack of its fiber for every read. `async` with a finalizer would watch a step too late.
   */
  readonly woken: Effect.Effect<Effect.Effect<void, E, R>> = Effect.onInterrupt(
    Effect.async<Effect.Effect<void, E, R>>((resume) => {
      this.resume = resume
      // The fiber may have yielded before this step.
      if (this.isWoken) this.onWake()
    }),
    () =>
      Effect.sync(() => {
        this.isInterrupted = true
      })
  )

  /** Reads what is there; gives the effect that comes next, or `undefined` while there is nothing. */
  readOn(): Effect.Effect<void, E, R> | undefined {
    while (!this.isInterrupted) {
      const polled = this.poll(this.onWake)
      if (polled === undefined) return undefined
      if (!isElements(polled)) return Effect.flatMap(polled, this.onElements)
      if (polled.length === 0) return Effect.void
      const wait = this.onRead(polled)
      if (Effect.isEffect(wait)) return Effect.zipRight(wait, this.next)
      if (wait !== undefined) return void wait(this.onWake)
    }
    return undefined
  }

  private readonly onElements = (elements: ReadonlyArray<A>): Effect.Effect<void, E, R> => {
    if (elements.length === 0) return Effect.void
    const wait = this.onRead(elements)
    return wait === undefined ? this.next : Effect.zipRight(toEffect(wait), this.next)
  }

  private readonly onWake = (): void => {
    if (this.resume === undefined) {
      this.isWoken = true
      return
    }
    try {
      // As for the steps of the fiber: a tracer makes its span the active one.
      const effect = this.fiber.currentTracer.context(() => this.readOn(), this.fiber)
      if (effect !== undefined) this.resume(Effect.succeed(effect))
    } catch (defect) {
      // Thrown into the socket that has read, it would end the process.
      this.resume(Effect.die(defect))
    }
  }
}

const toEffect = <E, R>(wait: Wait<E, R>): Effect.Effect<unknown, E, R> =>
  Effect.isEffect(wait) ? wait : Effect.async<void>((resume) => wait(() => resume(Effect.void)))

/** Makes and runs reads. */
export const Read = { fromPoll, suspend, map, mapEach, forEach, pollOf } as const
