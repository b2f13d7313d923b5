/** What can go wrong between a provider and its caller, as plain data. */
import type * as Duration from "effect/Duration"
import type { ErrorKind, ServedError } from "../../../protocol/serve/ServedError.js"

/**
 * Where in the body something happens. `afterChunks: n` is after the n-th piece of the answer (text, reasoning or tool
 * arguments), whatever events the protocol has around it, and 0 is before the first; a whole answer is cut into as many
 * slices. `afterBytes` counts the bytes of the body. `afterFinish` is after the event with the finish reason, before
 * usage and end marker follow. What lies beyond the end of the answer is its end.
 */
export type Position =
  | {
      /** After so many pieces of the answer. */
      readonly afterChunks: number
    }
  | {
      /** After so many bytes of the body. */
      readonly afterBytes: number
    }
  | { readonly afterFinish: true }

/** The connection is reset at accept, before any request is read; on a kept-alive one when the request has been read. */
export interface Refuse {
  readonly type: "refuse"
}

/** The request is read, then the connection is reset without a byte of response. */
export interface ResetBeforeHeaders {
  readonly type: "resetBeforeHeaders"
}

/** Nothing is sent for a while, then all is. */
export interface SlowHeaders {
  readonly type: "slowHeaders"
  /** How long the headers are held back. */
  readonly delay: Duration.DurationInput
}

/** Headers and opening events come at once, the first piece only after a while. */
export interface SlowFirstContent {
  readonly type: "slowFirstContent"
  /** How long the first piece is held back. */
  readonly delay: Duration.DurationInput
}

/** From the position on, not one more byte comes, and the connection stays open. */
export type Stall = { readonly type: "stall" } & Position

/** The body comes in reads of one byte. */
export interface Trickle {
  readonly type: "trickle"
  /** Between two bytes; 1 ms by default. */
  readonly delay?: Duration.DurationInput | undefined
}

/** The connection is reset (a TCP RST) at the position. */
export type Reset = { readonly type: "reset" } & Position

/** The body ends properly at the position, as if that were all. */
export type Truncate = { readonly type: "truncate" } & Position

/** The body ends inside the next character of several bytes after the position (one is put there if none follows). */
export type CutCharacter = {
  readonly type: "cutCharacter"
  /** How it ends: properly (`clean`, the default) or with a reset. */
  readonly ending?: "clean" | "reset" | undefined
} & Position

/** An event at the position is no JSON. */
export type MalformedEvent = { readonly type: "malformedEvent" } & Position

/** The protocol's own error event comes at the position, inside a response with status 200, and the body ends. */
export type ErrorEvent = {
  readonly type: "errorEvent"
  /** `overloaded` by default. */
  readonly error?: ErrorKind | ServedError | undefined
} & Position

/** The body is as it should be, but its content type is not. */
export interface WrongContentType {
  readonly type: "wrongContentType"
  /** `text/plain` by default. */
  readonly contentType?: string | undefined
}

/** A gateway's HTML page takes the place of the answer. */
export interface Page {
  readonly type: "page"
  /** 200 by default: the cruellest one. */
  readonly status?: number | undefined
}

/** The status is right, the body empty. */
export interface EmptyBody {
  readonly type: "emptyBody"
}

/** The caller is sent to another host, which would take the key and the prompt. */
export interface Redirect {
  readonly type: "redirect"
  /** The same path on `localhost` by default: the Simulator under another name, so that who follows is seen. */
  readonly location?: string | undefined
  /** 307 by default. */
  readonly status?: number | undefined
}

/** The body is compressed with gzip, as the `content-encoding` says. */
export interface Gzip {
  readonly type: "gzip"
}

/** One event begins and never ends; it is sent as fast as it is read. */
export interface EndlessEvent {
  readonly type: "endlessEvent"
}

/** The pieces of the answer are repeated for ever, at the reply's pace. */
export interface EndlessStream {
  readonly type: "endlessStream"
}

/** Comments, pings and events that no client knows stand between all others. */
export interface Noise {
  readonly type: "noise"
}

/** The event with the finish reason comes twice. */
export interface DuplicateFinish {
  readonly type: "duplicateFinish"
}

/** All has been sent, the end marker too, but the connection is left open. */
export interface Linger {
  readonly type: "linger"
}

/** The answer is fine and the connection kept alive, but reset when the next request comes on it. */
export interface ResetOnReuse {
  readonly type: "resetOnReuse"
}

/** Something that goes wrong. */
export type Fault =
  | Refuse
  | ResetBeforeHeaders
  | SlowHeaders
  | SlowFirstContent
  | Stall
  | Trickle
  | Reset
  | Truncate
  | CutCharacter
  | MalformedEvent
  | ErrorEvent
  | WrongContentType
  | Page
  | EmptyBody
  | Redirect
  | Gzip
  | EndlessEvent
  | EndlessStream
  | Noise
  | DuplicateFinish
  | Linger
  | ResetOnReuse
