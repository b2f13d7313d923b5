/** The one pump: executes, checks, splits, validates, steps and maps errors for every protocol. */
import type { HttpClient } from "@effect/platform"
import { Effect, Either, type Scope } from "effect"
import type { Protocol } from "../protocol/Protocol.js"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import type { LLMError } from "../domain/LLMError.js"
import * as Body from "../http/Body.js"
import * as HttpFailure from "../http/httpErrors.js"
import { type AnswerReader, readers } from "./ResponseDecoder.js"
import type { Pull } from "./ChatStream.js"
import * as AnswerStream from "./ChatStream.js"
import { Clocks } from "./StreamTimers.js"
import type { Bounds, Connection } from "./Endpoint.js"
import { invalid, poster, readAnswer } from "./send.js"
import type { CallOptions, Provider } from "./Provider.js"
import { ask } from "./prepareRequest.js"
import { type Limits, limitsOf } from "./Timeouts.js"

/** Makes a provider of a protocol, an address and a client. */
export const make = <Event, State>(
  protocol: Protocol<Event, State>,
  connection: Connection,
  client: HttpClient.HttpClient
): Provider => {
  const line: Line<Event, State> = {
    open: opener(protocol, connection, client),
    newReader: readers(protocol, connection.bounds),
    bounds: connection.bounds
  }
  return {
    name: connection.provider,
    chatStream: (request, options) => AnswerStream.make(Effect.suspend(() => begin(line, request, options))),
    chat: (request, options) => Effect.suspend(() => Effect.scoped(chat(line, request, options)))
  }
}

/** What is made once for all the answers of a provider. */
interface Line<Event, State> {
  readonly open: ReturnType<typeof opener<Event, State>>
  readonly newReader: ReturnType<typeof readers<Event, State>>
  readonly bounds: Bounds
}

const opener = <Event, State>(
  protocol: Protocol<Event, State>,
  connection: Connection,
  client: HttpClient.HttpClient
) => {
  const post = poster(protocol, connection, client)
  return (request: ChatRequest, limits: Limits, clocks?: Clocks) =>
    Effect.gen(function* () {
      const { question, exchange } = yield* ask(request, connection)
      const encoded = protocol.encode(question, clocks !== undefined)
      return yield* Either.isLeft(encoded)
        ? invalid(exchange, encoded.left)
        : post(encoded.right, exchange, limits, clocks)
    })
}

const begin = <Event, State>(
  { open, newReader, bounds }: Line<Event, State>,
  request: ChatRequest,
  options?: CallOptions
): AnswerStream.Open =>
  Effect.gen(function* () {
    const limits = limitsOf(options?.timeouts, true)
    const clocks = new Clocks(yield* Effect.clock, limits)
    yield* Effect.forkScoped(clocks.watch)
    const { response, exchange } = yield* open(request, limits, clocks)
    const reader = newReader(exchange, options?.costOf)
    const body = yield* Body.open(response)
    if (/\bjson\b/.test(response.headers["content-type"] ?? ""))
      return whole(reader, yield* readAnswer(body, exchange, bounds), body)
    return pullOf({ reader, body, clocks, exchange })
  })

const chat = <Event, State>(
  { open, newReader, bounds }: Line<Event, State>,
  request: ChatRequest,
  options?: CallOptions
): Effect.Effect<ChatResponse, LLMError, Scope.Scope> =>
  Effect.gen(function* () {
    const { response, exchange } = yield* open(request, limitsOf(options?.timeouts, false))
    const reader = newReader(exchange, options?.costOf)
    const chunks = reader.pushAnswer(yield* readAnswer(yield* Body.open(response), exchange, bounds))
    const fold = new ChatFold()
    for (const chunk of chunks) fold.add(chunk)
    if (reader.outcome !== undefined && reader.outcome !== "complete") return yield* reader.outcome
    return fold.response() ?? (yield* HttpFailure.truncated(exchange, chunks.length))
  })

interface Pulled<Event, State> {
  readonly reader: AnswerReader<Event, State>
  readonly body: Body.Body
  readonly clocks: Clocks
  readonly exchange: HttpFailure.Exchange
}

/**
 * Waits for network reads until one completes a chunk or the answer has ended; a clock that runs out and a connection
 * that breaks end it too.
 */
const pullOf = <Event, State>({ reader, body, clocks, exchange }: Pulled<Event, State>): Pull => {
  const ended: Pull = Effect.suspend(() => endOf(reader, body))
  const take = (bytes: Uint8Array | undefined): Pull =>
    Effect.suspend(() => {
      const chunks = bytes === undefined ? reader.end() : reader.push(bytes)
      if (reader.hasContent) clocks.stopFirstContent()
      if (chunks.length > 0) return Effect.succeed(chunks)
      return reader.outcome === undefined ? pull : ended
    })
  const pull: Pull = Effect.async((resume) => {
    if (reader.outcome !== undefined) return resume(ended)
    clocks.start((clock, afterMillis) => {
      reader.fail(HttpFailure.timedOut(exchange, clock, afterMillis))
      resume(ended)
    })
    body.next(
      (bytes) => {
        clocks.stop()
        resume(take(bytes))
      },
      (cause) => {
        clocks.stop()
        reader.breakOff(cause)
        resume(ended)
      }
    )
  })
  return pull
}

const endOf = <Event, State>(reader: AnswerReader<Event, State>, body: Body.Body): Pull =>
  reader.outcome === undefined || reader.outcome === "complete"
    ? Effect.as(Body.drain(body), [])
    : Effect.fail(reader.outcome)

/** A provider that answered a streamed request with a whole answer: its chunks at once. */
const whole = <Event, State>(reader: AnswerReader<Event, State>, answer: unknown, body: Body.Body): Pull => {
  let chunks = reader.pushAnswer(answer)
  return Effect.suspend(() => {
    if (chunks.length === 0) return endOf(reader, body)
    const all = chunks
    chunks = []
    return Effect.succeed(all)
  })
}
