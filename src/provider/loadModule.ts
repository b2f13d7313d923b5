/** Loads code on first use, so that programs that never use it do not bundle it. */
import { Effect } from "effect"
import { ProviderError } from "../domain/LLMError.js"

/**
 * Makes an effect that imports a module of this library once. A failed import is a `ProviderError`: the code of the
 * package is incomplete, or a page was deployed without its chunks.
 */
export const loadModule = <Module>(
  name: string,
  load: () => Promise<Module>
): Effect.Effect<Module, ProviderError> => {
  let loaded: Module | undefined
  const loading = Effect.tryPromise({
    try: load,
    catch: () =>
      new ProviderError({
        provider: "",
        model: "",
        message: `the code for ${name} could not be loaded; check that llm-connectivity is installed or deployed completely`
      })
  }).pipe(Effect.tap((module) => Effect.sync(() => (loaded = module))))
  return Effect.suspend(() => (loaded === undefined ? loading : Effect.succeed(loaded)))
}
