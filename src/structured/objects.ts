/** Structured output: JSON that fits a schema, complete or while the model writes it. */
import { Effect, ParseResult, Schema, Stream } from "effect"
import { dual } from "effect/Function"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import { isTooDeep, maxJsonDepth } from "../domain/JsonText.js"
import { keepPartial, type NetworkError, ProviderError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { attachPartial, completeResponse } from "../provider/completeResponse.js"
import { type ChunkTransform, transformChunks } from "../provider/transformChunks.js"
import { type DeepPartial, PartialJson } from "./PartialJson.js"
import { Shape } from "./Shape.js"

/** A complete response and the object that it contains. */
export interface ObjectResponse<A> extends ChatResponse {
  /** The content, decoded by the schema. */
  readonly object: A
}

/** What the model has written of an object. */
export interface PartialObject<I> {
  readonly isComplete: false
  /** As the model writes it: JSON that is not decoded, in which a date, for instance, is a string. */
  readonly object: DeepPartial<I>
}

/** The complete object, decoded, and the response that contained it. */
export interface CompleteObject<A> extends ObjectResponse<A> {
  readonly isComplete: true
}

/** Asks for JSON that fits a schema. */
export const withJsonFormat = <A, I>(schema: Schema.Schema<A, I>, request: ChatRequest): ChatRequest => ({
  ...request,
  responseFormat: { type: "json", schema }
})

/**
 * Decodes the content of responses by a schema. A response that does not fit is a `ProviderError` that names the place;
 * `LLMError.partial(error)` has the response.
 */
export const decodeObject = <A, I>(
  schema: Schema.Schema<A, I>
): ((response: ChatResponse) => Effect.Effect<ObjectResponse<A>, ProviderError>) => {
  const decode = Schema.decodeUnknown(Schema.parseJson(schema))
  return (response) => {
    const failed = (where: string) => Effect.fail(keepPartial(mismatch(response, where), response))
    if (isTooDeep(response.content)) return failed(`it is nested more than ${maxJsonDepth} levels deep`)
    return Effect.matchEffect(decode(response.content), {
      onSuccess: (object) => Effect.succeed({ ...response, object }),
      onFailure: (error) => failed(placeOf(error))
    })
  }
}

// Names the place, but not the value there: errors contain no content.
const placeOf = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const path = issue?.path.map(String).join(".") ?? ""
  return path === "" ? "the answer as a whole" : path
}

const mismatch = (response: ChatResponse, where: string): ProviderError => {
  const why = response.finishReason === "stop" ? "" : ` (it finished with ${response.finishReason})`
  return new ProviderError({
    provider: response.provider,
    model: response.model,
    message: `${response.provider}/${response.model} gave an answer that does not fit the schema: ${where}${why}`
  })
}

/** `partialObjects(schema)(stream)` or `partialObjects(stream, schema)`. */
export interface PartialObjects {
  /** Data-last, for `pipe`. */
  <A, I>(
    schema: Schema.Schema<A, I>
  ): <E, R>(
    stream: Stream.Stream<StreamChunk, E, R>
  ) => Stream.Stream<PartialObject<I> | CompleteObject<A>, E | NetworkError | ProviderError, R>
  /** Data-first. */
  <A, I, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    schema: Schema.Schema<A, I>
  ): Stream.Stream<PartialObject<I> | CompleteObject<A>, E | NetworkError | ProviderError, R>
}

/**
 * Reads the JSON of a stream while the model writes it, in linear time. Gives the object so far whenever it has grown,
 * and at the end the complete object, decoded. A response that does not fit the schema fails with the `ProviderError` of
 * `LLMClient.chatObject`, and `LLMError.partial(error)` has the response. Strings grow, numbers appear when they are
 * complete, and values that the schema does not allow are left out. The objects are copies that share their complete
 * parts. While a list with hundreds of items is open, an object is given only every few characters.
 *
 * ```ts
 * stream.pipe(partialObjects(Recipe), Stream.runForEach(({ object }) => show(object.title, object.steps)))
 * ```
 */
export const partialObjects: PartialObjects = dual(
  2,
  <A, I, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    schema: Schema.Schema<A, I>
  ): Stream.Stream<PartialObject<I> | CompleteObject<A>, E | NetworkError | ProviderError, R> =>
    Stream.suspend(() => {
      const fold = new ChatFold()
      const partial = transformChunks(() => toPartialObjects(schema, fold))(stream)
      const complete = Effect.flatMap(completeResponse(fold), decodeObject(schema))
      return Stream.concat(
        partial,
        Stream.fromEffect(Effect.map(complete, (response) => ({ ...response, isComplete: true }) as const))
      ).pipe(Stream.mapError((error) => attachPartial(error, fold)))
    })
)

const toPartialObjects = <A, I>(
  schema: Schema.Schema<A, I>,
  fold: ChatFold
): ChunkTransform<StreamChunk, PartialObject<I>> => {
  const shape = Shape.of(schema)
  let json = new PartialJson(shape)
  return {
    push: (chunks) =>
      Array.from(chunks).flatMap((chunk) => {
        fold.add(chunk)
        if (chunk.reset === true) json = new PartialJson(shape)
        const object = json.push(chunk.content)
        // `Shape.of` lets only values through that fit `I`.
        return object === undefined ? [] : [{ isComplete: false, object: object as DeepPartial<I> }]
      })
  }
}
