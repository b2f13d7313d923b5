/** How far a batch is. */

/** How many requests of a batch are in which state. */
export interface BatchCounts {
  /** All of them. */
  readonly total: number
  /** With a response. */
  readonly succeeded: number
  /** With an error of their own, or of a part that the provider rejected. */
  readonly failed: number
  /** Not answered within the provider's window of 24 hours. */
  readonly expired: number
  /** Not run, because the batch was cancelled. */
  readonly cancelled: number
}

/** `ended` means that results can be read. It does not mean success: all requests may have failed. */
export type BatchState = "pending" | "running" | "cancelling" | "ended"

/** How far a batch is. */
export interface BatchStatus {
  /** The earliest state of any part, in the order `pending`, `running`, `cancelling`, `ended`. */
  readonly state: BatchState
  /** Summed over the parts. Providers update their counts late, so they may lag behind the results. */
  readonly counts: BatchCounts
  /** The provider's batches. */
  readonly parts: ReadonlyArray<Pick<PartStatus, "providerId" | "state" | "word">>
}

const order: ReadonlyArray<BatchState> = ["pending", "running", "cancelling", "ended"]

/** One of the provider's batches. */
export interface PartStatus {
  /** The provider's id. */
  readonly providerId: string
  /** Its state. */
  readonly state: BatchState
  /** The provider's own word for the state. */
  readonly word: string
  /** Its requests. */
  readonly counts: BatchCounts
}

/** Sums the states of the parts, and the items of which no part was created. */
export const statusOf = (parts: ReadonlyArray<PartStatus>, rejected = 0): BatchStatus => ({
  state: order[Math.min(...parts.map(({ state }) => order.indexOf(state)))] ?? "pending",
  counts: parts.reduce(
    (sum, { counts }) => ({
      total: sum.total + counts.total,
      succeeded: sum.succeeded + counts.succeeded,
      failed: sum.failed + counts.failed,
      expired: sum.expired + counts.expired,
      cancelled: sum.cancelled + counts.cancelled
    }),
    { total: rejected, succeeded: 0, failed: rejected, expired: 0, cancelled: 0 }
  ),
  parts: parts.map(({ providerId, state, word }) => ({ providerId, state, word }))
})
