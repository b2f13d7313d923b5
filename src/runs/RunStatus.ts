/** What is known of a run without reading it. */
import type { LLMError } from "../domain/LLMError.js"
import type { Usage } from "../domain/Usage.js"
import { formatPosition } from "./Position.js"
import { decodeEnd, type RunEndType } from "./RunEnd.js"
import type { RunRecord } from "./RunStoreService.js"

/** The status of a run. */
export interface RunStatus {
  /** The id of the run. */
  readonly id: string
  /** Whether it is running, or how it ended. */
  readonly state: "running" | RunEndType
  /** When it was started: milliseconds since 1970, on the store's clock. */
  readonly startedAt: number
  /** The position of its last entry; `0-0` or `1-0` if there is none. */
  readonly position: string
  /** What the provider had reported at the end; `null` if there was nothing, and while the run is running. */
  readonly usage: Usage | null
  /** The error of a failed run. */
  readonly error?: LLMError | undefined
}

/** Makes the status of a record. */
export const statusOf = ({ id, startedAt, last, end }: RunRecord): RunStatus => {
  const about = { id, startedAt, position: formatPosition(last) }
  if (end === undefined) return { ...about, state: "running", usage: null }
  const { type, usage, error } = decodeEnd(end)
  return { ...about, state: type, usage, ...(error === undefined ? {} : { error }) }
}
