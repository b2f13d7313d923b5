/** Responds with an answer in the protocol of a front end. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { type LLMError, NetworkError } from "../../domain/LLMError.js"
import {
  type ErrorWithStatus,
  type FailureOptions,
  failureOf,
  type KnownError,
  logFailure,
  type OnError
} from "../errorResponse.js"
import { eventHeaders, headersOf, relay } from "../relay.js"
import type { AnswerElement, AnswerEnded, AnswerEvent } from "./AnswerEvent.js"
import { AnswerReader } from "./AnswerReader.js"
import { type AnswerError, failureOfAnswer, isStopped } from "./answerFailure.js"

/** The options of a response to a front end. */
export interface AnswerOptions extends FailureOptions {
  /** The interval of comments while the answer is silent; see `EventsOptions`. 15 seconds by default. */
  readonly keepAlive?: Duration.DurationInput | undefined
  /** How long a client may leave a part unread before the answer is interrupted; 1 minute by default. */
  readonly writeTimeout?: Duration.DurationInput | undefined
}

/** The options for an answer with failures of its own, such as those of tools. */
export interface AnswerOptionsWithErrors<E> extends AnswerOptions {
  /** Converts a failure to the `LLMError` that the client gets, alone or with the status of the response. */
  readonly onError: OnError<E>
}

/** `onError` where there are failures that it has to convert. */
export type AnswerOptionsFor<E> = [E] extends [AnswerError] ? AnswerOptions : AnswerOptionsWithErrors<E>

/** Writes one answer in the protocol of a front end. It can have state, because each answer has a writer of its own. */
export interface AnswerWriter {
  /** Headers besides those of every event stream. */
  readonly headers: { readonly [name: string]: string }
  /** The events before everything else. */
  readonly begin: () => string
  /** The events of one that is not the end. */
  readonly write: (event: Exclude<AnswerEvent, AnswerEnded>) => string
  /** The events after the last one of a complete answer. */
  readonly end: (end: AnswerEnded) => string
  /** The events of an answer that someone has stopped, the last ones. */
  readonly stopped: () => string
  /** The events of a failure, the last ones. */
  readonly fail: (error: LLMError) => string
  /** The response to a failure before anything else. */
  readonly rejection: (failure: ErrorWithStatus) => HttpServerResponse.HttpServerResponse
}

/**
 * Relays an answer. An answer that ends incomplete is a failure, even if its stream ends without one. An answer that
 * someone has stopped is not a failure, even if it is empty.
 */
export const respondWithAnswer = <E, R>(
  answer: Stream.Stream<AnswerElement, E, R>,
  makeWriter: () => AnswerWriter,
  options: AnswerOptions & Partial<AnswerOptionsWithErrors<E>>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope> =>
  Effect.suspend(() => {
    const writer = makeWriter()
    const reader = new AnswerReader()
    let isBegun = false
    const afterBegin = (text: string): string => {
      if (isBegun || text === "") return text
      isBegun = true
      return writer.begin() + text
    }
    const written = (events: ReadonlyArray<AnswerEvent>): string =>
      afterBegin(events.map((event) => (event.type === "end" ? writer.end(event) : writer.write(event))).join(""))
    return relay<E, R, AnswerElement>(
      answer,
      {
        headers: writer.headers,
        encode: (elements) => written(reader.push(elements)),
        end: () => {
          const end = reader.end()
          return end === undefined ? writer.fail(incomplete) : written([end])
        },
        fail: (cause) => {
          if (isStopped(cause)) {
            const event = afterBegin(writer.stopped())
            const head = { ...eventHeaders, headers: headersOf(writer) }
            return Effect.succeed({ event, response: HttpServerResponse.text(event, head) })
          }
          const failure = failureOfAnswer(cause, options)
          const report = { event: writer.fail(failure.error), response: writer.rejection(failure) }
          return Effect.as(logFailure(failure, cause), report)
        }
      },
      options
    )
  })

/** The response to the request in context. */
export type Handled<R> = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  never,
  R | HttpServerRequest.HttpServerRequest | Scope.Scope
>

/** Reads a request and responds to it. A request that cannot be read is a failure before anything else. */
export const respondToRequest = <A, R>(
  read: Effect.Effect<A, KnownError, HttpServerRequest.HttpServerRequest>,
  respond: (request: A) => Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
  rejection: AnswerWriter["rejection"]
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | HttpServerRequest.HttpServerRequest> =>
  Effect.matchCauseEffect(read, {
    onFailure: (cause) => {
      const failure = failureOf(cause)
      return Effect.as(logFailure(failure, cause), rejection(failure))
    },
    onSuccess: respond
  })

const incomplete = new NetworkError({
  provider: "",
  model: "",
  reason: "Truncated",
  message: "the answer ended before it was complete"
})
