/** The failure of a store that holds the state of policies for several processes. */
import * as Data from "effect/Data"
import { NetworkError } from "../domain/LLMError.js"

/** The store did not answer in time, or refused. Policies turn it into a `NetworkError` of the call. */
export class StateUnavailable extends Data.TaggedError("StateUnavailable")<{
  /** What happened, in a few words and without credentials. */
  readonly reason: string
}> {}

/** The error of a call that a policy cannot admit without its store. No request was sent, and trying again can help. */
export const refusedByStore =
  (provider: string, model: string) =>
  ({ reason }: StateUnavailable): NetworkError =>
    new NetworkError({
      provider,
      model,
      reason: "Connection",
      attempts: 0,
      message: `the request to ${provider} was not sent, because the shared state of its policies is unavailable (${reason}); check the store, or choose onUnavailable: "open" or "local"`
    })
