/** Structured answers while they are being written. */
import { Effect, type Schema, Stream } from "effect"
import type { ChatOptions } from "../client/ClientOptions.js"
import { LLMClient } from "../client/LLMClient.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatFold } from "../domain/ChatResponse.js"
import type { LLMError, NetworkError, ProviderError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { completed, keepingPartial } from "../output/Collect.js"
import { transformChunks } from "../provider/transformChunks.js"
import { asking, decoder, type ObjectResponse } from "./chatObject.js"
import type { DeepPartial } from "./DeepPartial.js"
import { PartialJson } from "./PartialJson.js"
import { Shape } from "./Shape.js"

/** What has been written of an object. */
export interface PartialObject<I> {
  readonly isComplete: false
  /** As the model writes it: JSON that has not been decoded, in which a date, say, is a string. */
  readonly object: DeepPartial<I>
}

/** The whole object, decoded, and the answer that held it. */
export interface CompleteObject<A> extends ObjectResponse<A> {
  readonly isComplete: true
}

/**
 * Reads the JSON of a stream as it grows, in linear time. Gives the object so far each time that there is more of it to
 * see, and at the end the whole one, decoded; an answer that does not fit the schema is the `ProviderError` of
 * `LLMClient.chatObject`, with the answer beside it. Texts grow, numbers come when they are whole, and what the schema
 * does not know or allow is left out. The objects are copies that share what is whole; of a list with hundreds of items
 * one is given every few characters only.
 *
 * ```ts
 * stream.pipe(partialObjects(Recipe), Stream.runForEach(({ object }) => show(object.title, object.steps)))
 * ```
 */
export const partialObjects =
  <A, I>(schema: Schema.Schema<A, I>) =>
  <E, R>(
    stream: Stream.Stream<StreamChunk, E, R>
  ): Stream.Stream<PartialObject<I> | CompleteObject<A>, E | NetworkError | ProviderError, R> =>
    Stream.suspend(() => {
      const fold = new ChatFold()
      const whole = Effect.flatMap(completed(fold), decoder(schema))
      const parts = transformChunks(() => growing(schema, fold))(stream)
      return Stream.concat(
        parts,
        Stream.fromEffect(Effect.map(whole, (response) => ({ ...response, isComplete: true }) as const))
      ).pipe(Stream.mapError((error) => keepingPartial(error, fold)))
    })

const growing = <A, I>(schema: Schema.Schema<A, I>, fold: ChatFold) => {
  const json = new PartialJson(Shape.of(schema))
  return {
    push: (chunks: Iterable<StreamChunk>): ReadonlyArray<PartialObject<I>> =>
      Array.from(chunks).flatMap((chunk) => {
        fold.add(chunk)
        const object = json.push(chunk.content)
        // The shape is that of `I`, so that nothing else is in it.
        return object === undefined ? [] : [{ isComplete: false, object: object as DeepPartial<I> }]
      })
  }
}

/**
 * Asks the client in context for an answer that fits a schema, and gives it as it grows: `LLMClient.chatObject`, streamed.
 *
 * ```ts
 * chatObjectStream(Recipe, { messages }).pipe(Stream.runForEach(({ object }) => show(object)))
 * ```
 */
export const chatObjectStream = <A, I>(
  schema: Schema.Schema<A, I>,
  request: ChatRequest,
  options?: ChatOptions
): Stream.Stream<PartialObject<I> | CompleteObject<A>, LLMError, LLMClient> =>
  partialObjects(schema)(LLMClient.chatStream(asking(schema, request), options))
