/** Books a time slot for each request under a rate limit, and waits for it. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import { identity } from "effect/Function"
import { type ChatRequest, check } from "../../domain/ChatRequest.js"
import type { Opening } from "../../domain/ChatStream.js"
import { amountProblem, countProblem } from "../../domain/checkOptions.js"
import { durationProblem, millisOf, positiveDurationProblem } from "../../domain/durationProblem.js"
import { checkEmbed, type EmbedRequest } from "../../domain/Embedding.js"
import { ValidationError } from "../../domain/LLMError.js"
import { type Watcher, watchPull } from "../../provider/engine/watchPull.js"
import { type CallOptions, type Policy, Provider } from "../../provider/Provider.js"
import { waitingFor } from "../callWait.js"
import { UsageTracker } from "../UsageTracker.js"
import { BookingQueue } from "./BookingQueue.js"
import type { UnitLimit } from "./gcra.js"
import { reportWait } from "./limiterWait.js"
import { countInput, needOf, type TokenNeed, usedOf } from "./needs.js"
import { observing } from "./observations.js"
import { type Booking, RateLimits } from "./RateLimits.js"

/** A call as `key` sees it. */
export interface LimitedCall {
  /** The provider of the request. */
  readonly provider: string
  /** The provider's own id of the model. */
  readonly model: string
  /** The `caller` of the call. */
  readonly caller: string | undefined
}

/** The options of a rate limit. At least one of the four limits is set. */
export interface RateLimitOptions {
  /** The most requests in any window. */
  readonly requests?: number | undefined
  /** The most tokens of input and output together. */
  readonly tokens?: number | undefined
  /** The most tokens of prompts, where the provider limits them apart, as Anthropic does. */
  readonly inputTokens?: number | undefined
  /** The most tokens of output. */
  readonly outputTokens?: number | undefined
  /** The length of the window. */
  readonly per: Duration.DurationInput
  /**
   * The fraction of a limit that may come at once, 0.1 by default. It comes out of the limit: the steady rate is the rest,
   * so that no window of any position holds more than the limit. The first request after a burst waits a tenth of a second
   * longer (at most half of the time of the burst), because the burst may be late on its way.
   */
  readonly burst?: number | undefined
  /** How long a call may wait. A longer wait books nothing and is a `RateLimitError` with `retryAfter`. */
  readonly maxWait: Duration.DurationInput
  /** The name of the limit; limits of one name are shared. `provider/model` by default. Name limits of keys apart. */
  readonly name?: string | undefined
  /** Whose turn it is: calls that wait go in turn by it. The `caller` by default. */
  readonly key?: ((call: LimitedCall) => string | undefined) | undefined
  /** Gives each key the limit of its own, instead of a fair part of one. */
  readonly perKey?: boolean | undefined
  /** How many tokens to reserve for a response without `maxTokens`, 1,024 by default. */
  readonly assumedOutputTokens?: number | undefined
}

/**
 * Keeps requests within a rate limit, that of a provider for instance, in one process or in all that share the state.
 *
 * Each request books a time slot and waits for it, so nobody has to ask again. Requests and tokens are booked
 * together or not at all. Tokens are reserved by the count of the prompt and `maxTokens`; what was not used is given back
 * at the end. One booking of each process waits at a time and the others queue behind it, by `priority` and in turn by
 * key, so that no process and no caller keeps the others out. The limit also learns from the provider's headers and
 * retry hints: they can only raise what counts as taken.
 *
 * Put it into `limits`, where it applies to every request, those of retries included, and no call can drop it. Options that
 * cannot be right are a `ValidationError` of the layer.
 *
 * ```ts
 * const client = LLMClient.layer({
 *   model: "openai/gpt-4o-mini",
 *   limits: [Policy.rateLimit({ requests: 500, tokens: 200_000, per: "1 minute", maxWait: "30 seconds" })]
 * }).pipe(Layer.provide(PolicyState.memory))
 * ```
 */
export const rateLimit = (options: RateLimitOptions): Effect.Effect<Policy, ValidationError, RateLimits> =>
  Effect.gen(function* () {
    const store = yield* RateLimits
    const settings = settingsOf(options)
    if (typeof settings === "string") return yield* invalid(settings)
    const { limits, maxWaitMillis } = settings
    return policyOf({ options, limits, bookings: new BookingQueue(store, limits, maxWaitMillis) })
  })

const units = ["requests", "tokens", "inputTokens", "outputTokens"] as const

