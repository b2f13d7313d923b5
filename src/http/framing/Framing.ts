/** How the bytes of a streamed response become events. */

/** One event of a stream, before its data is parsed. */
export interface Frame {
  /** The name of the event, where the wire names events. */
  readonly event?: string | undefined
  /** The data of the event, as text. */
  readonly data: string
  /** The id of the event, where the wire has ids. */
  readonly id?: string | undefined
}

/** Reads the frames of one response, synchronously: it is on the hot path. */
export interface FrameReader {
  /** Adds the bytes of one network read and returns the frames that they complete. */
  readonly push: (bytes: Uint8Array) => ReadonlyArray<Frame>
  /** Ends the body and returns the frames that its end completes. */
  readonly end: () => ReadonlyArray<Frame>
  /** Why nothing more can be read; `undefined` while the reader works. */
  readonly failure: FramingFailure | undefined
  /** The first characters of the body that belong to no event: a bare JSON error, or an HTML page. */
  readonly nonEventText: string
}

/**
 * Why a body cannot be read on: an event is larger than allowed, the bytes are damaged, or the body ended inside an
 * event. A framing that cannot tell the last one, as text cannot, returns the incomplete event instead.
 */
export type FramingFailure =
  | { readonly type: "tooLarge" }
  | { readonly type: "corrupt"; readonly problem: string }
  | { readonly type: "truncated" }

/** Makes the reader of one response. `maxEventSize` is the largest event in UTF-16 code units, or in bytes. */
export type Framing = (maxEventSize: number) => FrameReader
