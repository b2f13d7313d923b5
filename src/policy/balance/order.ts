/** Decides in which order load balancing tries the targets of a call. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { partsOf } from "../../domain/ContentPart.js"
import type { CallOptions } from "../../provider/Provider.js"
import { ranked } from "./rendezvous.js"

/** What is known of a target in this process. Mutable, as every request changes it. */
export class TargetLoad {
  /** Requests in progress. */
  inFlight = 0
  /** The average time to the first output in milliseconds, the latest calls most. */
  latencyMillis = 0

  /** Adds the time to the first output of a request. */
  measured(millis: number): void {
    this.latencyMillis = this.latencyMillis === 0 ? millis : 0.8 * this.latencyMillis + 0.2 * millis
  }
}

/** A target, as far as the order needs it. */
export interface Weighted {
  readonly name: string
  readonly weight?: number | undefined
}

/** What decides between targets that could all answer. */
export type Preference = "leastBusy" | "fastest"

/**
 * Orders targets without a sticky key: the better one of two random choices, then the other one, then the rest at random.
 * Two choices spread calls almost as well as looking at all targets, and do not send all of them to the same one.
 */
export const byLoad = <Target extends Weighted>(
  targets: ReadonlyArray<Target>,
  loadOf: (target: Target) => TargetLoad,
  preference: Preference
): Effect.Effect<ReadonlyArray<Target>> =>
  Effect.map(shuffled(targets), (order) => {
    const [first, second, ...rest] = order
    if (first === undefined || second === undefined) return order
    // Idle targets are equal, so that the random order, which follows the weights, decides.
    const cost = (target: Target): number => {
      const { inFlight, latencyMillis } = loadOf(target)
      const busy = preference === "fastest" ? (inFlight + 1) * latencyMillis : inFlight
      return busy / (target.weight ?? 1)
    }
    return cost(second) < cost(first) ? [second, first, ...rest] : order
  })

/** Orders at random, heavy targets first with a probability that is proportional to their weight. */
const shuffled = <Target extends Weighted>(targets: ReadonlyArray<Target>): Effect.Effect<ReadonlyArray<Target>> =>
  Effect.map(
    Effect.forEach(targets, (target) => Effect.map(Random.next, (random) => ({ target, random }))),
    (all) =>
      all
        .map(({ target, random }) => ({ target, score: -Math.log(1 - random) / (target.weight ?? 1) }))
        .sort((one, other) => one.score - other.score)
        .map(({ target }) => target)
  )

// Requests in progress. With fewer, a target always takes its sticky keys.
const minSticky = 8

/** Orders targets for a sticky key. One with more than twice its share of the requests in progress comes last. */
export const byKey = <Target extends Weighted>(
  targets: ReadonlyArray<Target>,
  loadOf: (target: Target) => TargetLoad,
  key: string
): ReadonlyArray<Target> => {
  const total = targets.reduce((sum, target) => sum + loadOf(target).inFlight, 0)
  const weight = targets.reduce((sum, target) => sum + (target.weight ?? 1), 0)
  const isBusy = (target: Target): boolean =>
    loadOf(target).inFlight > Math.max(minSticky, (2 * total * (target.weight ?? 1)) / weight)
  const order = ranked(targets, key)
  return [...order.filter((target) => !isBusy(target)), ...order.filter(isBusy)]
}

/** What sends calls to the same target: the same beginning of the prompt, the same caller, or the same text of your own. */
export type Stickiness = "prefix" | "caller" | ((request: ChatRequest, options: CallOptions) => string | undefined)

// Characters: enough to distinguish conversations, and bounded for prompts of megabytes.
const maxPrefix = 4096

/** The sticky key of a call; `undefined` if it may go anywhere. */
export const stickyKey = (
  sticky: Stickiness | undefined,
  request: ChatRequest,
  options: CallOptions
): string | undefined => {
  if (sticky === undefined) return undefined
  if (sticky === "caller") return options.caller
  return sticky === "prefix" ? prefixOf(request) : sticky(request, options)
}

/** The tools and the messages through the first one of the user: what all requests of a conversation begin with. */
const prefixOf = ({ messages, tools = [] }: ChatRequest): string => {
  let prefix = tools.map(({ name }) => name).join(" ")
  for (const message of messages) {
    for (const part of partsOf(message.content)) if (part.type === "text") prefix += part.text.slice(0, maxPrefix)
    if (message.role === "user" || prefix.length > maxPrefix) break
  }
  return prefix.slice(0, maxPrefix)
}
