/**
 * Sends a request, runs the tools that the model calls, and sends their results, until the model answers.
 *
 * ```ts
 * const { content } = yield* ToolLoop.run({ messages }, { tools: [weather] })
 * ```
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { ChatStream } from "../domain/ChatStream.js"
import { ProviderError } from "../domain/LLMError.js"
import { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { transformChunks, transformPull } from "../provider/engine/transformChunks.js"
import { ChunkView } from "./chunkView.js"
import { type EventPull, openLoop } from "./LoopRun.js"
import type { ToolLoopEvent, ToolLoopResponse } from "./ToolLoopEvent.js"
import type { LoopContext, LoopError, NoOthers, ToolLoopOptions, ToolLoopRequest } from "./ToolLoopOptions.js"

/**
 * Runs a tool loop as a stream of events; the last one is `end`.
 *
 * Each step is a chat call of the client, with its policies, timeouts and budget. When its response is complete, the
 * calls run, and their results are sent with the next step. A retry or a fallback repeats a step before its response, so
 * it never runs a tool twice. Arguments that do not fit and unknown tools go back to the model. A tool's failure fails
 * the loop, unless the tool returns it; a defect always does. Interrupting the stream interrupts the running tools and
 * closes the socket.
 *
 * ```ts
 * ToolLoop.stream({ messages }, { tools: [weather], stopWhen: { steps: 5, dollars: 0.1 } })
 * ```
 */
export const stream = <O extends ToolLoopOptions>(
  request: ToolLoopRequest,
  options: O & NoOthers<O>
): Stream.Stream<ToolLoopEvent, LoopError<O>, LoopContext<O>> => {
  const events = Stream.fromPull(Effect.map(openLoop(request, options), streamPull))
  // The loop calls tools of many types; `LoopError` and `LoopContext` collect what the types of all say.
  return events as Stream.Stream<ToolLoopEvent, LoopError<O>, LoopContext<O>>
}

const streamPull = (pull: EventPull): Effect.Effect<Chunk.Chunk<ToolLoopEvent>, Option.Option<unknown>, unknown> =>
  Effect.matchEffect(pull, {
    onSuccess: (events) =>
      events.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(Chunk.unsafeFromArray(events)),
    onFailure: (error) => Effect.fail(Option.some(error))
  })

/**
 * Runs a tool loop and gives its response: that of the last step, with the whole conversation, and the usage and cost of
 * all steps.
 *
 * ```ts
 * const { content, cost, endReason } = yield* ToolLoop.run({ messages }, { tools: [weather, search] })
 * ```
 */
export const run = <O extends ToolLoopOptions>(
  request: ToolLoopRequest,
  options: O & NoOthers<O>
): Effect.Effect<ToolLoopResponse, LoopError<O>, LoopContext<O>> => {
  const running = Effect.scoped(Effect.flatMap(openLoop(request, options), lastResponse))
  // As in `stream`.
  return running as Effect.Effect<ToolLoopResponse, LoopError<O>, LoopContext<O>>
}

const lastResponse = (pull: EventPull): Effect.Effect<ToolLoopResponse, unknown, unknown> => {
  let last: ToolLoopEvent | undefined
  const reading = Read.forEach(pull, (events) => {
    last = events.at(-1)
    return undefined
  })
  return Effect.flatMap(reading, () => (last?.type === "end" ? Effect.succeed(last.response) : Effect.fail(withoutEnd)))
}

const withoutEnd = new ProviderError({ provider: "", model: "", message: "the loop ended without an end event" })

/**
 * Runs a tool loop as the stream of one response: the text and reasoning of all steps, then the pending calls, and one
 * finish with the usage and cost of all steps. Everything that prints, collects or serves chunks works on it.
 *
 * ```ts
 * const { usage } = yield* print(ToolLoop.chatStream({ messages }, { tools: [weather] }))
 * ```
 */
export const chatStream = <O extends ToolLoopOptions>(
  request: ToolLoopRequest,
  options: O & NoOthers<O>
): ChatStream<LoopError<O>, LoopContext<O>> => {
  const opening = Effect.map(openLoop(request, options), (pull) => transformPull(pull, new ChunkView()))
  // As in `stream`.
  return ChatStream.make(opening) as ChatStream<LoopError<O>, LoopContext<O>>
}

/**
 * Shows events of a loop as chunks, as `chatStream` does, for programs that look at the events too.
 *
 * ```ts
 * ToolLoop.stream({ messages }, { tools: [weather] }).pipe(Stream.tap(show), ToolLoop.toChunks, print)
 * ```
 */
export const toChunks = <E, R>(events: Stream.Stream<ToolLoopEvent, E, R>): Stream.Stream<StreamChunk, E, R> =>
  transformChunks<ToolLoopEvent, StreamChunk>(() => new ChunkView())(events)
