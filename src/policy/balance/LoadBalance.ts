/** Spreads calls over providers, keys and deployments, and passes by those that fail. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Scope from "effect/Scope"
import { type ChatRequest, check } from "../../domain/ChatRequest.js"
import type { Opening } from "../../domain/ChatStream.js"
import { checkOptions } from "../../domain/checkOptions.js"
import { finiteDurationProblem, type OptionProblem } from "../../domain/durationProblem.js"
import type { ValidationError } from "../../domain/LLMError.js"
import type { ModelId } from "../../domain/ModelId.js"
import { Secrets } from "../../http/secrets/Secrets.js"
import { loadModel } from "../../provider/loadModel.js"
import { type CallOptions, type OpenOptions, type Policy, Provider } from "../../provider/Provider.js"
import type { LoadError } from "../../provider/registry.js"
import { Breakers } from "../breaker/Breakers.js"
import { type BreakerOptions, breakerProblems, settingsOf } from "../breaker/CircuitBreaker.js"
import { ObservedBreakers } from "../breaker/ObservedBreakers.js"
import { withBatchesFor } from "../embeddingBatches.js"
import { recover } from "../recovery/recover.js"
import { BalancedCall, type Balancing, type CallContext } from "./BalancedCall.js"
import { type Preference, type Stickiness, stickyKey, TargetLoad } from "./order.js"

/** One of the providers, keys or deployments to which calls can be sent. */
export interface BalanceTarget {
  /** Unique among the targets, and the same in all processes that share state. It is not secret: do not use the key. */
  readonly name: string
  /** The provider, with its own key and endpoint; the layer's provider when left out. */
  readonly provider?: Provider | undefined
  /** That provider's own id of the model; that of the request when left out. */
  readonly model?: string | undefined
  /** The model that embeds there. Without it, a target with a `model` gets no embeddings. */
  readonly embeddingModel?: string | undefined
  /** How many calls it gets compared with the others: a number greater than 0, 1 by default. */
  readonly weight?: number | undefined
  /** Changes the request, for instance to one that fits the model. */
  readonly change?: ((request: ChatRequest) => ChatRequest) | undefined
}

/** How calls are spread. */
export interface LoadBalanceOptions {
  /** `"leastBusy"` (the default) compares requests in progress, `"fastest"` also the time to the first output. */
  readonly prefer?: Preference | undefined
  /**
   * Sends calls with the same beginning of the prompt, or of the same caller, to the same target while it is well, so that
   * the provider's prompt cache works.
   */
  readonly sticky?: Stickiness | undefined
  /** When a target's breaker opens and closes. */
  readonly breaker?: BreakerOptions | undefined
  /** How long a target is left out after a wrong key or an empty account, 5 minutes by default; then it is probed. */
  readonly ejectFor?: Duration.DurationInput | undefined
  /** The name of this group of targets in shared state, `balance` by default. */
  readonly name?: string | undefined
}

/**
 * A fixed list of targets, or an effect that gives the current one, such as a `Ref`. It runs for each request. Embeddings
 * are sent in batches that all targets of a fixed list accept; with an effect, the provider of the layer decides.
 */
export type BalanceTargets = ReadonlyArray<BalanceTarget> | Effect.Effect<ReadonlyArray<BalanceTarget>>

/**
 * Sends each call to one of several targets: the less busy of two random ones. A target that limits the rate rests until
 * the longest hint that it gave is over; one that is down rests until a probe succeeds, and returns slowly; one whose key
 * is wrong or whose account is empty is ejected. A call that fails for such a reason before the first output goes to the
 * next target at once. When all targets rest because they are down, calls are sent anyway; when all of them limit the rate,
 * calls fail with a `RateLimitError` whose `retryAfter` is the shortest wait. Put it inside `retry`, `fallback` and `hedge`.
 * Options that cannot be right, and two targets of one name, are a `ValidationError` of the layer; where the targets are an
 * effect, of the call.
 *
 * ```ts
 * const balanced = Policy.loadBalance(["openai/gpt-4o-mini", "groq/llama-3.3-70b-versatile"], { sticky: "prefix" })
 * LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [Policy.retry(), balanced] }).pipe(
 *   Layer.provide(PolicyState.memory)
 * )
 * ```
 */
export function loadBalance(
  targets: BalanceTargets,
  options?: LoadBalanceOptions
): Effect.Effect<Policy, ValidationError, Breakers>
export function loadBalance(
  targets: ReadonlyArray<BalanceTarget | ModelId>,
  options?: LoadBalanceOptions
): Effect.Effect<Policy, LoadError, Breakers | HttpClient.HttpClient | Scope.Scope>
export function loadBalance(
  targets: BalanceTargets | ReadonlyArray<BalanceTarget | ModelId>,
  options: LoadBalanceOptions = {}
): Effect.Effect<Policy, LoadError, Breakers | HttpClient.HttpClient | Scope.Scope> {
  const problems = [...breakerProblems(options.breaker ?? {}), finiteDurationProblem("ejectFor", options.ejectFor ?? 0)]
  const checked = Effect.zipRight(checkOptions(policyName, problems), currentTargets(targets))
  return Effect.zipWith(Breakers, checked, (breakers, { fixed, current }) => {
    const loads = new Map<string, TargetLoad>()
    const balancing: Balancing = {
      breakers: new ObservedBreakers(breakers, settingsOf(options.breaker ?? {})),
      name: options.name ?? "balance",
      ejectMillis: Duration.toMillis(options.ejectFor ?? "5 minutes"),
      prefer: options.prefer ?? "leastBusy",
      loadOf: ({ name }) => {
        const load = loads.get(name) ?? new TargetLoad()
        loads.set(name, load)
        return load
      }
    }
    const targetsNow = Effect.tap(current, (all) => forget(loads, all))
    return (provider: Provider) => {
      const able = fixed.filter((target) => embeds(target, provider)).map((target) => target.provider ?? provider)
      return balanced(withBatchesFor(able, provider), targetsNow, balancing, options.sticky)
    }
  })
}

