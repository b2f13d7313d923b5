/** How one API protocol speaks: data and pure functions, so it is tested without HTTP. */
import type { Either, Schema } from "effect"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { ErrorRules, ReportedError } from "../http/errorClassification.js"
import type { Framing } from "../http/Framing.js"
import type { PreparedRequest } from "./PreparedRequest.js"

/** What one event of a stream amounts to. */
export interface Step<State> {
  readonly state: State
  /** What the event shows; `undefined` for pings and end markers. The usage in it is the whole known so far. */
  readonly chunk?: StreamChunk | undefined
  /** The chunks before `chunk`, where one event holds several parts of the message. */
  readonly before?: ReadonlyArray<StreamChunk> | undefined
  /** The failure that the event reports. */
  readonly failure?: ReportedError | undefined
  /** The model that the provider says is answering; `""` when it does not. */
  readonly model?: string
  /** The path of what a known event lacks. */
  readonly malformed?: string | undefined
  /** Whether the event is the protocol's end marker. */
  readonly isEnd?: boolean
}

/** A request as this protocol reads it. */
export interface Encoded {
  /** The path below the base URL. */
  readonly path: string
  readonly body: { readonly [field: string]: unknown }
}

/** One API protocol. `Event` is the JSON of an event of a stream, `Answer` that of a whole answer. */
export interface Protocol<Event, State> {
  /** Writes our request the way this protocol reads it, or says in a sentence what it cannot carry. */
  readonly encode: (request: PreparedRequest, stream: boolean) => Either.Either<Encoded, string>
  /** The data of an event that is no JSON and ends the stream, such as `[DONE]`. */
  readonly endMarker?: string
  /** How bytes become events; server-sent events by default. */
  readonly framing?: Framing
  /**
   * What is read of an event. It only describes, never transforms, and lets unknown fields and values pass. A
   * `Schema.suspend`, as building every protocol's schemas was half of the time that importing this library took.
   */
  readonly event: Schema.Schema<Event>
  /** Names an event in an error message. */
  readonly eventName: string
  readonly initial: State
  /** Turns one event into what it amounts to; `rawChunk` is the event itself. */
  readonly step: (state: State, event: Event) => Step<State>
  /** Turns a whole answer, given as JSON, into the events that would have streamed it. */
  readonly eventsOfResponse: (answer: unknown) => ReadonlyArray<unknown>
  /** Reads the error of a failed response or of a body that is no answer; `undefined` where there is none. */
  readonly reportedError: (body: unknown) => ReportedError | undefined
  readonly errorRules: ErrorRules
}
