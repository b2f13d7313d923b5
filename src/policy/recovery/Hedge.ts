/** Sends a second request when the first one is slow to show output, and uses the one that is faster. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Opening, Pull } from "../../domain/ChatStream.js"
import { checkOptions } from "../../domain/checkOptions.js"
import { durationProblem } from "../../domain/durationProblem.js"
import { type LLMError, type ValidationError, withAttempts } from "../../domain/LLMError.js"
import { currentMonotonicMillis } from "../../domain/monotonic.js"
import { Read } from "../../domain/Read.js"
import { hasOutput, type Origin, type StreamChunk } from "../../domain/StreamChunk.js"
import { type ExtraRequest, type OpenOptions, type Policy, Provider } from "../../provider/Provider.js"
import { LatencyWindow } from "../LatencyWindow.js"

/** A latency that a share of calls stays below, as the latest 256 calls to the model had it. */
export type LatencyQuantile = "p50" | "p90" | "p95" | "p99"

/** When a call is hedged. */
export interface HedgeOptions {
  /**
   * How long the first request may show no output: a duration, or `"p95"` (the default), 5 % longer than 95 % of the
   * latest calls to this model needed. No call is hedged before 20 calls have been measured.
   */
  readonly after?: LatencyQuantile | Duration.DurationInput | undefined
  /** The most extra requests per call, over all calls; 0.05 by default. */
  readonly atMost?: number | undefined
}

/**
 * Sends a second request when the first one has shown no output for some time, and uses the one whose output arrives
 * first. The other one is interrupted and its socket closed; `Spending` books its cost by estimate, and refuses the extra
 * request if the budget has no room for it. A request that fails before the other has shown output fails the call only
 * where no second request is in progress. Put it inside `retry` and outside of `loadBalance`, which sends the second
 * request to another target. Embeddings are not hedged. Options that cannot be right are a `ValidationError` of the layer.
 *
 * ```ts
 * LLMClient.layer({
 *   model: "openai/gpt-4o-mini",
 *   policies: [Policy.retry(), Policy.hedge({ after: "p95", atMost: 0.05 })]
 * })
 * ```
 */
export const hedge = (options: HedgeOptions = {}): Effect.Effect<Policy, ValidationError> =>
  Effect.map(checkOptions("the hedge", problemsOf(options)), () => {
    const pace = new HedgePace(options)
    return (provider: Provider) =>
      Provider.make({
        ...provider,
        open: (request, call) => {
          const target = { provider: provider.name, model: request?.model ?? "" }
          // While one request waits for a limit, the other may be in progress.
          const shared: OpenOptions = { ...call, avoid: call?.avoid ?? new Set(), onWait: undefined }
          const booked = call?.onExtraRequest?.(target) ?? Effect.succeed(unbooked)
          const extra = Effect.tap(booked, () => call?.observer?.onEvent({ type: "hedge", to: target }))
          return hedged(provider.open(request, shared), extra, pace, target)
        }
      })
  })

const problemsOf = ({ after = 0, atMost = 0 }: HedgeOptions) => [
  isQuantile(after) ? undefined : durationProblem("after", after),
  atMost >= 0 && atMost <= 1 ? undefined : `atMost is ${atMost}; write a share of all calls, from 0 to 1`
]

const unbooked: ExtraRequest = { failed: () => {} }

const quantiles: { readonly [Name in LatencyQuantile]: number } = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }

const isQuantile = (after: HedgeOptions["after"]): after is LatencyQuantile =>
  typeof after === "string" && Object.hasOwn(quantiles, after)

// Longer than the quantile. Otherwise similar latencies would use up the hedges, because many calls end just at the quantile.
const slower = (millis: number): number => Math.max(millis + 1, 1.05 * millis)

// More than a program uses. Bounded, because names of models can come from its users.
const maxModels = 100

/** Decides when calls are hedged, within their share of all calls. Mutable, because it counts every call. */
class HedgePace {
  private readonly windows = new Map<string, LatencyWindow>()
  private readonly after: LatencyQuantile | Duration.Duration
  private readonly callsPerHedge: number
  private calls = 0

  constructor({ after = "p95", atMost = 0.05 }: HedgeOptions) {
    this.after = isQuantile(after) ? after : Duration.decode(after)
    this.callsPerHedge = atMost > 0 ? 1 / atMost : Number.POSITIVE_INFINITY
  }