const policyName = "the load balancing"

type CurrentTargets = Effect.Effect<ReadonlyArray<BalanceTarget>, ValidationError>

/** The targets of now, and those that never change. */
interface Targets {
  readonly fixed: ReadonlyArray<BalanceTarget>
  readonly current: CurrentTargets
}

const currentTargets = (
  targets: BalanceTargets | ReadonlyArray<BalanceTarget | ModelId>
): Effect.Effect<Targets, LoadError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.isEffect(targets)
    ? Effect.succeed({ fixed: [], current: Effect.flatMap(targets, checkTargets) })
    : Effect.flatMap(
        Effect.forEach(targets, (target) =>
          typeof target === "string"
            ? Effect.map(loadModel(target), (loaded): BalanceTarget => ({ name: target, ...loaded }))
            : Effect.succeed(target)
        ),
        (all) => Effect.map(checkTargets(all), (fixed) => ({ fixed, current: Effect.succeed(fixed) }))
      )

const checkTargets = (
  targets: ReadonlyArray<BalanceTarget>
): Effect.Effect<ReadonlyArray<BalanceTarget>, ValidationError> =>
  Effect.as(checkOptions(policyName, targetProblems(targets)), targets)

const targetProblems = (targets: ReadonlyArray<BalanceTarget>): ReadonlyArray<OptionProblem> => {
  const names = new Set<string>()
  return targets.map(({ name, weight = 1 }) => {
    if (names.has(name)) return `two targets have the name ${name}; give each its own`
    names.add(name)
    return weight > 0 && weight < Number.POSITIVE_INFINITY
      ? undefined
      : `the weight of ${name} is ${weight}; write a number greater than 0, or leave the target out`
  })
}

/** Forgets targets that were removed. */
const forget = (loads: Map<string, TargetLoad>, targets: ReadonlyArray<BalanceTarget>): Effect.Effect<void> =>
  Effect.sync(() => {
    if (loads.size <= targets.length) return
    const names = new Set(targets.map(({ name }) => name))
    for (const [name, load] of loads) if (!names.has(name) && load.inFlight === 0) loads.delete(name)
  })

const balanced = (
  provider: Provider,
  targets: CurrentTargets,
  balancing: Balancing,
  sticky: Stickiness | undefined
): Provider => {
  const { embeddings } = provider
  const callOf = (targetsNow: ReadonlyArray<BalanceTarget>, context: BalanceContext): Provider =>
    oneCall(provider, new BalancedCall(balancing, targetsNow, context))
  return Provider.make({
    ...provider,
    open: (request, options) =>
      Effect.zipRight(
        // The sticky key and the targets' own changes read the request before a provider checks it.
        check(request, provider.name),
        Effect.flatMap(targets, (all) => {
          const key = stickyKey(sticky, request, options ?? {})
          const modelOf = ({ model }: BalanceTarget) => model ?? request.model
          return callOf(all, contextOf(provider, options, modelOf, key)).open(request, options)
        })
      ),
    embeddings: embeddings && {
      ...embeddings,
      embed: (request, options) =>
        Effect.flatMap(targets, (all) => {
          const able = all.filter((target) => embeds(target, provider))
          const modelOf = ({ embeddingModel }: BalanceTarget) => embeddingModel ?? request.model
          const call = callOf(able, contextOf(provider, options, modelOf))
          return (call.embeddings ?? embeddings).embed(request, options)
        })
    }
  })
}

type BalanceContext = CallContext<BalanceTarget>

const contextOf = (
  { name }: Provider,
  options: CallOptions | undefined,
  modelOf: (target: BalanceTarget) => string | undefined,
  key?: string
): BalanceContext => ({
  provider: name,
  key,
  avoid: options?.avoid ?? new Set(),
  originOf: (target) => ({ provider: target.provider?.name ?? name, model: modelOf(target) ?? "" }),
  observer: options?.observer
})

/** A provider for one call, whose attempts go to one target after the other. */
const oneCall = (provider: Provider, call: BalancedCall<BalanceTarget>): Provider => {
  const { embeddings } = provider
  return recover((first) => Effect.succeed(call.recoveryFrom(first)))(
    Provider.make({
      ...provider,
      open: (request, options) => call.open((target) => openAt(target, provider, request, options)),
      embeddings: embeddings && {
        ...embeddings,
        embed: (request, options) =>
          call.embed((target) => {
            const own = (target.provider ?? provider).embeddings ?? embeddings
            const model = target.embeddingModel ?? request.model
            return own.embed(model === undefined ? request : { ...request, model }, options)
          })
      }
    })
  )
}

const embeds = ({ provider, model, embeddingModel }: BalanceTarget, own: Provider): boolean =>
  (provider ?? own).embeddings !== undefined && (model === undefined || embeddingModel !== undefined)

const openAt = (
  { provider, model, change = identity }: BalanceTarget,
  own: Provider,
  request: ChatRequest,
  options: OpenOptions | undefined
): Opening => {
  const { open, name, secrets = new Secrets() } = provider ?? own
  const changed = change(model === undefined ? request : { ...request, model })
  // Targets can change, so their keys become known when they are used.
  options?.secrets?.add(secrets)
  return Effect.zipRight(
    options?.onTarget?.({ provider: name, model: changed.model ?? "" }) ?? Effect.void,
    open(changed, options)
  )
}
