/** The arguments of tool calls while the model writes them. */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { ChatFold } from "../domain/ChatResponse.js"
import type { NetworkError, ValidationError } from "../domain/LLMError.js"
import type { ToolCall } from "../domain/Message.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { decodeToolArguments } from "../domain/ToolArguments.js"
import { completeResponse } from "../provider/engine/completeResponse.js"
import { foldedStream } from "./foldedStream.js"
import { type DeepPartial, PartialJson } from "./PartialJson.js"
import { Shape } from "./Shape.js"

/** What the model has written of a call's arguments. */
export interface PartialToolArguments<I> {
  readonly isComplete: false
  /** The position of the call among the response's calls, from 0. */
  readonly index: number
  /** As the model writes them: JSON that is not decoded. */
  readonly arguments: DeepPartial<I>
}

/** The complete arguments of a call, decoded. */
export interface CompleteToolArguments<A> {
  readonly isComplete: true
  /** The position of the call among the response's calls, from 0. */
  readonly index: number
  /** The arguments, decoded by the schema. */
  readonly arguments: A
  /** The call; its `id` is needed to send the result. */
  readonly call: ToolCall
}

/** `streamToolArguments(name, schema)(stream)` or `streamToolArguments(stream, name, schema)`. */
export interface StreamToolArguments {
  /** Data-last, for `pipe`. */
  <A, I>(
    name: string,
    schema: Schema.Schema<A, I>
  ): <E, R>(
    stream: Stream.Stream<StreamChunk, E, R>
  ) => Stream.Stream<PartialToolArguments<I> | CompleteToolArguments<A>, E | NetworkError | ValidationError, R>
  /** Data-first. */
  <A, I, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    name: string,
    schema: Schema.Schema<A, I>
  ): Stream.Stream<PartialToolArguments<I> | CompleteToolArguments<A>, E | NetworkError | ValidationError, R>
}

/**
 * Reads the arguments of the calls of one tool while the model writes them, in linear time. When the response is complete,
 * each of these calls comes once more, decoded. Arguments that do not fit the schema fail with the `ValidationError` of
 * `decodeToolArguments`. Calls of other tools are left out.
 *
 * ```ts
 * stream.pipe(streamToolArguments("weather", Weather), Stream.runForEach((call) => show(call.arguments.city)))
 * ```
 */
export const streamToolArguments: StreamToolArguments = dual(
  3,
  <A, I, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    name: string,
    schema: Schema.Schema<A, I>
  ): Stream.Stream<PartialToolArguments<I> | CompleteToolArguments<A>, E | NetworkError | ValidationError, R> =>
    foldedStream<PartialToolArguments<I> | CompleteToolArguments<A>, E | NetworkError | ValidationError, R>(
      stream,
      (fold) => {
        const complete = Effect.flatMap(completeResponse(fold), ({ toolCalls }) =>
          Effect.forEach(
            toolCalls.map((call, index) => ({ call, index })).filter(({ call }) => call.name === name),
            ({ call, index }) => Effect.map(decodeToolArguments(call, schema), (value) => completed(call, index, value))
          )
        )
        return { push: toPartialArguments<I>(name, Shape.of(schema), fold), complete }
      }
    )
)

const completed = <A>(call: ToolCall, index: number, value: A): CompleteToolArguments<A> => ({
  isComplete: true,
  index,
  arguments: value,
  call
})

/** A call whose arguments the model is writing. */
interface OpenCall {
  readonly index: number
  readonly json: PartialJson
  name: string
  /** Arguments that have not been read, because the name has not arrived. */
  unread: string
}

const toPartialArguments = <I>(name: string, shape: Shape, fold: ChatFold) => {
  const calls = new Map<number, OpenCall>()
  const read = (delta: StreamChunk["toolCalls"][number]): ReadonlyArray<PartialToolArguments<I>> => {
    const call = calls.get(delta.index) ?? { index: calls.size, json: new PartialJson(shape), name: "", unread: "" }
    calls.set(delta.index, call)
    if (call.name === "") call.name = delta.name ?? ""
    call.unread += delta.arguments
    if (call.name !== name) return []
    const value = call.json.push(call.unread)
    call.unread = ""
    // `Shape.of` lets only values through that fit `I`.
    return value === undefined ? [] : [{ isComplete: false, index: call.index, arguments: value as DeepPartial<I> }]
  }
  return (chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<PartialToolArguments<I>> =>
    chunks.flatMap((chunk) => {
      fold.add(chunk)
      if (chunk.reset === true) calls.clear()
      return chunk.toolCalls.flatMap(read)
    })
}
