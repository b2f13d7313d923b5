/** Starts what all tests of a file or a block share, such as a server. */
import { Effect, Exit, Layer, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"

/** Starts it before the first test and stops it after the last; gives a layer over what was started. */
export const started = <A, B, E>(
  start: Effect.Effect<A, never, Scope.Scope>,
  layerOf: (a: A) => Layer.Layer<B, E>
): Layer.Layer<B, E> => {
  const scope = Effect.runSync(Scope.make())
  let layer: Layer.Layer<B, E> | undefined
  beforeAll(async () => {
    layer = layerOf(await Effect.runPromise(Scope.extend(start, scope)))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return Layer.suspend(() => layer ?? Layer.die("not started"))
}
