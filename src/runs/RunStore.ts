/** Where runs are stored. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ValidationError } from "../domain/LLMError.js"
import { checkedMemoryStore, type MemoryStoreOptions, makeMemoryStore } from "./memoryStore.js"
import type { RunStoreService } from "./RunStoreService.js"

/**
 * The store of runs: `RunStore.memory`, or the store of `llm-connectivity/redis` or `llm-connectivity/sql`.
 *
 * ```ts
 * const find = (id: string) => Effect.flatMap(RunStore, (store) => store.find(id)).pipe(Effect.provide(RunStore.memory))
 * ```
 */
export class RunStore extends Context.Tag("llm-connectivity/RunStore")<RunStore, RunStoreService>() {
  /**
   * Keeps runs in the memory of this process: they survive a reload of a page, but no restart and no second process. An option
   * that cannot be right is a `ValidationError`.
   *
   * ```ts
   * const runs = Runs.layer({ retention: "10 minutes" }).pipe(Layer.provide(RunStore.memoryWith({ maxRunsPerOwner: 100 })))
   * ```
   */
  static readonly memoryWith = (options: MemoryStoreOptions): Layer.Layer<RunStore, ValidationError> =>
    Layer.effect(
      RunStore,
      Effect.suspend(() => checkedMemoryStore(options))
    )

  /** `memoryWith` with its defaults. */
  static readonly memory: Layer.Layer<RunStore> = Layer.effect(
    RunStore,
    Effect.sync(() => makeMemoryStore())
  )
}
