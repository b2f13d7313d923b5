/** What takes long to begin, begun once for all tests of a file. */
import { Effect, Exit, Layer, Scope } from "effect"
import { afterAll } from "vitest"

/** Provides a layer that is built when the first test needs it, and released after the last. */
export const shared = <A, E>(layer: Layer.Layer<A, E>) => {
  const scope = Effect.runSync(Scope.make())
  const built = Effect.runSync(Effect.cached(Layer.buildWithScope(layer, scope)))
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return <B, E2, R>(effect: Effect.Effect<B, E2, R>): Effect.Effect<B, E | E2, Exclude<R, A>> =>
    Effect.flatMap(built, (context) => Effect.provide(effect, context))
}
