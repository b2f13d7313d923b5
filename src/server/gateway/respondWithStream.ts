/** Relays the stream of a client in the events of OpenAI's protocols. */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ChatStream } from "../../domain/ChatStream.js"
import { type LLMError, NetworkError } from "../../domain/LLMError.js"
import type { ResponseWriter } from "../../protocol/serve/ResponseWriter.js"
import { type EventWriter, relay } from "../relay.js"
import { type GatewayCall, logHidden, rejectionIn } from "./GatewayCall.js"
import { rejectionOf, toResponse } from "./Rejection.js"

/** Responds with a stream. A failure before the first event has the status of its error. */
export const respondWithStream = (
  stream: ChatStream<LLMError>,
  model: string,
  writer: ResponseWriter,
  call: GatewayCall
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope> => {
  const events: EventWriter<LLMError> = {
    encode: (chunks) => {
      let text = ""
      for (const chunk of chunks) text += writer.encode(chunk)
      return text
    },
    end: () => writer.end(),
    fail: (cause) => {
      const rejected = Cause.map(cause, (error) => rejectionOf(error, model))
      const rejection = rejectionIn(rejected)
      const reported = { event: writer.fail(rejection), response: toResponse(rejection) }
      return Effect.as(logHidden(call.id, rejected), reported)
    }
  }
  return relay(withoutReset(stream), events, call.relay)
}

/** Fails at `chunk.reset`, because OpenAI's protocols cannot take back what was sent. */
const withoutReset = (stream: ChatStream<LLMError>): ChatStream<LLMError> =>
  ChatStream.make(
    Effect.map(stream.open, (pull) =>
      Effect.flatMap(pull, (chunks) =>
        chunks.some(({ reset }) => reset === true) ? Effect.fail(startedAgain) : Effect.succeed(chunks)
      )
    )
  )

const startedAgain = new NetworkError({
  provider: "",
  model: "",
  reason: "Truncated",
  message: "the answer was cut off and started again, which OpenAI's protocol cannot express; remove recoverMidStream"
})
