/** The server side of a protocol: pure functions between its JSON and parsed requests and replies. */
import type { Either } from "effect"
import type { JsonObject } from "../../http/Json.js"
import type { ParsedRequest } from "./ParsedRequest.js"
import type { ServedError } from "./ServedError.js"
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
  /** Parses a request, or returns the error with which the protocol rejects it. */
  readonly read: (body: JsonObject, address: Address) => Either.Either<ParsedRequest, ServedError>
  /** The events that stream an answer. */
  readonly events: (answer: ServedReply, parsed: ParsedRequest) => ReadonlyArray<WireEvent>
  /** The JSON of a non-streaming response. */
  readonly whole: (answer: ServedReply, parsed: ParsedRequest) => JsonObject
  readonly error: (error: ServedError, model: string) => WireError
  /** The event that reports an error inside a stream. */
  readonly errorEvent: (error: ServedError, model: string) => string
  /** The event that keeps an idle connection alive. */
  readonly keepAlive: string
  /** An event of a type that no client knows. */
  readonly unknownEvent: string
  /** The header that names a request. */
  readonly requestIdHeader: string
}

/** The creation time of every response, in Unix seconds; fixed, so that the same request gets the same bytes. */
export const createdAt = 1_750_000_000

/** An event of data alone. */
export const dataEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

/** An event with its name, which the data repeats as `type`. */
export const namedEvent = (data: JsonObject & { readonly type: string }): string =>
  `event: ${data.type}\n${dataEvent(data)}`
