/** A recorded exchange: a request, and the response as the reads that arrived. */

/** The bytes of one network read. */
export interface Read {
  /** Milliseconds since the request was sent. */
  readonly atMillis: number
  readonly bytes: Uint8Array
}

/** The properties by which requests are matched. */
export interface RecordedRequest {
  /** The HTTP method, such as `POST`. */
  readonly method: string
  /** Without secrets. */
  readonly url: string
  /** JSON with sorted fields, or text; `undefined` for a request without a body, and where prompts are left out. */
  readonly body: unknown
  /** SHA-256 of method, URL and canonical body. */
  readonly hash: string
}

/**
 * How a response ended: properly, by a broken connection, or because the caller stopped reading, in which case its rest is
 * unknown.
 */
export type Ending = "complete" | "broken" | "interrupted"

/** A response, as far as it was read. */
export interface RecordedResponse {
  /** When its headers arrived, in milliseconds since the request was sent. */
  readonly atMillis: number
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly reads: ReadonlyArray<Read>
  readonly ending: Ending
  /** When it ended, in milliseconds since the request was sent. */
  readonly endMillis: number
}

/** A request and its response. */
export interface Exchange {
  readonly request: RecordedRequest
  /** `undefined` where the connection failed before a response arrived. */
  readonly response: RecordedResponse | undefined
  /** When the connection failed, in milliseconds since the request was sent; 0 with a response. */
  readonly failedMillis: number
}
