/** Maps each path to its protocol and handler. */
import { Either } from "effect"
import type { JsonObject } from "../../http/Json.js"
import { AnthropicWire } from "../../protocol/anthropic-messages/serve/response.js"
import { GoogleWire } from "../../protocol/google-gemini/serve/response.js"
import { OpenAIChatWire } from "../../protocol/openai-chat/serve/response.js"
import { OpenAIResponsesWire } from "../../protocol/openai-responses/serve/response.js"
import { object } from "../../protocol/serve/fields.js"
import type { ServedError } from "../../protocol/serve/ServedError.js"
import type { Address, Responded, Wire, WireEvent } from "../../protocol/serve/Wire.js"
import { queryOf } from "./Keys.js"
import { embedGoogle, embedOpenAI } from "./replies/embeddings.js"
import { promptTokensOf } from "./replies/promptTokens.js"
import { answerTo } from "./replies/reply.js"
import type { ProtocolName, SimulatedReply } from "./SimulatedReply.js"

/** What is done with the requests of an address. */
export interface Endpoint {
  readonly protocol: ProtocolName
  readonly wire: Wire
  /** The model in the path, where it stands there. */
  readonly model: string
  readonly respond: (body: JsonObject, reply: SimulatedReply) => Either.Either<Responded, ServedError>
}

type Respond = Endpoint["respond"]

/** The wires of the protocols. */
export const wires: { readonly [Each in ProtocolName]: Wire } = {
  "openai-chat": OpenAIChatWire,
  "openai-responses": OpenAIResponsesWire,
  "anthropic-messages": AnthropicWire,
  "google-gemini": GoogleWire
}

const events = "text/event-stream; charset=utf-8"

const chat =
  (wire: Wire, address: Address, isList = false): Respond =>
  (body, reply) =>
    Either.flatMap(wire.read(body, address), (parsed): Either.Either<Responded, ServedError> => {
      if (parsed.model.includes("unknown")) return Either.left({ kind: "modelNotFound" })
      const answer = answerTo(parsed, reply)
      if (!parsed.isStream) {
        const pieces = answer.reasoning.length + answer.content.length
        return Either.right({ type: "whole", body: wire.whole(answer, parsed), pieces })
      }
      const stream = wire.events(answer, parsed)
      return Either.right(
        isList
          ? { type: "stream", contentType: "application/json; charset=utf-8", events: listed(stream) }
          : { type: "stream", contentType: events, events: stream }
      )
    })

/** Gemini without `alt=sse`: one JSON list, written as it grows. */
const listed = (stream: ReadonlyArray<WireEvent>): ReadonlyArray<WireEvent> => [
  ...stream.map((event, index) => ({
    ...event,
    text: `${index === 0 ? "[" : ",\r\n"}${event.text.slice("data: ".length).trimEnd()}`
  })),
  { part: "frame", text: "]" }
]

const count =
  (wire: Wire, address: Address, bodyOf: (tokens: number) => JsonObject): Respond =>
  (body) =>
    Either.map(wire.read(body, { ...address, isCount: true }), (parsed) => ({
      type: "whole",
      body: bodyOf(promptTokensOf(parsed).inputTokens),
      pieces: 0
    }))

/** Finds what is served at a path. */
export const endpointAt = (path: string, headers: Address["headers"]): Endpoint | undefined => {
  const address = { model: "", isStream: false, isCount: false, headers }
  const at = (protocol: ProtocolName, respond: Respond, model = ""): Endpoint => ({
    protocol,
    wire: wires[protocol],
    model,
    respond
  })
  const [name = ""] = path.split("?")
  switch (name) {
    case "/v1/chat/completions":
      return at("openai-chat", chat(OpenAIChatWire, address))
    case "/v1/embeddings":
      return at("openai-chat", embedOpenAI)
    case "/v1/responses":
      return at("openai-responses", chat(OpenAIResponsesWire, address))
    case "/v1/responses/input_tokens":
      return at("openai-responses", count(OpenAIResponsesWire, address, countedByOpenAI))
    case "/v1/messages":
      return at("anthropic-messages", chat(AnthropicWire, address))
    case "/v1/messages/count_tokens":
      return at(
        "anthropic-messages",
        count(AnthropicWire, address, (tokens) => ({ input_tokens: tokens }))
      )
    default: {
      const respond = google(name, queryOf(path).get("alt") !== "sse", address)
      return respond === undefined ? undefined : at("google-gemini", respond.respond, respond.model)
    }
  }
}

const countedByOpenAI = (tokens: number): JsonObject => ({ object: "response.input_tokens", input_tokens: tokens })

const countedByGoogle = (tokens: number): JsonObject => ({
  totalTokens: tokens,
  promptTokensDetails: [{ modality: "TEXT", tokenCount: tokens }]
})

const google = (
  path: string,
  isList: boolean,
  address: Address
): { readonly model: string; readonly respond: Respond } | undefined => {
  const [, named = "", method] = /^\/v1(?:beta|alpha)?\/(?:models|tunedModels)\/([^:]+):(\w+)$/.exec(path) ?? []
  const model = decodeURIComponent(named)
  switch (method) {
    case "generateContent":
      return { model, respond: chat(GoogleWire, { ...address, model }) }
    case "streamGenerateContent":
      return { model, respond: chat(GoogleWire, { ...address, model, isStream: true }, isList) }
    case "batchEmbedContents":
      return { model, respond: embedGoogle(model) }
    case "countTokens": {
      const counted = count(GoogleWire, { ...address, model }, countedByGoogle)
      // The request may stand whole inside, as the official client of Vertex sends it.
      return { model, respond: (body, reply) => counted(object(body["generateContentRequest"] ?? body), reply) }
    }
    default:
      return undefined
  }
}

/** The protocol whose error format an unknown path gets. */
export const protocolOf = (path: string, headers: Address["headers"]): ProtocolName => {
  if (path.startsWith("/v1beta")) return "google-gemini"
  if (headers["anthropic-version"] !== undefined || path.startsWith("/v1/messages")) return "anthropic-messages"
  return path.startsWith("/v1/responses") ? "openai-responses" : "openai-chat"
}
