/** Structured output: JSON that fits a schema, complete or while the model writes it. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { dual } from "effect/Function"
import type * as Stream from "effect/Stream"
import { type ChatRequest, invalidRequest } from "../domain/ChatRequest.js"
import type { ChatFold, ChatResponse } from "../domain/ChatResponse.js"
import { isTooDeep, maxJsonDepth } from "../domain/JsonText.js"
import {
  keepPartial,
  type LLMError,
  type NetworkError,
  ProviderError,
  type ValidationError
} from "../domain/LLMError.js"
import { parseModelJson } from "../domain/ModelJson.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { completeResponse } from "../provider/engine/completeResponse.js"
import { foldedStream } from "./foldedStream.js"
import { codecOf, type ObjectCodec, type ObjectSchema } from "./ObjectSchema.js"
import { type DeepPartial, PartialJson } from "./PartialJson.js"
import type { SchemaProblem } from "./SchemaProblem.js"
import type { Shape } from "./Shape.js"

/** A complete response and the object that it contains. */
export interface ObjectResponse<A> extends ChatResponse {
  /** The content, decoded by the schema. */
  readonly object: A
  /** How many requests it took: 1, and one more for each correction. `usage` and `cost` are their sums. */
  readonly attempts: number
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

/** Asks for JSON that fits a schema. A schema that JSON Schema cannot express is a `ValidationError`. */
export const withJsonFormat = (
  { format, absentAsNull }: ObjectCodec<unknown>,
  request: ChatRequest
): Either.Either<ChatRequest, ValidationError> =>
  Either.mapBoth(format, {
    onLeft: (problem) => invalidRequest(problem, "", request?.model),
    onRight: (schema): ChatRequest => ({
      ...request,
      responseFormat: { type: "json", schema, ...(absentAsNull ? { absentAsNull } : {}) }
    })
  })

/** Decodes the content of a response, which may be any JSON value. */
export const decodeResponse = <A>(
  { decode }: ObjectCodec<A>,
  { content }: ChatResponse
): Effect.Effect<A, ReadonlyArray<SchemaProblem>> =>
  Either.match(parseModelJson(content), {
    onLeft: (problem) => Effect.fail([{ path: "", message: `it is ${problem}` }]),
    onRight: decode
  })

/**
 * The error of a response that does not fit. It names the place, but not the value there: errors contain no content.
 * `LLMError.partial(error)` has the response.
 */
export const mismatch = (response: ChatResponse, [problem]: ReadonlyArray<SchemaProblem>): ProviderError => {
  const { provider, model, content, finishReason } = response
  const place = problem === undefined || problem.path === "" ? "the answer as a whole" : problem.path
  const where = isTooDeep(content) ? `it is nested more than ${maxJsonDepth} levels deep` : place
  const why = finishReason === "stop" ? "" : ` (it finished with ${finishReason})`
  const message = `${provider}/${model} gave an answer that does not fit the schema: ${where}${why}`
  return keepPartial(new ProviderError({ provider, model, message }), response)
}

const decodeObject =
  <A>(codec: ObjectCodec<A>) =>
  (response: ChatResponse): Effect.Effect<ObjectResponse<A>, ProviderError> =>
    Effect.mapBoth(decodeResponse(codec, response), {
      onSuccess: (object) => ({ ...response, object, attempts: 1 }),
      onFailure: (problems) => mismatch(response, problems)
    })

/** The objects of a stream, which `elements` can read one by one. Operators of `Stream` return plain streams. */
export interface ObjectStream<A, I, E = LLMError, R = never>
  extends Stream.Stream<PartialObject<I> | CompleteObject<A>, E, R> {
  /** The response. */
  readonly chunks: Stream.Stream<StreamChunk, E, R>
  /** The schema of the object. */
  readonly schema: ObjectSchema<A, I>
}

/** `partialObjects(schema)(stream)` or `partialObjects(stream, schema)`. */
export interface PartialObjects {
  /** Data-last, for `pipe`. */
  <A, I>(
    schema: ObjectSchema<A, I>
  ): <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => ObjectStream<A, I, E | NetworkError | ProviderError, R>
  /** Data-first. */
  <A, I, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    schema: ObjectSchema<A, I>
  ): ObjectStream<A, I, E | NetworkError | ProviderError, R>
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
    schema: ObjectSchema<A, I>
  ): ObjectStream<A, I, E | NetworkError | ProviderError, R> =>
    Object.assign(
      foldedStream<PartialObject<I> | CompleteObject<A>, E | NetworkError | ProviderError, R>(stream, (fold) => {
        const codec = codecOf(schema)
        const complete = Effect.flatMap(completeResponse(fold), decodeObject(codec))
        return {
          push: toPartialObjects<I>(codec.shape, fold),
          complete: Effect.map(complete, (response) => [{ ...response, isComplete: true }])
        }
      }),
      { chunks: stream, schema }
    )
)

const toPartialObjects = <I>(shape: Shape, fold: ChatFold) => {
  let json = new PartialJson(shape)
  return (chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<PartialObject<I>> =>
    chunks.flatMap((chunk) => {
      fold.add(chunk)
      if (chunk.reset === true) json = new PartialJson(shape)
      const object = json.push(chunk.content)
      // The shape lets only values through that fit `I`.
      return object === undefined ? [] : [{ isComplete: false, object: object as DeepPartial<I> }]
    })
}
