/** The elements of a list in an object, each as soon as it is complete. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Stream from "effect/Stream"
import { invalidRequest } from "../domain/ChatRequest.js"
import { ChatFold } from "../domain/ChatResponse.js"
import { keepPartial, type NetworkError, ProviderError, type ValidationError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { attachPartial, completeResponse } from "../provider/completeResponse.js"
import { transformChunks } from "../provider/transformChunks.js"
import { withoutAbsentNulls } from "./absentNulls.js"
import { codecOf } from "./ObjectSchema.js"
import { decodeResponse, mismatch, type ObjectStream } from "./objects.js"
import { PartialJson } from "./PartialJson.js"
import { problemsOf } from "./SchemaProblem.js"

/** The type of the elements of a list in an object. */
export type ElementOf<A, Key extends string> = Key extends keyof A
  ? NonNullable<A[Key]> extends ReadonlyArray<infer Element>
    ? Element
    : never
  : never

/** The errors of reading elements. */
type ElementError = NetworkError | ProviderError | ValidationError

/**
 * Reads the list at a key of the object, and gives each element, decoded, as soon as it is complete. At the end the whole
 * object is decoded too. What does not fit is a `ProviderError` that names the place. The schema must be an
 * `effect/Schema`, of which the schema of an element is known; otherwise it is a `ValidationError`.
 *
 * ```ts
 * const Recipes = Schema.Struct({ recipes: Schema.Array(Recipe) })
 *
 * LLMClient.chatObjectStream(Recipes, { messages }).pipe(elements("recipes"), Stream.runForEach(show))
 * ```
 */
export const elements =
  <const Key extends string>(key: Key) =>
  <A extends { readonly [Each in Key]?: ReadonlyArray<unknown> | undefined }, I, E, R>({
    chunks,
    schema
  }: ObjectStream<A, I, E, R>): Stream.Stream<ElementOf<A, Key>, E | ElementError, R> =>
    Stream.suspend((): Stream.Stream<ElementOf<A, Key>, E | ElementError, R> => {
      const decode = decoderOf<ElementOf<A, Key>>(schema, key)
      if (Option.isNone(decode)) return Stream.fail(withoutElements(key))
      const codec = codecOf(schema)
      const fold = new ChatFold()
      const items: Array<unknown> = []
      const json = new PartialJson(codec.shape, { key, onItem: (item) => items.push(item) })
      const complete = transformChunks<StreamChunk, unknown>(() => ({
        push: (read) => {
          for (const chunk of read) {
            fold.add(chunk)
            json.push(chunk.content)
          }
          return items.splice(0)
        }
      }))(chunks)
      const decoded = Stream.mapEffect(Stream.zipWithIndex(complete), ([item, index]) =>
        Effect.mapError(decode.value(withoutAbsentNulls(item, codec.shape.member(key).item(index))), (error) => {
          const [problem] = problemsOf(error)
          return keepPartial(misfit([key, index, problem?.path ?? ""]), fold.partial())
        })
      )
      const rest = Effect.flatMap(completeResponse(fold), (response) =>
        Effect.mapError(decodeResponse(codec, response), (problems) => mismatch(response, problems))
      )
      return Stream.concat(decoded, Stream.drain(Stream.fromEffect(rest))).pipe(
        Stream.mapError((error) => attachPartial(error, fold))
      )
    })

const misfit = (place: ReadonlyArray<string | number>): ProviderError =>
  new ProviderError({
    provider: "",
    model: "",
    message: `the answer does not fit the schema: ${place.filter((step) => step !== "").join(".")}`
  })

const withoutElements = (key: string): ValidationError =>
  invalidRequest(`elements needs an effect/Schema with a list at ${JSON.stringify(key)}`, "", undefined)

const decoderOf = <Element>(schema: unknown, key: string) =>
  Option.map(
    Schema.isSchema(schema) ? Option.flatMap(memberType(schema.ast, key), elementType) : Option.none(),
    // The schema of the object has no context, and so has that of its elements.
    (ast) => Schema.decodeUnknown(Schema.make<Element, unknown>(ast))
  )

/** The type of a member, before the object as a whole is transformed. */
const memberType = (type: SchemaAST.AST, key: string): Option.Option<SchemaAST.AST> => {
  if (SchemaAST.isTypeLiteral(type)) {
    return Option.map(
      Option.fromNullable(type.propertySignatures.find(({ name }) => name === key)),
      (member) => member.type
    )
  }
  return throughWrappers(type, (inner) => memberType(inner, key))
}

const elementType = (type: SchemaAST.AST): Option.Option<SchemaAST.AST> => {
  if (SchemaAST.isTupleType(type)) {
    return type.elements.length > 0 ? Option.none() : Option.map(Option.fromNullable(type.rest[0]), (rest) => rest.type)
  }
  return throughWrappers(type, elementType)
}

const throughWrappers = (
  type: SchemaAST.AST,
  find: (inner: SchemaAST.AST) => Option.Option<SchemaAST.AST>
): Option.Option<SchemaAST.AST> => {
  if (SchemaAST.isTransformation(type) || SchemaAST.isRefinement(type)) return find(type.from)
  if (SchemaAST.isSuspend(type)) return find(type.f())
  return SchemaAST.isUnion(type) ? Option.firstSomeOf(type.types.map(find)) : Option.none()
}
