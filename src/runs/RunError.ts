/** The failures of runs themselves. Their streams fail with `LLMError`s. */
import * as Data from "effect/Data"
import * as Option from "effect/Option"
import { isObject } from "../http/Json.js"
import type { StateUnavailable } from "../policy/StateUnavailable.js"

/** Why a run could not be started, read or stopped. */
export type RunErrorReason = "NotFound" | "Conflict" | "Invalid" | "TooMany" | "Stopped" | "Unavailable"

/**
 * A run cannot be started, read or stopped. `NotFound`: this owner has no run with this id, or it is no longer
 * kept. `Conflict`: the id belongs to another request. `Invalid`: an id, a position or an option is malformed. `TooMany`: the
 * owner has as many runs as the store keeps. `Stopped`: someone stopped the run; what it had written was read before.
 * `Unavailable`: the store cannot be reached, or this process is shutting down.
 */
export class RunError extends Data.TaggedError("RunError")<{
  /** Why it failed. */
  readonly reason: RunErrorReason
  /** What happened and what to do. */
  readonly message: string
}> {}

const sentences: { readonly [Reason in RunErrorReason]: string } = {
  NotFound: "there is no run with this id; it may have ended too long ago",
  Conflict: "a run with this id exists for another request; choose a new id",
  Invalid: "the id or the position of the run is malformed; send back what the server sent",
  TooMany: "the owner has too many runs; try again when some are no longer kept",
  Stopped: "the run was stopped",
  Unavailable: "the store of runs cannot be reached; try again"
}

/** Makes the error of a reason. */
export const runError = (reason: RunErrorReason, message: string = sentences[reason]): RunError =>
  new RunError({ reason, message })

/** Reads the JSON of an error, as `respondWithRun` writes it. */
export const runErrorFrom = (json: unknown): Option.Option<RunError> => {
  if (!isObject(json) || json["_tag"] !== "RunError") return Option.none()
  const { reason, message } = json
  if (typeof reason !== "string" || !Object.hasOwn(sentences, reason) || typeof message !== "string")
    return Option.none()
  // The keys of `sentences` are the reasons.
  return Option.some(runError(reason as RunErrorReason, message))
}

/** The error of a store that cannot be reached. */
export const storeFailed = ({ reason }: StateUnavailable): RunError =>
  runError("Unavailable", `${sentences.Unavailable} (${reason})`)
