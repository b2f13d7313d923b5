/** One call under load balancing: the targets it has tried, and the next one. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Opening } from "../../domain/ChatStream.js"
import { type LLMError, RateLimitError, ValidationError, withAttempts } from "../../domain/LLMError.js"
import { currentMonotonicMillis } from "../../domain/monotonic.js"
import { hasOutput, type Origin } from "../../domain/StreamChunk.js"
import type { CallObserver } from "../../provider/CallObserver.js"
import { beforeFirst, watchPull } from "../../provider/engine/watchPull.js"
import type { Embed } from "../../provider/Provider.js"
import type { BreakerUse, ObservedBreakers } from "../breaker/ObservedBreakers.js"
import type { Admission, Outcome } from "../breaker/state.js"
import { outcomeOf, waitMillisOf, watch, watchEmbedding } from "../breaker/watchOutcome.js"
import type { Recovery, Target } from "../recovery/recover.js"
import { refusedByStore } from "../StateUnavailable.js"
import { byKey, byLoad, type Preference, type TargetLoad, type Weighted } from "./order.js"

/** The state and settings that all calls of one policy share. */
export interface Balancing {
  readonly breakers: ObservedBreakers
  readonly name: string
  readonly ejectMillis: number
  readonly prefer: Preference
  readonly loadOf: (target: Weighted) => TargetLoad
}

/** The properties of one call. */
export interface CallContext<T> {
  /** The name of the provider in errors of requests that were not sent. */
  readonly provider: string
  readonly key: string | undefined
  readonly avoid: Set<string>
  /** The provider and the model of a target. */
  readonly originOf: (target: T) => Origin
  readonly observer: CallObserver | undefined
}

// The rest of a target after a 429 without a hint. Providers that count per minute accept some requests every second.
const defaultLimitMillis = 1000

/** Chooses the target of each attempt. Mutable, because attempts follow each other. */
export class BalancedCall<T extends Weighted> {
  private readonly tried = new Set<string>()
  private failed = 0
  private last: LLMError | undefined
  /** How long each tried target that limits the rate wants to rest, in milliseconds. */
  private readonly limits: Array<number> = []
  /** Why no further target is tried. */
  private refusal: LLMError | undefined

  constructor(
    private readonly balancing: Balancing,
    private readonly targets: ReadonlyArray<T>,
    private readonly context: CallContext<T>
  ) {}

  /** Goes on to another target after a failure that another target can avoid. */
  readonly recoveryFrom = (first: Target): Recovery => ({
    beforeOutput: (error) =>
      Effect.suspend(() => {
        if (error === this.refusal) return Effect.fail(error)
        const counted = this.count(error)
        if (!isAvoidable(error)) return Effect.fail(counted)
        this.failed += error.attempts
        this.last = counted
        if (error._tag === "RateLimitError") this.limits.push(waitMillisOf(error) || defaultLimitMillis)
        return Effect.succeed(first)
      }),
    afterOutput: (error) => this.count(error),
    onComplete: () => {}
  })

  private count(error: LLMError): LLMError {
    return withAttempts(error, this.failed + error.attempts)
  }

  /** Opens the response of the next target. */
  open(openAt: (target: T) => Opening): Opening {
    return Effect.flatMap(this.next, ({ target, admission }) =>
      Effect.flatMap(this.inFlight(target), (measured) =>
        Effect.map(watch(openAt(target), this.reporter(target, admission), this.outcomeOf), (pull) =>
          watchPull(pull, { onChunks: beforeFirst(hasOutput, measured), onFailure: Effect.fail })
        )
      )
    )
  }

  /** Embeds at the next target. */
  embed(embedAt: (target: T) => ReturnType<Embed>): ReturnType<Embed> {
    return Effect.scoped(
      Effect.flatMap(this.next, ({ target, admission }) =>
        Effect.zipRight(
          this.inFlight(target),
          watchEmbedding(embedAt(target), this.reporter(target, admission), this.outcomeOf)
        )
      )
    )
  }

