/** Opens the responses of one protocol: sends the request, then reads the network one read at a time. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { Pull } from "../../domain/ChatStream.js"
import type { LLMError } from "../../domain/LLMError.js"
import type * as Body from "../../http/Body.js"
import type { Encoded, Protocol } from "../../protocol/Protocol.js"
import type { CallObserver } from "../CallObserver.js"
import type { Open, OpenOptions } from "../Provider.js"
import type { ProviderRuntime } from "../ProviderRuntime.js"
import { prepareRequest } from "./prepareRequest.js"
import { invalid, type RequestContext } from "./RequestContext.js"
import { decoders, type ResponseDecoder } from "./ResponseDecoder.js"
import { endOf, ResponseReader } from "./ResponseReader.js"
import { beginBody, type Received, readJson, sender } from "./send.js"

/** A response that has begun. */
export interface OpenedResponse<Event, State> {
  readonly pull: Pull
  readonly decoder: ResponseDecoder<Event, State>
  readonly context: RequestContext
  readonly encoded: Encoded
  /** Continues the response with the body of another one. */
  readonly continueWith: (received: Received) => Effect.Effect<Pull, never, Scope.Scope>
}

/** Makes the `open` of a provider that speaks a protocol. */
export const openStream = <Event, State>(runtime: ProviderRuntime, protocol: Protocol<Event, State>): Open => {
  const open = opener(runtime, protocol)
  return (chat, options) => Effect.map(open(chat, options), ({ pull }) => pull)
}

/** Makes what opens the responses of a provider that speaks a protocol. */
export const opener = <Event, State>(runtime: ProviderRuntime, protocol: Protocol<Event, State>) => {
  const send = sender(runtime, protocol)
  const newDecoder = decoders(protocol, runtime.sizeLimits)
  const request = (chat: ChatRequest, options: OpenOptions | undefined, isStream: boolean) =>
    Effect.gen(function* () {
      const { prepared, context } = yield* prepareRequest(chat, runtime, protocol, options)
      const encoded = protocol.encode(prepared, isStream)
      if (Either.isLeft(encoded)) return yield* invalid(context, encoded.left)
      const received = yield* send({
        encoded: encoded.right,
        context: { ...context, warnings: encoded.right.warnings },
        isStream,
        timeouts: options?.timeouts,
        onRateLimits: options?.onRateLimits,
        observer: options?.observer
      })
      const decoder = newDecoder(received.context, prepared.hostedTools !== undefined)
      return { received, decoder, context, encoded: encoded.right }
    })
  return (
    chat: ChatRequest,
    options: OpenOptions | undefined
  ): Effect.Effect<OpenedResponse<Event, State>, LLMError, Scope.Scope> =>
    Effect.gen(function* () {
      const isStream = options?.stream !== false
      const { received, decoder, context, encoded } = yield* request(chat, options, isStream)
      const { body, holdsJson } = yield* bodyOf(received, isStream)
      const report = reporter(decoder, options?.observer)
      const pull = holdsJson
        ? jsonPull(decoder, yield* readJson(body, received, runtime.sizeLimits.maxResponseBytes), body, report)
        : new ResponseReader(decoder, body, received, report).pull
      const continueWith = (next: Received) =>
        Effect.map(next.body, (rest) => new ResponseReader(decoder, rest, next, report).pull)
      return { pull, decoder, context, encoded, continueWith }
    })
}

/** Whether a response says that it is JSON, not a stream of events or of objects. */
export const isJson = ({ context }: Received): boolean => {
  const type = context.headers["content-type"] ?? ""
  return /\bjson\b/i.test(type) && !/\bstream\b/i.test(type)
}

/**
 * Opens a body, and tells whether it is one JSON. Some servers say that of their streams too: the first read decides. One
 * JSON shows nothing before its end, so it has the time of a response that was not streamed.
 */
const bodyOf = (received: Received, isStream: boolean) =>
  Effect.gen(function* () {
    const body = yield* received.body
    if (!isStream || !isJson(received)) return { body, holdsJson: !isStream }
    received.timers.continueAs(false)
    const begun = yield* beginBody(body, received)
    received.timers.continueAs(begun.beginsEvents)
    return { body: begun.body, holdsJson: !begun.beginsEvents }
  })

/** Reports the provider's id of the response once, as soon as it is known. */
const reporter = <Event, State>(decoder: ResponseDecoder<Event, State>, observer: CallObserver | undefined) => {
  let isReported = observer === undefined
  return (): void => {
    if (isReported || decoder.responseId === undefined) return
    isReported = true
    observer?.onEvent({ type: "response", id: decoder.responseId })
  }
}

/** A response in one JSON body, or in a text of events: all its chunks at once, then its end. */
const jsonPull = <Event, State>(
  decoder: ResponseDecoder<Event, State>,
  response: unknown,
  body: Body.Body,
  report: () => void
): Pull => {
  let chunks = typeof response === "string" ? decoder.readEvents(response) : decoder.readResponse(response)
  report()
  return Effect.suspend(() => {
    if (chunks.length === 0) return endOf(decoder, body)
    const all = chunks
    chunks = []
    return Effect.succeed(all)
  })
}
