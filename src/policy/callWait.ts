/** Waits of a call during which none of its requests is in progress. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { LLMError } from "../domain/LLMError.js"
import type { CallOptions } from "../provider/Provider.js"

/** Waits, for a limit or to repeat a request that has failed, and tells that to a budget around. */
export const waitingFor = <A, E, R>(
  wait: Effect.Effect<A, E, R>,
  call: CallOptions | undefined,
  failure?: LLMError
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const end = call?.onWait?.(failure)
    // A caller that leaves during the wait leaves the call as it is.
    return end === undefined
      ? wait
      : Effect.onExit(wait, (exit) => (Exit.isInterrupted(exit) ? Effect.void : Effect.sync(end)))
  })