  private readonly next: Effect.Effect<{ readonly target: T; readonly admission: Admission }, LLMError> = Effect.gen(
    this,
    function* () {
      const untried = this.targets.filter(({ name }) => !this.tried.has(name))
      const { key, avoid } = this.context
      const { loadOf, prefer } = this.balancing
      const ordered = key === undefined ? yield* byLoad(untried, loadOf, prefer) : byKey(untried, loadOf, key)
      const order = [
        ...ordered.filter(({ name }) => !avoid.has(name)),
        ...ordered.filter(({ name }) => avoid.has(name))
      ]
      const rejected: Array<Rejected<T>> = []
      for (const target of order) {
        const admission = yield* this.admit(target)
        if (admission.type === "admitted") return this.choose(target, admission)
        rejected.push({ target, ...admission })
      }
      return yield* this.withoutAdmission(rejected)
    }
  )

  private admit(target: T): Effect.Effect<Admission, LLMError> {
    return Effect.catchAll(this.balancing.breakers.admit(this.useOf(target)), (failure) =>
      this.refuse(refusedByStore(this.context.provider, "")(failure))
    )
  }

  private choose(target: T, admission: Admission) {
    this.tried.add(target.name)
    this.context.avoid.add(target.name)
    this.context.observer?.onEvent({ type: "target", name: target.name, to: this.context.originOf(target) })
    return { target, admission }
  }

  /** No target accepts the call. One that is down is tried anyway, because it may be back; one that limits the rate is not. */
  private withoutAdmission(rejected: ReadonlyArray<Rejected<T>>) {
    const soonest = [...rejected].sort((one, other) => one.waitMillis - other.waitMillis)
    const open = soonest.find(({ reason }) => reason === "open")
    if (open !== undefined && this.last === undefined) {
      return Effect.succeed(this.choose(open.target, { type: "admitted", isWatched: true, state: "open" }))
    }
    const waits = [...this.limits, ...rejected.map(({ waitMillis }) => waitMillis)]
    const areLimited = open === undefined && this.limits.length === this.tried.size && waits.length > 0
    if (areLimited) return this.refuse(withAttempts(allLimited(this.context.provider, Math.min(...waits)), this.failed))
    return this.refuse(this.last ?? withoutTargets(this.context.provider))
  }

  private refuse(error: LLMError): Effect.Effect<never, LLMError> {
    this.refusal = error
    return Effect.fail(error)
  }

  private readonly outcomeOf = (error: LLMError): Outcome => {
    if (error.attempts > 0 && error._tag === "RateLimitError" && error.reason === "RateLimit") {
      return { type: "limited", waitMillis: waitMillisOf(error) || defaultLimitMillis }
    }
    return error._tag === "AuthenticationError" || error._tag === "InsufficientCreditsError"
      ? { type: "ejected", waitMillis: this.balancing.ejectMillis }
      : outcomeOf(error)
  }

  private reporter(target: T, admission: Admission) {
    return this.balancing.breakers.reporter(this.useOf(target), admission.type === "admitted" && admission.isWatched)
  }

  /** Counts a request in progress until its scope closes; gives the effect that measures the first output. */
  private inFlight(target: T): Effect.Effect<Effect.Effect<void>, never, Scope.Scope> {
    const load = this.balancing.loadOf(target)
    const begin = Effect.acquireRelease(
      Effect.map(currentMonotonicMillis, (now) => {
        load.inFlight += 1
        return now
      }),
      () => Effect.sync(() => (load.inFlight -= 1))
    )
    return Effect.map(begin, (startedAt) => Effect.map(currentMonotonicMillis, (now) => load.measured(now - startedAt)))
  }

  private useOf(target: T): BreakerUse {
    const { originOf, observer } = this.context
    return { name: `${this.balancing.name}/${target.name}`, target: originOf(target), observer }
  }
}

type Rejected<T> = { readonly target: T } & Extract<Admission, { readonly type: "rejected" }>

/** Whether another target may not have this failure. */
const isAvoidable = (error: LLMError): boolean => {
  switch (error._tag) {
    case "RateLimitError":
    case "NetworkError":
    case "AuthenticationError":
    case "InsufficientCreditsError":
    case "ModelNotFoundError":
      return true
    default:
      return false
  }
}

const withoutTargets = (provider: string): ValidationError =>
  new ValidationError({ provider, model: "", message: "the load balancing has no targets for this call; add one" })

const allLimited = (provider: string, waitMillis: number): RateLimitError =>
  new RateLimitError({
    provider,
    model: "",
    reason: "RateLimit",
    attempts: 0,
    retryAfter: Duration.millis(waitMillis),
    message:
      `the request was not sent, because every target of the load balancing limits the rate; ` +
      `the first one accepts requests in ${Math.ceil(waitMillis)} ms. Wait, or add targets`
  })
