/** How much of what a provider sends is read. */

/** The bounds of one response. */
export interface SizeLimits {
  /** The largest event of a stream, in UTF-16 code units. */
  readonly maxEventSize: number
  /** The largest response, in bytes. */
  readonly maxResponseBytes: number
}

/** 8 Mi code units an event, 1 GiB a response. */
export const defaultSizeLimits: SizeLimits = { maxEventSize: 8 * 1024 * 1024, maxResponseBytes: 1024 ** 3 }
