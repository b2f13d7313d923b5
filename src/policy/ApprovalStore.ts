/** Remembers which approvals were used, so that each lets one call run. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { StateUnavailable } from "./StateUnavailable.js"

/** Remembers which approvals were used. */
export interface ApprovalStore {
  /**
   * Uses an approval: `true` for the first use of an id, `false` for every later one, by however many processes at once.
   * Ids may be forgotten after `expiresAt`, in milliseconds since 1970.
   */
  readonly consume: (id: string, expiresAt: number) => Effect.Effect<boolean, StateUnavailable>
}

// Expired ids are removed when there are twice as many as after the last removal, and at least this many.
const minSweep = 1000

/** Makes a store in the memory of this process: for one process, and for approvals that need not survive a restart. */
const memory: Effect.Effect<ApprovalStore> = Effect.sync(() => {
  const used = new Map<string, number>()
  let sweepAt = minSweep
  const sweep = (now: number): void => {
    for (const [id, expiresAt] of used) if (expiresAt < now) used.delete(id)
    sweepAt = Math.max(minSweep, used.size * 2)
  }
  return {
    consume: (id, expiresAt) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (used.has(id)) return false
        if (used.size >= sweepAt) sweep(now)
        used.set(id, expiresAt)
        return true
      })
  }
})

/** The stores of approvals that need nothing else. */
export const ApprovalStore: {
  /** Makes a store in the memory of this process. */
  readonly memory: Effect.Effect<ApprovalStore>
} = { memory }
