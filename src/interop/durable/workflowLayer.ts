/** Registers a workflow in a runner that is already running. */
import { Sharding } from "@effect/cluster/Sharding"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * Polls the storage as soon as this layer has registered its workflow. The runner reads its storage when it starts, before
 * any workflow is registered, so without this poll unfinished work would wait for the next one.
 */
export const resumeAtOnce = <E, R>(registered: Layer.Layer<never, E, R>): Layer.Layer<never, E, R | Sharding> =>
  Layer.effectDiscard(Effect.flatMap(Sharding, ({ pollStorage }) => pollStorage)).pipe(Layer.provideMerge(registered))
