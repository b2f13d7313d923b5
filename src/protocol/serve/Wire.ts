/** How a protocol's server speaks: pure functions between its JSON and what is asked and answered. */
import type { Either } from "effect"
import type { JsonObject } from "../../http/Json.js"
import type { ParsedRequest } from "./ParsedRequest.js"
import type { SimulatedError } from "./ServedError.js"
import type { ServedReply } from "./ServedReply.js"

/** One event of a stream, ready to be sent. */
export interface WireEvent {
  readonly text: string
  /** A piece of the answer, the event with the finish reason, or what a protocol has around them. */
  readonly part: "piece" | "finish" | "frame"
}

/** What a request's address and headers say. */
export interface Address {
  /** The model in the path, where the protocol has it there. */
  readonly model: string
  readonly isStream: boolean
  /** Whether tokens are only to be counted. */
  readonly isCount: boolean
  readonly headers: { readonly [name: string]: string | undefined }
}

/** A failed response. */
export interface WireError {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: JsonObject
}

/** An answer on the wire. */
export type Responded =
  | { readonly type: "stream"; readonly contentType: string; readonly events: ReadonlyArray<WireEvent> }
  | { readonly type: "whole"; readonly body: JsonObject; readonly pieces: number }

/** One API protocol. */
export interface Wire {
  /** Reads a request, or says how the protocol refuses it. */
  readonly read: (body: JsonObject, address: Address) => Either.Either<ParsedRequest, SimulatedError>
  /** The events that stream an answer. */
  readonly events: (answer: ServedReply, asked: ParsedRequest) => ReadonlyArray<WireEvent>
  /** The JSON of a whole answer. */
  readonly whole: (answer: ServedReply, asked: ParsedRequest) => JsonObject
  readonly error: (error: SimulatedError, model: string) => WireError
  /** The event that reports an error inside a stream. */
  readonly errorEvent: (error: SimulatedError, model: string) => string
  /** What keeps a connection alive while there is nothing to say. */
  readonly keepAlive: string
  /** An event of a type that no client knows. */
  readonly unknownEvent: string
  /** The header that names a request. */
  readonly requestIdHeader: string
}

/** When every answer was made: a fixed time, so that the same question gets the same bytes. */
export const createdAt = 1_750_000_000

/** An event of data alone. */
export const dataEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

/** An event with its name, which the data repeats as `type`. */
export const namedEvent = (data: JsonObject & { readonly type: string }): string =>
  `event: ${data.type}\n${dataEvent(data)}`
