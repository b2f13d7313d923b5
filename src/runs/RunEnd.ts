/** How a run ended: the last entry of its log, which is never a finish reason. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { LLMError, NetworkError } from "../domain/LLMError.js"
import { Usage } from "../domain/Usage.js"
import { type RunError, runError } from "./RunError.js"

/**
 * How a run ended: its stream is complete, or failed with an error; someone stopped it; its process was shut down; or its
 * process died (`lost`).
 */
export type RunEndType = "complete" | "failed" | "stopped" | "interrupted" | "lost"

/** The end of a run. */
export interface RunEnd {
  /** How it ended. */
  readonly type: RunEndType
  /** The last counts that the provider had reported; `null` if there were none. */
  readonly usage: Usage | null
  /** The error of a failed run. */
  readonly error?: LLMError | undefined
}

const schema = Schema.parseJson(
  Schema.Struct({
    type: Schema.Literal("complete", "failed", "stopped", "interrupted", "lost"),
    usage: Schema.NullOr(Usage),
    error: Schema.optional(LLMError.schema)
  })
)

/** Writes an end as text. */
export const encodeEnd: (end: RunEnd) => string = Schema.encodeSync(schema)

const decode = Schema.decodeUnknownEither(schema)

/** Reads an end. A text that another version wrote counts as `lost`. */
export const decodeEnd = (text: string): RunEnd => Either.getOrElse(decode(text), () => lost)

const lost: RunEnd = { type: "lost", usage: null }

/** The end of a run whose producer is silent for longer than its lease. */
export const lostEnd: string = encodeEnd(lost)

const truncated = (message: string) => new NetworkError({ provider: "", model: "", reason: "Truncated", message })

/** The failure of a reader who has read more than was stored. */
export const beyondEnd: NetworkError = truncated(
  "the run ended before the position of this reader, because its last entries were not stored; start it again"
)

/** What a reader gets after the last entry: `undefined` if the run is complete. */
export const failureOfEnd = (end: RunEnd): LLMError | RunError | undefined => {
  switch (end.type) {
    case "complete":
      return undefined
    case "stopped":
      return runError("Stopped")
    case "interrupted":
      return truncated("the run was interrupted, because its process was shut down; start it again")
    case "failed":
      return end.error ?? truncated("the run failed")
    case "lost":
      return truncated("the run was truncated, because its process died or could not store it; start it again")
  }
}
