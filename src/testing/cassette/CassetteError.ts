/** The failures of cassettes. */
import * as Data from "effect/Data"

/** Why a cassette cannot be read, written or replayed. */
export type CassetteErrorReason = "Missing" | "Invalid" | "Unmatched" | "Secret" | "Unsupported" | "Unwritable"

/**
 * A cassette cannot be read, written or replayed. `Missing`: there is no file, and nothing may be recorded. `Invalid`: the
 * file is no cassette. `Unmatched`: no recorded exchange is left for a request; `differences` says how the nearest differs.
 * `Secret`: a response repeats a secret in a form that cannot be masked, so it was not written. `Unsupported`: the request
 * or response cannot be recorded. `Unwritable`: the file cannot be written.
 */
export class CassetteError extends Data.TaggedError("CassetteError")<{
  /** Why it failed. */
  readonly reason: CassetteErrorReason
  /** The file. */
  readonly path: string
  /** What happened and what to do, without secrets and without values of the request. */
  readonly message: string
  /** Where the request differs from the nearest recorded one, such as `body.messages[1].content`; at most 20. */
  readonly differences?: ReadonlyArray<string> | undefined
}> {}
