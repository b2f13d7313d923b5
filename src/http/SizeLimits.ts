/** The largest events and responses that are read. */

/** The size limits of one response. */
export interface SizeLimits {
  /** The largest event of a stream, in UTF-16 code units. */
  readonly maxEventSize: number
  /** The largest response, in bytes. */
  readonly maxResponseBytes: number
}

/** 8 Mi code units per event, 1 GiB per response. */
export const defaultSizeLimits: SizeLimits = { maxEventSize: 8 * 1024 * 1024, maxResponseBytes: 1024 ** 3 }
