/** The types that stream operators return, checked by the compiler. */
import { Context, Data, Effect, Runtime, Schema, type Scope, Stream } from "effect"
import {
  type CallbackError,
  type ChatResponse,
  type CompleteObject,
  collect,
  compareLatency,
  type DeepPartial,
  fromAsyncIterable,
  type Latency,
  type LatencyComparison,
  LLMClient,
  type LLMError,
  latencyOf,
  type NetworkError,
  type ObjectStream,
  onToken,
  type PartialObject,
  type ProviderError,
  partialObjects,
  type StreamChunk,
  streamToolArguments,
  TextStream,
  tap,
  tapPrint,
  tee,
  toAsyncIterable,
  toAsyncIterableEffect,
  toReadableStream,
  toReadableStreamEffect,
  type ValidationError,
  withLatency
} from "llm-connectivity"
import { describe, expectTypeOf, it } from "vitest"
import { hello } from "../support/openai.js"

const stream: Stream.Stream<StreamChunk, LLMError, LLMClient> = LLMClient.chatStream(hello)
const own: Stream.Stream<StreamChunk, NetworkError> = Stream.empty
const runtime = Runtime.defaultRuntime as Runtime.Runtime<LLMClient>

class Full extends Data.TaggedError("Full") {}
class Log extends Context.Tag("Log")<Log, { readonly write: (text: string) => Effect.Effect<void, Full> }>() {}

const Recipe = Schema.Struct({
  title: Schema.NonEmptyString,
  kind: Schema.Literal("soup", "cake"),
  rating: Schema.Literal(1, 2, 3),
  made: Schema.Date,
  isHot: Schema.optional(Schema.Boolean),
  note: Schema.NullOr(Schema.String),
  steps: Schema.Array(Schema.Struct({ text: Schema.String, minutes: Schema.NumberFromString })),
  size: Schema.Tuple(Schema.Number, Schema.String)
})

interface PartialRecipe {
  readonly title?: string
  readonly kind?: string
  readonly rating?: number
  readonly made?: string
  readonly isHot?: boolean | undefined
  readonly note?: string | null
  readonly steps?: ReadonlyArray<{ readonly text?: string; readonly minutes?: string }>
  readonly size?: readonly [number?, string?]
}

