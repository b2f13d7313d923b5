/** What a program does when it is called back: nothing to wait for, a promise, or an effect. */
import { Data, Effect, Predicate } from "effect"

/** A promise that a callback returned was rejected, with what `cause` holds. */
export class CallbackError extends Data.TaggedError("CallbackError")<{
  /** The callback, `onToken` for instance. */
  readonly callback: string
  /** What it was rejected with. */
  readonly cause: unknown
}> {
  /** Names the callback and what its promise was rejected with. */
  override get message(): string {
    return `the promise that ${this.callback} returned was rejected: ${this.cause}`
  }
}

/** How a callback that returns this can fail: as its effect does, or with a rejected promise. */
export type FailureOf<Returned> =
  Returned extends Effect.Effect<unknown, infer E, unknown>
    ? E
    : Returned extends PromiseLike<unknown>
      ? CallbackError
      : never

/** What a callback that returns this needs in context. */
export type NeedsOf<Returned> = Returned extends Effect.Effect<unknown, unknown, infer R> ? R : never

/** What has to be waited for; its failure is `FailureOf` and its context `NeedsOf` what was returned. */
export type Waiting = Effect.Effect<unknown, unknown, unknown>

/**
 * Gives what has to be waited for after a callback, if there is anything. A callback that throws is a mistake in the
 * program, as anywhere in Effect: called inside an effect, it makes that die with what was thrown.
 */
export const waitingFor = (callback: string, returned: unknown): Waiting | undefined => {
  if (Effect.isEffect(returned)) return returned
  return Predicate.isPromiseLike(returned)
    ? Effect.tryPromise({ try: () => returned, catch: (cause) => new CallbackError({ callback, cause }) })
    : undefined
}
