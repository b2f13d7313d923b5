/** An API protocol: data and pure functions, which can be tested without HTTP. */
import type * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { ReportedError } from "../http/errors/classification.js"
import type { Framing } from "../http/framing/Framing.js"
import type { JsonObject } from "../http/Json.js"
import type { Citation, TextIndex } from "./Citation.js"
import type { PreparedRequest } from "./PreparedRequest.js"

/** The result of decoding one event of a stream. */
export interface Step<State> {
  readonly state: State
  /** The chunk of the event; `undefined` for pings and end markers. Its usage is the total so far. */
  readonly chunk?: StreamChunk | undefined
  /** The chunks before `chunk`, if one event holds several parts of the message. */
  readonly before?: ReadonlyArray<StreamChunk> | undefined
  /** The pages that the event cites. */
  readonly citations?: ReadonlyArray<Citation> | undefined
  /** The failure that the event reports. */
  readonly failure?: ReportedError | undefined
  /** The model that the provider reports; `""` if it reports none. */
  readonly model?: string
  /** The path of a field that a known event lacks. */
  readonly malformed?: string | undefined
  /** Whether the event is the protocol's end marker. */
  readonly isEnd?: boolean
  /** Whether the texts of the chunks repeat what has arrived so far, and only their rest is new. */
  readonly isSnapshot?: boolean
  /** Whether the event begins another response inside this one; its chunks are not output. */
  readonly isSpliced?: boolean
}

/** The result of decoding an event that only continues the open text. */
export interface TextStep<State> {
  readonly state: State
  /** A chunk whose only output is content or reasoning. */
  readonly chunk: StreamChunk
  /** The model that the provider reports; `""` if it reports none. */
  readonly model: string
  /** The number of the event, where the protocol can continue a response. */
  readonly number: unknown
}

/** A request encoded for a protocol. */
export interface Encoded {
  /** The path below the base URL. */
  readonly path: string
  readonly body: { readonly [field: string]: unknown }
  /** What is sent otherwise than the caller may expect, in sentences. The response has them. */
  readonly warnings?: ReadonlyArray<string> | undefined
}

/** The names that a provider accepts for tools. */
export interface ToolNames {
  readonly pattern: RegExp
  /** Continues "the name …" in the error of another name. */
  readonly description: string
}

/** How a response is continued on another connection, where the provider keeps what it has sent. */
export interface Resumption<Event> {
  /** Whether the provider keeps the response to a request with this body. */
  readonly isKept: (body: Encoded["body"]) => boolean
  /** The number of an event. Numbers grow, and every event that has content has one. */
  readonly numberOf: (event: Event) => unknown
  /** The path of the events after a number, to get; `undefined` if the id cannot stand in a path. */
  readonly eventsPath: (id: string, after: number) => string | undefined
  /** The path that ends a response at the provider, to post to. */
  readonly cancelPath: (id: string) => string | undefined
}

/** An API protocol. `Event` is the JSON of one event of a stream. */
export interface Protocol<Event, State> {
  /** Encodes a request, or says in a sentence what the protocol cannot express. */
  readonly encode: (request: PreparedRequest, stream: boolean) => Either.Either<Encoded, string>
  /** The names of tools; those that OpenAI accepts by default. */
  readonly toolNames?: ToolNames
  /** Whether events have a `type`, and the event of the framing repeats it: it stands in for a missing one. */
  readonly typesEvents?: boolean
  /** How bytes become events; server-sent events by default. */
  readonly framing?: Framing
  /**
   * The schema of an event. It must not transform, and accepts unknown fields and values. It is a `Schema.suspend`,
   * because building the schemas of every protocol took half of the time of importing this library.
   */
  readonly event: Schema.Schema<Event>
  /** Brings an event that the schema rejects closer to it, in the ways that servers were reported to deviate. */
  readonly reshape?: (json: unknown) => unknown
  /** The name of an event in error messages. */
  readonly eventName: string
  /** Reads the provider's id of the response, where an event has it. */
  readonly responseId: (event: Event) => unknown
  /** Missing where a response cannot be continued on another connection. */
  readonly resumption?: Resumption<Event>
  /** Makes the state of one response. Parts of it may be mutable: copying the list of tool calls per delta is quadratic. */
  readonly initial: () => State
  /** Decodes one event. The `rawChunk` of its chunk is the event itself. */
  readonly step: (state: State, event: Event) => Step<State>
  /**
   * Checks and decodes an event that only continues the open text, as nearly all events do, faster than `event` and `step`
   * do, and with their result. `undefined` for all other events, and for those that name another response.
   */
  readonly continueText?: (state: State, json: JsonObject) => TextStep<State> | undefined
  /** Turns the JSON of a non-streaming response into the events of an equal stream. */
  readonly eventsOfResponse: (response: unknown) => ReadonlyArray<unknown>
  /** Makes the index of a response's text, if the offsets of citations are in bytes. */
  readonly textIndex?: () => TextIndex
  /** Reads the error in the body of a failed response or in an unexpected body; `undefined` if there is none. */
  readonly reportedError: (body: unknown) => ReportedError | undefined
}
