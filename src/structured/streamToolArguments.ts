/** The arguments of tool calls while they are being written. */
import { Effect, type Schema, Stream } from "effect"
import { ChatFold } from "../domain/ChatResponse.js"
import type { NetworkError, ValidationError } from "../domain/LLMError.js"
import type { ToolCall } from "../domain/Message.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { decodeToolArguments } from "../domain/ToolArguments.js"
import { completed, keepingPartial } from "../output/Collect.js"
import { transformChunks } from "../provider/transformChunks.js"
import type { DeepPartial } from "./DeepPartial.js"
import { PartialJson } from "./PartialJson.js"
import { Shape } from "./Shape.js"

/** What has been written of the arguments of a call. */
export interface PartialToolArguments<I> {
  readonly isComplete: false
  /** Which of the answer's calls it is, counted from 0. */
  readonly index: number
  /** As the model writes them: JSON that has not been decoded. */
  readonly arguments: DeepPartial<I>
}

/** The whole arguments of a call, decoded. */
export interface CompleteToolArguments<A> {
  readonly isComplete: true
  /** Which of the answer's calls it is, counted from 0. */
  readonly index: number
  /** The whole of them, decoded by the schema. */
  readonly arguments: A
  /** The call, to answer it by its `id`. */
  readonly call: ToolCall
}

/**
 * Reads the arguments that a model writes for the tool of this name as they grow, in linear time. When the answer is
 * complete, each of its calls comes once more, decoded; one that does not fit the schema is the `ValidationError` of
 * `decodeToolArguments`. Calls of other tools are not shown.
 *
 * ```ts
 * stream.pipe(streamToolArguments("weather", Weather), Stream.runForEach((call) => show(call.arguments.city)))
 * ```
 */
export const streamToolArguments =
  <A, I>(name: string, schema: Schema.Schema<A, I>) =>
  <E, R>(
    stream: Stream.Stream<StreamChunk, E, R>
  ): Stream.Stream<PartialToolArguments<I> | CompleteToolArguments<A>, E | NetworkError | ValidationError, R> =>
    Stream.suspend(() => {
      const fold = new ChatFold()
      const whole = Effect.flatMap(completed(fold), ({ toolCalls }) =>
        Effect.forEach(
          toolCalls.map((call, index) => ({ call, index })).filter(({ call }) => call.name === name),
          (each) => Effect.map(decodeToolArguments(each.call, schema), (value) => complete(each, value))
        )
      )
      const parts = transformChunks(() => growing<I>(name, Shape.of(schema), fold))(stream)
      return Stream.concat(parts, Stream.fromIterableEffect(whole)).pipe(
        Stream.mapError((error) => keepingPartial(error, fold))
      )
    })

const complete = <A>(
  each: { readonly call: ToolCall; readonly index: number },
  value: A
): CompleteToolArguments<A> => ({
  ...each,
  isComplete: true,
  arguments: value
})

interface Growing {
  readonly index: number
  readonly json: PartialJson
  name: string
  /** What came before the name did. */
  held: string
}

const growing = <I>(name: string, shape: Shape, fold: ChatFold) => {
  const calls = new Map<number, Growing>()
  const grow = (delta: StreamChunk["toolCalls"][number]): ReadonlyArray<PartialToolArguments<I>> => {
    const call = calls.get(delta.index) ?? { index: calls.size, json: new PartialJson(shape), name: "", held: "" }
    calls.set(delta.index, call)
    if (call.name === "") call.name = delta.name ?? ""
    call.held += delta.arguments
    if (call.name !== name) return []
    const value = call.json.push(call.held)
    call.held = ""
    // The shape is that of `I`, so that nothing else is in it.
    return value === undefined ? [] : [{ isComplete: false, index: call.index, arguments: value as DeepPartial<I> }]
  }
  return {
    push: (chunks: Iterable<StreamChunk>): ReadonlyArray<PartialToolArguments<I>> =>
      Array.from(chunks).flatMap((chunk) => {
        fold.add(chunk)
        return chunk.toolCalls.flatMap(grow)
      })
  }
}
