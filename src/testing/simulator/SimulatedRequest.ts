/** The recorded form of a request. */
import type * as Effect from "effect/Effect"
import type { ProtocolName } from "./SimulatedReply.js"

/** How a request came to its end. */
export interface ClosedRequest {
  /** How many pieces of the answer (text, reasoning, tool arguments) had left. */
  readonly chunks: number
  /** How many bytes of the body had left. */
  readonly bytes: number
  /** `server` when it sent all that it meant to (or reset the connection), `caller` when the caller closed first. */
  readonly closedBy: "server" | "caller"
}

/** A request that the Simulator has read. */
export interface SimulatedRequest {
  /** The HTTP method, such as `POST`. */
  readonly method: string
  /** With its query, but for a key in it. */
  readonly path: string
  /** The API protocol of the requested path. */
  readonly protocol: ProtocolName
  /** In lower case; `<redacted>` stands for a key. */
  readonly headers: { readonly [name: string]: string | undefined }
  /** The JSON, or the text if it is none. */
  readonly body: unknown
  /** Waits until the response has ended or its connection has closed, and tells how far it had come. */
  readonly closed: Effect.Effect<ClosedRequest>
}
