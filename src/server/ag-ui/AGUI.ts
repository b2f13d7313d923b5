/** AG-UI's protocol: reads the input of runs, and writes answers as its events. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { ToolDefinition } from "../../domain/ChatRequest.js"
import type { ValidationError } from "../../domain/LLMError.js"
import { Tool } from "../../tools/Tool.js"
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
import { toResponse } from "../errorResponse.js"
import { type AGUIRun, AGUIWriter } from "./AGUIWriter.js"
import { RunInput } from "./RunInput.js"

export type { AGUIRun } from "./AGUIWriter.js"
export { type AGUIContext, RunInput, type RunInputJson } from "./RunInput.js"

/**
 * Reads the request of an AG-UI client. A body that is too large, malformed or refers to approvals that this server has not
 * given is a `ValidationError` that says what is wrong.
 *
 * ```ts
 * const { messages, resume } = yield* AGUI.readInput()
 * ```
 */
export const readInput = (
  options: RequestOptions = {}
): Effect.Effect<RunInput, ValidationError, HttpServerRequest.HttpServerRequest> => requestBody(RunInput, options)

/**
 * Responds with an answer as AG-UI's events: a stream of chunks, or the events of a tool loop. Calls that wait for an
 * approval end the run with interrupts, and calls of the client's tools with their ids. A failure is `RUN_ERROR`, also where
 * the answer ends incomplete, or a status before the first event. A client that leaves interrupts the answer.
 *
 * ```ts
 * const input = yield* AGUI.readInput()
 * const response = yield* AGUI.respond(LLMClient.chatStream({ messages: input.messages }), input)
 * ```
 */
export const respond = <E, R>(
  answer: Stream.Stream<AnswerElement, E, R>,
  run: AGUIRun,
  ...[options]: Partial<AnswerOptions> extends AnswerOptionsFor<E>
    ? [options?: AnswerOptionsFor<E>]
    : [options: AnswerOptionsFor<E>]
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope> =>
  respondWithAnswer(answer, () => new AGUIWriter(run), options ?? {})

/**
 * Handles a request of an AG-UI client: reads it, and responds with its answer. A request that is malformed is a 400 that
 * says what is wrong.
 *
 * ```ts
 * HttpRouter.empty.pipe(
 *   HttpRouter.post("/agent", AGUI.handle(({ messages }) => LLMClient.chatStream({ messages })))
 * )
 * ```
 */
export function handle<R>(
  answer: (input: RunInput) => Stream.Stream<AnswerElement, AnswerError, R>,
  options?: AnswerOptions & RequestOptions
): Handled<R>
export function handle<E, R>(
  answer: (input: RunInput) => Stream.Stream<AnswerElement, E, R>,
  options: AnswerOptionsWithErrors<E> & RequestOptions
): Handled<R>
export function handle<E, R>(
  answer: (input: RunInput) => Stream.Stream<AnswerElement, E, R>,
  options: AnswerOptions & Partial<AnswerOptionsWithErrors<E>> & RequestOptions = {}
): Handled<R> {
  return respondToRequest(
    readInput(options),
    (input) => respondWithAnswer(answer(input), () => new AGUIWriter(input), options),
    toResponse
  )
}

/**
 * Makes the tools of a client, for a tool loop: the loop ends with their calls, which the client runs and answers with its
 * next run. Clients can write anything into their definitions.
 *
 * ```ts
 * const tools = (input: AGUI.RunInput) => [...AGUI.clientTools(input.tools)]
 * ```
 */
export const clientTools = (definitions: ReadonlyArray<ToolDefinition>): ReadonlyArray<Tool> => {
  const tools = definitions.map(({ name, description, parameters }) => Tool.make(name, { description, parameters }))
  return tools
}