describe("the types of stream operators", () => {
  it("give text views the error type of the stream", () => {
    expectTypeOf(stream.pipe(TextStream.sentences())).toEqualTypeOf<Stream.Stream<string, LLMError, LLMClient>>()
    expectTypeOf(own.pipe(TextStream.reasoning, TextStream.lines)).toEqualTypeOf<Stream.Stream<string, NetworkError>>()
    expectTypeOf(own.pipe(TextStream.bytes)).toEqualTypeOf<Stream.Stream<Uint8Array, NetworkError>>()
  })

  it("make every field of a partial object optional, and widen literals to text", () => {
    expectTypeOf<DeepPartial<typeof Recipe.Encoded>>().branded.toEqualTypeOf<PartialRecipe>()
    expectTypeOf<DeepPartial<"a" | null>>().toEqualTypeOf<string | null>()
    expectTypeOf<DeepPartial<unknown>>().toEqualTypeOf<unknown>()
  })

  it("distinguish a complete object from a partial one", () => {
    const objects = own.pipe(partialObjects(Recipe))
    type Element = PartialObject<typeof Recipe.Encoded> | CompleteObject<typeof Recipe.Type>
    const streamed = LLMClient.chatObjectStream(Recipe, hello)
    type Objects<E, R = never> = ObjectStream<typeof Recipe.Type, typeof Recipe.Encoded, E, R>
    expectTypeOf(objects).toEqualTypeOf<Objects<NetworkError | ProviderError>>()
    expectTypeOf(streamed).toEqualTypeOf<Objects<LLMError, LLMClient>>()
    expectTypeOf(streamed).toMatchTypeOf<Stream.Stream<Element, LLMError, LLMClient>>()
    Stream.map(objects, (each) => {
      expectTypeOf(each.object.title).toEqualTypeOf<string | undefined>()
      if (each.isComplete) expectTypeOf(each.object.made).toEqualTypeOf<Date>()
      else expectTypeOf(each.object.made).toEqualTypeOf<string | undefined>()
    })
    const City = Schema.Struct({ city: Schema.String })
    Stream.map(stream.pipe(streamToolArguments("weather", City)), (each) => {
      expectTypeOf(each.arguments.city).toEqualTypeOf<string | undefined>()
      if (each.isComplete) expectTypeOf(each.arguments.city).toEqualTypeOf<string>()
    })
    expectTypeOf(own.pipe(streamToolArguments("weather", City))).toMatchTypeOf<
      Stream.Stream<unknown, NetworkError | ValidationError>
    >()
  })

  it("add the errors and requirements of callbacks, and nothing for callbacks without either", () => {
    expectTypeOf(stream.pipe(onToken(() => {}))).toEqualTypeOf<typeof stream>()
    expectTypeOf(
      stream.pipe(
        onToken(() => [].push()),
        tapPrint(),
        collect
      )
    ).toEqualTypeOf<Effect.Effect<ChatResponse, LLMError, LLMClient>>()
    expectTypeOf(own.pipe(onToken(async () => {}))).toEqualTypeOf<
      Stream.Stream<StreamChunk, NetworkError | CallbackError>
    >()
    const logging = onToken((text) => Effect.flatMap(Log, (log) => log.write(text)))
    expectTypeOf(own.pipe(logging)).toEqualTypeOf<Stream.Stream<StreamChunk, NetworkError | Full, Log>>()
    expectTypeOf(own.pipe(logging, collect)).toEqualTypeOf<Effect.Effect<ChatResponse, NetworkError | Full, Log>>()
  })

  it("type the argument of each callback", () => {
    const tapped = own.pipe(
      tap({
        onToken: (text) => expectTypeOf(text).toEqualTypeOf<string>(),
        onFinish: (response) => {
          expectTypeOf(response).toEqualTypeOf<ChatResponse>()
          return Effect.fail(new Full())
        },
        onFailure: (error) => {
          expectTypeOf(error).toEqualTypeOf<LLMError>()
          return Log
        }
      })
    )
    expectTypeOf(tapped).toEqualTypeOf<Stream.Stream<StreamChunk, NetworkError | Full, Log>>()
    const other = Stream.mapError(own, () => new Full())
    expectTypeOf(other.pipe(tap({ onToken: () => {} }))).toEqualTypeOf<Stream.Stream<StreamChunk, Full>>()
    // @ts-expect-error: the callback expects an LLMError, but this stream fails with another error
    other.pipe(tap({ onFailure: (error) => error.attempts }))
    other.pipe(tap({ onFailure: (error: LLMError | Full) => error._tag }))
    // @ts-expect-error: there is no such callback
    own.pipe(tap({ onToken: () => {}, onTokens: () => {} }))
  })

  it("keep the error type in both branches", () => {
    expectTypeOf(tee(stream)).toEqualTypeOf<
      Effect.Effect<
        readonly [Stream.Stream<StreamChunk, LLMError>, Stream.Stream<StreamChunk, LLMError>],
        never,
        LLMClient | Scope.Scope
      >
    >()
  })

  it("require a runtime only if the stream has requirements", () => {
    expectTypeOf(toAsyncIterable(own)).toEqualTypeOf<AsyncIterable<StreamChunk>>()
    expectTypeOf(toAsyncIterable(stream, runtime)).toEqualTypeOf<AsyncIterable<StreamChunk>>()
    expectTypeOf(toReadableStream(own)).toEqualTypeOf<ReadableStream<StreamChunk>>()
    expectTypeOf(toReadableStream(stream, runtime)).toEqualTypeOf<ReadableStream<StreamChunk>>()
    // @ts-expect-error: the client is missing
    toAsyncIterable(stream)
    // @ts-expect-error: the client is missing
    toReadableStream(stream)
    expectTypeOf(toAsyncIterableEffect(stream)).toEqualTypeOf<
      Effect.Effect<AsyncIterable<StreamChunk>, never, LLMClient>
    >()
    expectTypeOf(toReadableStreamEffect(stream.pipe(TextStream.bytes))).toEqualTypeOf<
      Effect.Effect<ReadableStream<Uint8Array>, never, LLMClient>
    >()
    expectTypeOf(fromAsyncIterable(toAsyncIterable(own))).toEqualTypeOf<Stream.Stream<StreamChunk, LLMError>>()
  })

  it("keep the type of a measured stream", () => {
    expectTypeOf(stream.pipe(withLatency(() => {}))).toEqualTypeOf<typeof stream>()
    expectTypeOf(own.pipe(withLatency(() => Log))).toEqualTypeOf<Stream.Stream<StreamChunk, NetworkError, Log>>()
    expectTypeOf(latencyOf(own)).toEqualTypeOf<Effect.Effect<Latency, NetworkError>>()
    expectTypeOf(compareLatency(hello)).toEqualTypeOf<Effect.Effect<LatencyComparison, LLMError, LLMClient>>()
  })
})
