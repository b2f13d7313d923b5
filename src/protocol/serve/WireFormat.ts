/** The server side of a protocol: pure functions between its JSON and parsed requests and replies. */
import type * as Either from "effect/Either"
import type { JsonObject } from "../../http/Json.js"
import type { ParsedRequest } from "./ParsedRequest.js"
import type { ServedError } from "./ServedError.js"
import type { ServedReply } from "./ServedReply.js"

/** One event of a stream, ready to be sent. */
export interface StreamEvent {
  readonly text: string
  /** A delta of the answer, the event with the finish reason, or what a protocol has around them. */
  readonly part: "delta" | "finish" | "framing"
}

/** What the path and the headers of a request say. */
export interface RequestTarget {
  /** The model in the path, where the protocol has it there. */
  readonly model: string
  readonly isStream: boolean
  /** Whether tokens are only to be counted. */
  readonly isCount: boolean
  /** Whether the path is that of a vendor that copied the protocol: it has the rules that all of them have. */
  readonly isCompatible: boolean
  readonly headers: { readonly [name: string]: string | undefined }
}

/** A failed response. */
export interface ErrorResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: JsonObject
}

/** A successful response. `deltas` is how many deltas the same answer would have streamed. */
export type SuccessResponse =
  | { readonly type: "stream"; readonly contentType: string; readonly events: ReadonlyArray<StreamEvent> }
  | { readonly type: "json"; readonly body: JsonObject; readonly deltas: number }

/** How a provider writes JSON in a body: compact, or with line ends and two spaces as OpenAI and Google do. */
export interface JsonFormat {
  readonly contentType: string
  readonly stringify: (body: unknown) => string
}

/** A listed model. */
export interface ListedModel {
  readonly id: string
  /** The name for people. */
  readonly name: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly provider: string
  readonly contextWindow: number
  readonly maxOutputTokens: number
}

/** One API protocol, as a server speaks it. */
export interface WireFormat {
  /** Parses a request, or returns the error with which the protocol rejects it. */
  readonly parseRequest: (body: JsonObject, target: RequestTarget) => Either.Either<ParsedRequest, ServedError>
  /** The events that stream a reply. */
  readonly streamEvents: (reply: ServedReply, parsed: ParsedRequest) => ReadonlyArray<StreamEvent>
  /** The JSON of a non-streaming response. */
  readonly responseBody: (reply: ServedReply, parsed: ParsedRequest) => JsonObject
  readonly errorResponse: (error: ServedError, model: string) => ErrorResponse
  /** The event that reports an error inside a stream. */
  readonly errorEvent: (error: ServedError, model: string) => string
  /** The list of models, and one model of it. */
  readonly modelList: (models: ReadonlyArray<ListedModel>) => JsonObject
  readonly modelCard: (model: ListedModel) => JsonObject
  /** The event that keeps an idle connection alive. */
  readonly keepAlive: string
  /** An event of a type that no client knows. */
  readonly unknownEvent: string
  /** The header that names a request. */
  readonly requestIdHeader: string
  /** Headers of every response. */
  readonly headers: { readonly [name: string]: string }
  /** The content type of a stream. */
  readonly streamType: string
  readonly json: JsonFormat
}

/** JSON in one line. */
export const compactJson: JsonFormat = { contentType: "application/json", stringify: (body) => JSON.stringify(body) }

/** JSON with two spaces per level and a line end, as curl shows it from OpenAI and Google. */
export const indentedJson = (contentType: string): JsonFormat => ({
  contentType,
  stringify: (body) => `${JSON.stringify(body, null, 2)}\n`
})

/** The creation time of every response, in Unix seconds; fixed, so that the same request gets the same bytes. */
export const createdAt = 1_750_000_000

/** An event of data alone. */
export const dataEvent = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

/** An event with its name, which the data repeats as `type`. */
export const namedEvent = (data: JsonObject & { readonly type: string }): string =>
  `event: ${data.type}\n${dataEvent(data)}`
