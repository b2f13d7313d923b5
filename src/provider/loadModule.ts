/** Loads parts of this package on first use, so that bundles exclude what a program does not use. */
import * as Effect from "effect/Effect"
import { ProviderError } from "../domain/LLMError.js"

/**
 * Makes an effect that imports a module of this package on its first run and reuses it afterwards. A failed import is a
 * `ProviderError`, and the next run tries again. `name` says in the error what was needed, "structured output" for
 * instance.
 */
export const loadModule = <Module>(name: string, load: () => Promise<Module>): Effect.Effect<Module, ProviderError> => {
  let loaded: { readonly module: Module } | undefined
  const importing = Effect.tryPromise({
    try: () =>
      load().then((module) => {
        loaded = { module }
        return module
      }),
    catch: (cause) => notLoaded(name, cause)
  })
  return Effect.suspend(() => (loaded === undefined ? importing : Effect.succeed(loaded.module)))
}

const notLoaded = (name: string, cause: unknown): ProviderError => {
  const [reason] = String(cause).split("\n", 1)
  return new ProviderError({
    provider: "",
    model: "",
    message: `could not load ${name} (${reason}); check that the package is installed and deployed completely`
  })
}
