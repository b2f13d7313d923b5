/** Relays the stream of a client in the events of OpenAI's protocols. */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ChatStream } from "../../domain/ChatStream.js"
import type { LLMError } from "../../domain/LLMError.js"
import type { ResponseWriter } from "../../protocol/serve/ResponseWriter.js"
import { withoutReset } from "../../provider/engine/withoutReset.js"
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
  const opening = Effect.map(stream.open, (pull) => withoutReset(pull, "OpenAI's protocol"))
  return relay(ChatStream.make(opening), events, call.relay)
}
