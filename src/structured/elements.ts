/** The elements of a list in an object, each as soon as it is complete. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type * as Stream from "effect/Stream"
import { invalidRequest } from "../domain/ChatRequest.js"
import { ChatFold } from "../domain/ChatResponse.js"
import { ChatStream } from "../domain/ChatStream.js"
import { type NetworkError, ProviderError, type ValidationError } from "../domain/LLMError.js"
import type { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { attachPartial, completeResponse } from "../provider/engine/completeResponse.js"
import { withoutReset } from "../provider/engine/withoutReset.js"
import { withoutAbsentNulls } from "./absentNulls.js"
import { codecOf } from "./ObjectSchema.js"
import { decodeResponse, mismatch, type ObjectStream } from "./objects.js"
import { PartialJson } from "./PartialJson.js"
import { problemsOf } from "./SchemaProblem.js"
import type { Shape } from "./Shape.js"

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
 * object is decoded too. What does not fit is a `ProviderError` that names the place. An answer that
 * `Policy.recoverMidStream` starts again after an element was given is a `NetworkError`. The schema must be an
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
    ChatStream.make<E | ElementError, R, ElementOf<A, Key>>(
      Effect.gen(function* () {
        const decode = decoderOf<ElementOf<A, Key>>(schema, key)
        if (Option.isNone(decode)) return yield* withoutElements(key)
        const codec = codecOf(schema)
        const fold = new ChatFold()
        const withPartial = (error: E | ElementError) => attachPartial(error, fold)
        const items = new CompleteItems(codec.shape, key)
        const decodeItem = itemDecoder(decode.value, codec.shape, key)
        const decodeAll = Effect.flatMap(completeResponse(fold), (response) =>
          Effect.mapError(decodeResponse(codec, response), (problems) => mismatch(response, problems))
        )
        const opened = yield* Effect.mapError(ChatStream.open(chunks), withPartial)
        const pull = withoutReset(opened, "elements", () => items.given > 0)
        // One element at a time, so that those before one that does not fit are read.
        const next: Read<ElementOf<A, Key>, E | ElementError, R> = Effect.suspend(() => {
          if (items.hasNext) return Effect.map(decodeItem(items.next()), (element) => [element])
          return Effect.flatMap(pull, (read) => {
            if (read.length === 0) return Effect.as(decodeAll, [])
            for (const chunk of read) {
              fold.add(chunk)
              items.add(chunk)
            }
            return next
          })
        })
        return Effect.mapError(next, withPartial)
      })
    )

/** The items of the list that are complete. Mutable, as an answer can start again before one of them was given. */
class CompleteItems {
  /** How many were given. */
  given = 0
  private items: Array<unknown> = []
  private json: PartialJson

  constructor(
    private readonly shape: Shape,
    private readonly key: string
  ) {
    this.json = this.parser()
  }

  add({ content, reset }: StreamChunk): void {
    if (reset === true) {
      this.items = []
      this.json = this.parser()
    }
    this.json.push(content)
  }

  get hasNext(): boolean {
    return this.given < this.items.length
  }

  next(): unknown {
    return this.items[this.given++]
  }

  private parser(): PartialJson {
    return new PartialJson(this.shape, { key: this.key, onItem: (item) => this.items.push(item) })
  }
}

/** Makes what decodes the items of a list, in their order. */
const itemDecoder = <Element>(decode: Decode<Element>, shape: Shape, key: string) => {
  let next = 0
  return (item: unknown): Effect.Effect<Element, ProviderError> => {
    const index = next++
    return Effect.mapError(decode(withoutAbsentNulls(item, shape.member(key).item(index))), (error) =>
      misfit([key, index, problemsOf(error)[0]?.path ?? ""])
    )
  }
}

const misfit = (place: ReadonlyArray<string | number>): ProviderError =>
  new ProviderError({
    provider: "",
    model: "",
    message: `the answer does not fit the schema: ${place.filter((step) => step !== "").join(".")}`
  })

const withoutElements = (key: string): ValidationError =>
  invalidRequest(`elements needs an effect/Schema with a list at ${JSON.stringify(key)}`, "", undefined)

type Decode<Element> = (item: unknown) => Effect.Effect<Element, ParseResult.ParseError>

const decoderOf = <Element>(schema: unknown, key: string): Option.Option<Decode<Element>> =>
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