  /** Counts a call; after `millis` without output it may be hedged. */
  begin({ model }: Origin): { readonly window: LatencyWindow; readonly millis: number | undefined } {
    // Unused hedges can be used later, at most ten at once.
    this.calls = Math.min(this.calls + 1, 10 * this.callsPerHedge)
    const window = this.windows.get(model) ?? new LatencyWindow()
    this.windows.delete(model)
    this.windows.set(model, window)
    for (const oldest of this.windows.keys()) {
      if (this.windows.size <= maxModels) break
      this.windows.delete(oldest)
    }
    const { after } = this
    if (typeof after !== "string") return { window, millis: Duration.toMillis(after) }
    const usual = window.quantile(quantiles[after])
    return { window, millis: usual === undefined ? undefined : slower(usual) }
  }

  /** Takes one hedge, if one is left. */
  take(): boolean {
    // Shares such as 0.05 are not exact in binary.
    if (this.calls < this.callsPerHedge - 1e-9) return false
    this.calls -= this.callsPerHedge
    return true
  }
}

/** A response that has shown output or has ended. */
interface Shown {
  readonly read: ReadonlyArray<ReadonlyArray<StreamChunk>>
  readonly pull: Pull
}

const hedged = (
  opening: Opening,
  extra: Effect.Effect<ExtraRequest, LLMError, Scope.Scope>,
  pace: HedgePace,
  target: Origin
): Opening =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const startedAt = yield* currentMonotonicMillis
    const { window, millis } = pace.begin(target)
    const attempt = untilOutput(opening, scope)
    const winner =
      millis === undefined || !Number.isFinite(millis)
        ? yield* attempt
        : yield* race(attempt, extra, pace, millis, scope)
    // Where the second request was faster, the first one took at least as long.
    window.add((yield* currentMonotonicMillis) - startedAt)
    return replayed(winner)
  })

const race = (
  attempt: Effect.Effect<Shown, LLMError>,
  extra: Effect.Effect<ExtraRequest, LLMError, Scope.Scope>,
  pace: HedgePace,
  millis: number,
  scope: Scope.Scope
): Effect.Effect<Shown, LLMError, Scope.Scope> =>
  Effect.gen(function* () {
    const first = yield* Effect.forkIn(attempt, scope)
    const early = yield* Effect.timeoutOption(Fiber.join(first), millis)
    if (Option.isSome(early)) return early.value
    if (!pace.take()) return yield* Fiber.join(first)
    // A budget may have no room for a second request.
    const booked = yield* Effect.option(extra)
    if (Option.isNone(booked)) return yield* Fiber.join(first)
    const noticing = <A>(request: Effect.Effect<A, LLMError>) =>
      Effect.tapError(request, (error) => Effect.sync(() => booked.value.failed(error)))
    const second = yield* Effect.forkIn(noticing(attempt), scope)
    const firstExit = Effect.as(noticing(Fiber.join(first)), second)
    const secondExit = Effect.as(Fiber.join(second), first)
    const slower = yield* Effect.race(firstExit, secondExit).pipe(
      Effect.mapError((error) => withAttempts(error, error.attempts + 1))
    )
    // In the background, so that the output does not wait for a socket.
    yield* Fiber.interruptFork(slower)
    return yield* Fiber.join(slower === first ? second : first)
  })

/** Reads a response in a scope of its own, which ends with a failure or an interruption, until it has shown output. */
const untilOutput = (opening: Opening, scope: Scope.Scope): Effect.Effect<Shown, LLMError> =>
  Effect.flatMap(Scope.fork(scope, ExecutionStrategy.sequential), (own) =>
    Effect.flatMap(Scope.extend(opening, own), (pull) => {
      const read: Array<ReadonlyArray<StreamChunk>> = []
      const next: Effect.Effect<Shown, LLMError> = Effect.flatMap(pull, (chunks) => {
        read.push(chunks)
        return chunks.length === 0 || chunks.some(hasOutput) ? Effect.succeed({ read, pull }) : next
      })
      return next
    }).pipe(Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(own, exit))))
  )

/** Gives what was read, then reads on. */
const replayed = ({ read, pull }: Shown): Pull => {
  const remaining = [...read]
  return Read.suspend(() => {
    const chunks = remaining.shift()
    return chunks === undefined ? pull : Effect.succeed(chunks)
  })
}
