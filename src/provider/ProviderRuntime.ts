/** The one pump: executes, checks, splits, validates, steps and maps errors for every protocol. */
import type { HttpClient } from "@effect/platform"
import { Effect, Either, type Scope } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import type { LLMError } from "../domain/LLMError.js"
import * as Body from "../http/Body.js"
import * as httpErrors from "../http/httpErrors.js"
import type { Protocol } from "../protocol/Protocol.js"
import type { Pull } from "./ChatStream.js"
import * as ChatStream from "./ChatStream.js"
import type { Connection, SizeLimits } from "./Endpoint.js"
import type { CallOptions, Provider } from "./Provider.js"
import { prepareRequest } from "./prepareRequest.js"
import { type ResponseDecoder, readers } from "./ResponseDecoder.js"
import { StreamTimers } from "./StreamTimers.js"
import { invalid, poster, readAnswer } from "./send.js"
import { type TimeoutMillis, timeoutMillis } from "./Timeouts.js"

/** Makes a provider of a protocol, an address and a client. */
export const make = <Event, State>(
  protocol: Protocol<Event, State>,
  connection: Connection,
  client: HttpClient.HttpClient
): Provider => {
  const line: Line<Event, State> = {
    open: opener(protocol, connection, client),
    newReader: readers(protocol, connection.sizeLimits),
    sizeLimits: connection.sizeLimits
  }
  return {
    name: connection.provider,
    chatStream: (request, options) => ChatStream.make(Effect.suspend(() => begin(line, request, options))),
    chat: (request, options) => Effect.suspend(() => Effect.scoped(chat(line, request, options)))
  }
}

/** What is made once for all the answers of a provider. */
interface Line<Event, State> {
  readonly open: ReturnType<typeof opener<Event, State>>
  readonly newReader: ReturnType<typeof readers<Event, State>>
  readonly sizeLimits: SizeLimits
}

const opener = <Event, State>(
  protocol: Protocol<Event, State>,
  connection: Connection,
  client: HttpClient.HttpClient
) => {
  const post = poster(protocol, connection, client)
  return (request: ChatRequest, limits: TimeoutMillis, timers?: StreamTimers) =>
    Effect.gen(function* () {
      const { prepared, context } = yield* prepareRequest(request, connection)
      const encoded = protocol.encode(prepared, timers !== undefined)
      return yield* Either.isLeft(encoded)
        ? invalid(context, encoded.left)
        : post(encoded.right, context, limits, timers)
    })
}

const begin = <Event, State>(
  { open, newReader, sizeLimits }: Line<Event, State>,
  request: ChatRequest,
  options?: CallOptions
): ChatStream.Open =>
  Effect.gen(function* () {
    const limits = timeoutMillis(options?.timeouts, true)
    const timers = new StreamTimers(yield* Effect.clock, limits)
    yield* Effect.forkScoped(timers.watch)
    const { response, context } = yield* open(request, limits, timers)
    const reader = newReader(context, options?.costOf)
    const body = yield* Body.open(response)
    if (/\bjson\b/.test(response.headers["content-type"] ?? ""))
      return whole(reader, yield* readAnswer(body, context, sizeLimits), body)
    return pullOf({ reader, body, timers, context })
  })

const chat = <Event, State>(
  { open, newReader, sizeLimits }: Line<Event, State>,
  request: ChatRequest,
  options?: CallOptions
): Effect.Effect<ChatResponse, LLMError, Scope.Scope> =>
  Effect.gen(function* () {
    const { response, context } = yield* open(request, timeoutMillis(options?.timeouts, false))
    const reader = newReader(context, options?.costOf)
    const chunks = reader.readResponse(yield* readAnswer(yield* Body.open(response), context, sizeLimits))
    const fold = new ChatFold()
    for (const chunk of chunks) fold.add(chunk)
    if (reader.outcome !== undefined && reader.outcome !== "complete") return yield* reader.outcome
    return fold.response() ?? (yield* httpErrors.truncated(context, chunks.length))
  })

interface Pulled<Event, State> {
  readonly reader: ResponseDecoder<Event, State>
  readonly body: Body.Body
  readonly timers: StreamTimers
  readonly context: httpErrors.RequestContext
}

/**
 * Waits for network reads until one completes a chunk or the answer has ended; a clock that runs out and a connection
 * that breaks end it too.
 */
const pullOf = <Event, State>({ reader, body, timers, context }: Pulled<Event, State>): Pull => {
  const ended: Pull = Effect.suspend(() => endOf(reader, body))
  const take = (bytes: Uint8Array | undefined): Pull =>
    Effect.suspend(() => {
      const chunks = bytes === undefined ? reader.end() : reader.push(bytes)
      if (reader.hasContent) timers.stopFirstContent()
      if (chunks.length > 0) return Effect.succeed(chunks)
      return reader.outcome === undefined ? pull : ended
    })
  const pull: Pull = Effect.async((resume) => {
    if (reader.outcome !== undefined) return resume(ended)
    timers.start((clock, afterMillis) => {
      reader.fail(httpErrors.timedOut(context, clock, afterMillis))
      resume(ended)
    })
    body.next(
      (bytes) => {
        timers.stop()
        resume(take(bytes))
      },
      (cause) => {
        timers.stop()
        reader.disconnected(cause)
        resume(ended)
      }
    )
  })
  return pull
}

const endOf = <Event, State>(reader: ResponseDecoder<Event, State>, body: Body.Body): Pull =>
  reader.outcome === undefined || reader.outcome === "complete"
    ? Effect.as(Body.drain(body), [])
    : Effect.fail(reader.outcome)

/** A provider that answered a streamed request with a whole answer: its chunks at once. */
const whole = <Event, State>(reader: ResponseDecoder<Event, State>, answer: unknown, body: Body.Body): Pull => {
  let chunks = reader.readResponse(answer)
  return Effect.suspend(() => {
    if (chunks.length === 0) return endOf(reader, body)
    const all = chunks
    chunks = []
    return Effect.succeed(all)
  })
}
