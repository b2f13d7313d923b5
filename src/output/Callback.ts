/** Callbacks that may return nothing, a promise or an effect. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** The promise that a callback returned was rejected; `cause` is the reason. */
export class CallbackError extends Data.TaggedError("CallbackError")<{
  /** The name of the callback, `onToken` for instance. */
  readonly callback: string
  /** The reason of the rejection. */
  readonly cause: unknown
}> {
  /** Names the callback and the reason of the rejection. */
  override get message(): string {
    return `the promise that ${this.callback} returned was rejected: ${this.cause}`
  }
}

/** The error of a callback with this return type: that of its effect, or `CallbackError` for a promise. */
export type ErrorOf<A> =
  A extends Effect.Effect<unknown, infer E, unknown> ? E : A extends PromiseLike<unknown> ? CallbackError : never

/** The context that a callback with this return type needs. */
export type ContextOf<A> = A extends Effect.Effect<unknown, unknown, infer R> ? R : never

/** The unfinished work of a callback. Its error and context are `ErrorOf` and `ContextOf` the callback's return type. */
export type Pending = Effect.Effect<unknown, unknown, unknown>

/**
 * Gives what has to be awaited after a callback, or `undefined` when it returned neither an effect nor a promise. A
 * callback that throws is a defect, as elsewhere in Effect: call it inside an effect.
 */
export const pendingOf = (callback: string, returned: unknown): Pending | undefined => {
  if (Effect.isEffect(returned)) return returned
  return Predicate.isPromiseLike(returned)
    ? Effect.tryPromise({ try: () => returned, catch: (cause) => new CallbackError({ callback, cause }) })
    : undefined
}
