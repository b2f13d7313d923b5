/** The AI SDK's protocol for user interfaces: reads what `useChat` sends, and writes answers as UI message streams. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ValidationError } from "../../domain/LLMError.js"
import type { AnswerElement } from "../answer/AnswerEvent.js"
import type { AnswerError } from "../answer/answerFailure.js"
import { type RequestOptions, requestBody } from "../answer/requestBody.js"
import {
  type AnswerOptions,
  type AnswerOptionsFor,
  type AnswerOptionsWithErrors,
  type Handled,
  respondToRequest,
  respondWithAnswer
} from "../answer/respondWithAnswer.js"
import { UIMessageRequest } from "./UIMessageRequest.js"
import { toTextResponse, UIMessageWriter } from "./UIMessageWriter.js"

export { UIMessageRequest as Request } from "./UIMessageRequest.js"

/** The options of `handle`, besides `onError`. */
export interface HandleOptions extends RequestOptions, UIMessageOptions {}

/** The options of a response to `useChat`. */
export interface UIMessageOptions {
  /** The id of the message of the answer; by default, the page makes one. */
  readonly messageId?: string | undefined
}

/**
 * Reads a request of `useChat`. A body that is too large, malformed or refers to approvals that this server has not given is
 * a `ValidationError` that says what is wrong.
 *
 * ```ts
 * const { messages, resume } = yield* UIMessages.readRequest()
 * ```
 */
export const readRequest = (
  options: RequestOptions = {}
): Effect.Effect<UIMessageRequest, ValidationError, HttpServerRequest.HttpServerRequest> =>
  requestBody(UIMessageRequest, options)

/**
 * Responds with an answer as a UI message stream, version 1: a stream of chunks, or the events of a tool loop. Calls that
 * wait for an approval are requests for one, which `addToolApprovalResponse` answers. A failure is an `error` part, also
 * where the answer ends incomplete, or a status before the first part. A client that leaves interrupts the answer.
 *
 * ```ts
 * const { messages } = yield* UIMessages.readRequest()
 * const response = yield* UIMessages.respond(LLMClient.chatStream({ messages }))
 * ```
 */
export const respond = <E, R>(
  answer: Stream.Stream<AnswerElement, E, R>,
  ...[options]: Partial<AnswerOptions> extends AnswerOptionsFor<E>
    ? [options?: AnswerOptionsFor<E> & UIMessageOptions]
    : [options: AnswerOptionsFor<E> & UIMessageOptions]
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope> =>
  respondWithAnswer(answer, () => new UIMessageWriter(options?.messageId), options ?? {})

/**
 * Handles a request of `useChat`: reads it, and responds with its answer. A request that is malformed is a 400 that says
 * what is wrong.
 *
 * ```ts
 * HttpRouter.empty.pipe(
 *   HttpRouter.post("/api/chat", UIMessages.handle(({ messages }) => LLMClient.chatStream({ messages })))
 * )
 * ```
 */
export function handle<R>(
  answer: (request: UIMessageRequest) => Stream.Stream<AnswerElement, AnswerError, R>,
  options?: AnswerOptions & HandleOptions
): Handled<R>
export function handle<E, R>(
  answer: (request: UIMessageRequest) => Stream.Stream<AnswerElement, E, R>,
  options: AnswerOptionsWithErrors<E> & HandleOptions
): Handled<R>
export function handle<E, R>(
  answer: (request: UIMessageRequest) => Stream.Stream<AnswerElement, E, R>,
  options: AnswerOptions & Partial<AnswerOptionsWithErrors<E>> & HandleOptions = {}
): Handled<R> {
  return respondToRequest(
    readRequest(options),
    (request) => respondWithAnswer(answer(request), () => new UIMessageWriter(options.messageId), options),
    toTextResponse
  )
}
