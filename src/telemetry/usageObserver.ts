/** Reports what a call took, once, however it ends. */
import { Effect } from "effect"
import type { UsageReport } from "../client/ClientOptions.js"
import type { Origin } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"
import type { Observer } from "./observe.js"

/** Makes the observer of one call to a model. */
export const usageObserver = (asked: Origin, onUsage: (report: UsageReport) => Effect.Effect<void>): Observer => {
  let origin = asked
  let usage: Usage | null = null
  let isExact = false
  return {
    onChunk: (chunk) => {
      usage = chunk.usage ?? usage
      if (chunk.finishReason === null) return
      origin = chunk.origin ?? origin
      isExact = chunk.usage !== null
    },
    onResponse: (response) => {
      origin = { provider: response.provider, model: response.model }
      usage = response.usage
      isExact = response.usage !== null
    },
    onEnd: () => Effect.suspend(() => onUsage({ ...origin, usage, isExact }))
  }
}
