/** The one pump: executes, checks, splits, validates, steps and maps errors for every dialect. */
import type { HttpClient } from "@effect/platform"
import { Channel, Chunk, Effect, Either, Exit, type Scope, Scope as ScopeModule, Stream } from "effect"
import type { Dialect } from "../dialect/Dialect.js"
import { type ChatRequest, check } from "../domain/ChatRequest.js"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Body from "../wire/Body.js"
import * as HttpFailure from "../wire/HttpFailure.js"
import { type AnswerReader, readers } from "./AnswerReader.js"
import { Clocks } from "./Clocks.js"
import type { Connection } from "./Connection.js"
import { begin, invalid, poster, readAnswer } from "./Exchange.js"
import type { Provider } from "./Provider.js"
import { type Limits, limitsOf } from "./Timeouts.js"

/** Makes a provider of a dialect, an address and a client. */
export const make = <Event, State>(
  dialect: Dialect<Event, State>,
  connection: Connection,
  client: HttpClient.HttpClient
): Provider => {
  const post = poster(dialect, connection, client)
  const { bounds } = connection
  const newReader = readers(dialect, bounds)

  const open = (request: ChatRequest, isStream: boolean, limits: Limits) =>
    Effect.gen(function* () {
      const { model, ...checked } = yield* check(request, connection.provider)
      const exchange = begin(connection, model ?? "", checked.messages)
      if (model === undefined) return yield* invalid(exchange, "no model is named; set one in the layer or the request")
      const encoded = dialect.encode({ ...checked, model }, isStream)
      return yield* Either.isLeft(encoded)
        ? invalid(exchange, encoded.left)
        : post(encoded.right, exchange, limits, isStream)
    })

  const start = (request: ChatRequest, limits: Limits) =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      const sentAt = clock.unsafeCurrentTimeMillis()
      const { response, exchange } = yield* open(request, true, limits)
      const reader = newReader(exchange)
      const body = yield* Body.open(response)
      if (/\bjson\b/.test(response.headers["content-type"] ?? ""))
        return yield* whole(reader, readAnswer(body, exchange, bounds), body)
      const clocks = new Clocks(clock, limits, clock.unsafeCurrentTimeMillis() - sentAt)
      yield* Effect.forkScoped(clocks.watch)
      return pump({ reader, body, clocks, exchange })
    })

  const chat = (request: ChatRequest, limits: Limits): Effect.Effect<ChatResponse, LLMError, Scope.Scope> =>
    Effect.gen(function* () {
      const { response, exchange } = yield* open(request, false, limits)
      const reader = newReader(exchange)
      const chunks = reader.pushAnswer(yield* readAnswer(yield* Body.open(response), exchange, bounds))
      const fold = new ChatFold()
      for (const chunk of chunks) fold.add(chunk)
      if (reader.outcome !== undefined && reader.outcome !== "complete") return yield* reader.outcome
      return fold.response() ?? (yield* HttpFailure.truncated(exchange, chunks.length))
    })

  return {
    name: connection.provider,
    chatStream: (request, options) =>
      scopedStream(Effect.suspend(() => start(request, limitsOf(options?.timeouts, true)))),
    chat: (request, options) => Effect.suspend(() => Effect.scoped(chat(request, limitsOf(options?.timeouts, false))))
  }
}

type Answer = Channel.Channel<Chunk.Chunk<StreamChunk>, unknown, LLMError>

/** A stream whose socket closes with it; no channel stands between it and the pump, as each costs 10 µs per read. */
const scopedStream = (start: Effect.Effect<Answer, LLMError, Scope.Scope>): Stream.Stream<StreamChunk, LLMError> =>
  Stream.fromChannel(
    Channel.acquireUseRelease(
      ScopeModule.make(),
      (scope) => Channel.unwrap(ScopeModule.extend(start, scope)),
      (scope, exit) => ScopeModule.close(scope, Exit.asVoid(exit))
    )
  )

interface Pumped<Event, State> {
  readonly reader: AnswerReader<Event, State>
  readonly body: Body.Body
  readonly clocks: Clocks
  readonly exchange: HttpFailure.Exchange
}

/** Reads, and writes what each read completes, until the reader knows the outcome. */
const pump = <Event, State>(pumped: Pumped<Event, State>): Answer => {
  const { reader, body } = pumped
  const pull = pullOf(pumped)
  const ending: Answer = Channel.suspend(() => endingOf(reader, body))
  const loop: Answer = Channel.flatMap(Channel.fromEffect(pull), (chunks) =>
    chunks.length === 0
      ? ending
      : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(chunks)), () =>
          reader.outcome === undefined ? loop : ending
        )
  )
  return loop
}

/** Waits for one network read after the other until one completes a chunk or ends the answer. */
const pullOf = <Event, State>({ reader, body, clocks, exchange }: Pumped<Event, State>) => {
  const read = Effect.async<Uint8Array | undefined>((resume) => {
    clocks.start((clock, afterMillis) => {
      reader.fail(HttpFailure.timedOut(exchange, clock, afterMillis))
      resume(Effect.succeed(new Uint8Array()))
    })
    body.next(
      (bytes) => {
        clocks.stop()
        resume(Effect.succeed(bytes))
      },
      (cause) => {
        clocks.stop()
        reader.breakOff(cause)
        resume(Effect.succeed(new Uint8Array()))
      }
    )
  })
  const pull: Effect.Effect<ReadonlyArray<StreamChunk>> = Effect.flatMap(read, (bytes) => {
    if (reader.outcome !== undefined) return Effect.succeed([])
    const chunks = bytes === undefined ? reader.end() : reader.push(bytes)
    if (reader.hasContent) clocks.stopFirstContent()
    return chunks.length === 0 && reader.outcome === undefined ? pull : Effect.succeed(chunks)
  })
  return pull
}

const endingOf = <Event, State>(reader: AnswerReader<Event, State>, body: Body.Body): Answer =>
  reader.outcome === "complete"
    ? Channel.fromEffect(Body.drain(body))
    : reader.outcome === undefined
      ? Channel.void
      : Channel.fail(reader.outcome)

/** A provider that answered a streamed request with a whole answer: its chunks at once. */
const whole = <Event, State>(
  reader: AnswerReader<Event, State>,
  answer: Effect.Effect<unknown, LLMError>,
  body: Body.Body
): Effect.Effect<Answer, LLMError> =>
  Effect.map(answer, (json) =>
    Channel.flatMap(Channel.write(Chunk.unsafeFromArray(reader.pushAnswer(json))), () => endingOf(reader, body))
  )