interface Settings {
  readonly limits: ReadonlyArray<UnitLimit>
  readonly maxWaitMillis: number
}

/** The settings, or which option cannot be right and what to write. */
const settingsOf = (options: RateLimitOptions): Settings | string => {
  const { burst = 0.1, assumedOutputTokens = 0 } = options
  const problem =
    positiveDurationProblem("per", options.per) ??
    durationProblem("maxWait", options.maxWait) ??
    (burst >= 0 && burst < 1 ? undefined : `burst is ${burst}; write the fraction of a limit, from 0 to less than 1`) ??
    amountProblem("assumedOutputTokens", assumedOutputTokens)
  if (problem !== undefined) return problem
  const limits: Array<UnitLimit> = []
  for (const unit of units) {
    const limit = options[unit]
    if (limit === undefined) continue
    const wrong = countProblem(unit, limit)
    if (wrong !== undefined) return wrong
    limits.push({ unit, limit, burst: Math.max(1, Math.floor(limit * burst)), windowMillis: millisOf(options.per) })
  }
  return limits.length > 0
    ? { limits, maxWaitMillis: millisOf(options.maxWait) }
    : "it has no limit; set requests, tokens, inputTokens or outputTokens"
}

const invalid = (problem: string): ValidationError =>
  new ValidationError({ provider: "", model: "", message: `the rate limit is not valid: ${problem}` })

/** The limit as each request meets it. */
interface Limiter {
  readonly options: RateLimitOptions
  readonly limits: ReadonlyArray<UnitLimit>
  readonly bookings: BookingQueue
}

const policyOf =
  (limiter: Limiter): Policy =>
  (provider) => {
    const { embeddings } = provider
    return Provider.make({
      ...provider,
      open: (request, call) =>
        Effect.flatMap(enter(limiter, provider.name, check(request, provider.name), call), (entered) => {
          const { booking, learning, tokens } = entered
          const { onRateLimits, onFailure } = learning
          const opening = Effect.tapError(provider.open(request, { ...call, onRateLimits }), onFailure)
          const watcher: Watcher = {
            onChunks: identity,
            onFailure: (error) => Effect.zipRight(onFailure(error), Effect.fail(error))
          }
          const watched = Effect.map(opening, (pull) => watchPull(pull, watcher))
          return tokens === undefined ? watched : settling(watched, booking, limiter.limits, tokens)
        }),
      embeddings: embeddings && {
        ...embeddings,
        embed: (request, call) =>
          Effect.flatMap(enter(limiter, provider.name, checkEmbed(request, provider.name), call), ({ learning }) =>
            Effect.tapError(
              embeddings.embed(request, { ...call, onRateLimits: learning.onRateLimits }),
              learning.onFailure
            )
          )
      }
    })
  }

/** Waits until a request may be sent. One that is wrong fails before: a count such as NaN would spoil the limit. */
const enter = (
  { options, limits, bookings }: Limiter,
  provider: string,
  checked: Either.Either<ChatRequest | EmbedRequest, ValidationError>,
  call: CallOptions | undefined
) =>
  Effect.gen(function* () {
    const request = yield* checked
    const named: LimitedCall = { provider, model: request.model ?? "", caller: call?.caller }
    const key = (options.key === undefined ? call?.caller : options.key(named)) ?? ""
    const name = options.name ?? `${provider}/${named.model}`
    const bucket = options.perKey === true ? `${name}:${key}` : name
    const target = { ...named, key, bucket, priority: call?.priority }
    const countsTokens = limits.some(({ unit }) => unit !== "requests")
    const tokens = countsTokens ? yield* countInput(request, target, options.assumedOutputTokens ?? 1024) : undefined
    const booking = yield* waitingFor(bookings.book(target, limits.map(needOf(tokens))), call)
    reportWait(call, "rate", booking.waitedMillis)
    return { booking, tokens, learning: observing(bookings, target, limits, call) }
  })

/** Gives back the tokens that a response did not use, when its scope closes. */
const settling = (opening: Opening, booking: Booking, limits: ReadonlyArray<UnitLimit>, tokens: TokenNeed): Opening =>
  Effect.gen(function* () {
    const tracker = new UsageTracker(() => tokens.input)
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        const { usage, isKnown } = tracker.consumed()
        // A response of which nothing arrived may still have been generated.
        return isKnown ? booking.settle(limits.map(usedOf(usage))) : Effect.void
      })
    )
    return watchPull(yield* Effect.catchAll(opening, tracker.onFailure), tracker)
  })
