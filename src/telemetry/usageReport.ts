/** Reports the usage of a call once, however it ends. */
import * as Effect from "effect/Effect"
import type { Origin } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"
import type { Observer } from "./observe.js"

/** The usage of a call, however it ended. */
export interface UsageReport {
  /** The provider that answered; the requested one if none did. */
  readonly provider: string
  /** The model as that provider names it. */
  readonly model: string
  /** The last counts that the provider sent, `null` if it sent none. */
  readonly usage: Usage | null
  /** Whether the counts are final, because the response was read to its end. The provider may have counted more. */
  readonly isExact: boolean
}

/** Makes the observer that reports the usage of one call. */
export const usageObserver = (requested: Origin, onUsage: (report: UsageReport) => Effect.Effect<void>): Observer => {
  let report: UsageReport = { provider: requested.provider, model: requested.model, usage: null, isExact: false }
  return {
    onChunks: (chunks) => {
      for (const { usage, finishReason, origin } of chunks) {
        if (usage === null && finishReason === null) continue
        const { provider, model } = (finishReason === null ? undefined : origin) ?? report
        report = { provider, model, usage: usage ?? report.usage, isExact: finishReason !== null && usage !== null }
      }
    },
    onEmbeddings: ({ provider, model, usage }) => {
      report = { provider, model, usage, isExact: usage !== null }
    },
    onEnd: () => Effect.suspend(() => onUsage(report))
  }
}
