/** The summary of a step of a loop, without its content. */
import type { FinishReason } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"
import type { LoopCall } from "./LoopCall.js"

/** The summary of a step, without its content. */
export interface StepSummary {
  /** The step, from 0. */
  readonly step: number
  /** The provider of the response. */
  readonly provider: string
  /** The model of the response. */
  readonly model: string
  /** Why the response ended. */
  readonly finishReason: FinishReason
  /** The usage of the response; `null` if the provider reports none. */
  readonly usage: Usage | null
  /** The cost of the response in US dollars; `null` if it is unknown. */
  readonly cost: number | null
  /** The calls of the step, in order. */
  readonly calls: ReadonlyArray<Pick<LoopCall, "id" | "name">>
}
