/** Maps each method and path to its protocol and handler. */
import * as Either from "effect/Either"
import type { JsonObject } from "../../http/Json.js"
import { anthropicMessages } from "../../protocol/anthropic-messages/serve/response.js"
import { listElement, listEnd } from "../../protocol/google-gemini/serve/json.js"
import { googleGemini } from "../../protocol/google-gemini/serve/response.js"
import { openAIChat } from "../../protocol/openai-chat/serve/response.js"
import { openAIResponses } from "../../protocol/openai-responses/serve/response.js"
import { object } from "../../protocol/serve/fields.js"
import type { ServedError } from "../../protocol/serve/ServedError.js"
import type { RequestTarget, StreamEvent, SuccessResponse, WireFormat } from "../../protocol/serve/WireFormat.js"
import { queryOf } from "./Keys.js"
import { isServed, listModels, type ModelScope, showModel } from "./models.js"
import { embedGoogle, embedOpenAI } from "./replies/embeddings.js"
import { promptTokensOf } from "./replies/promptTokens.js"
import { replyTo } from "./replies/reply.js"
import type { ProtocolName, SimulatedReply } from "./SimulatedReply.js"

type Result = Either.Either<SuccessResponse, ServedError>

/** What is done with the requests of a path. */
export interface Endpoint {
  readonly protocol: ProtocolName
  readonly wire: WireFormat
  /** The model in the path, where it stands there. */
  readonly model: string
  /** Whether the next scripted reply is for this request; a list of models has none. */
  readonly isScripted: boolean
  /** `false` if the requests have no body; `true` by default. */
  readonly hasBody?: boolean
  readonly respond: (body: JsonObject, reply: SimulatedReply) => Result
}

type Respond = Endpoint["respond"]

/** The wire formats of the protocols. */
export const wireFormats: { readonly [Each in ProtocolName]: WireFormat } = {
  "openai-chat": openAIChat,
  "openai-responses": openAIResponses,
  "anthropic-messages": anthropicMessages,
  "google-gemini": googleGemini
}

const chat =
  (wire: WireFormat, target: RequestTarget, scope: ModelScope, isList = false): Respond =>
  (body, reply) =>
    Either.flatMap(wire.parseRequest(body, target), (parsed): Result => {
      if (!isServed(parsed.model, scope)) return Either.left({ kind: "modelNotFound" })
      const served = replyTo(parsed, reply)
      if (!parsed.isStream) {
        const deltas = served.reasoning.length + served.content.length
        return Either.right({ type: "json", body: wire.responseBody(served, parsed), deltas })
      }
      const events = wire.streamEvents(served, parsed)
      return Either.right(
        isList
          ? { type: "stream", contentType: wire.json.contentType, events: listed(events) }
          : { type: "stream", contentType: wire.streamType, events }
      )
    })

/** Gemini without `alt=sse`: one JSON list, written as it grows. */
const listed = (events: ReadonlyArray<StreamEvent>): ReadonlyArray<StreamEvent> => [
  ...events.map((event, index) => ({ ...event, text: listElement(event.text, index === 0) })),
  { part: "framing", text: listEnd }
]

const count =
  (wire: WireFormat, target: RequestTarget, bodyOf: (tokens: number) => JsonObject): Respond =>
  (body) =>
    Either.map(wire.parseRequest(body, { ...target, isCount: true }), (parsed) => ({
      type: "json",
      body: bodyOf(promptTokensOf(parsed).inputTokens),
      deltas: 0
    }))

// Whatever stands before `/chat/completions` is the address of OpenAI or of a vendor.
const openAIPath = /^(.*?)\/(chat\/completions|embeddings)$/

/** Finds what is served at a path. */
export const endpointAt = (method: string, path: string, headers: RequestTarget["headers"]): Endpoint | undefined => {
  const [name = ""] = path.split("?")
  if (method === "GET") return modelsAt(name, headers)
  if (method !== "POST") return undefined
  const target: RequestTarget = { model: "", isStream: false, isCount: false, isCompatible: false, headers }
  const [, base = "", rest] = openAIPath.exec(name) ?? []
  const isCompatible = base !== "/v1"
  if (rest === "embeddings") return endpoint("openai-chat", embedOpenAI)
  if (rest !== undefined) {
    const scope = isCompatible ? "vendor" : "openai-chat"
    return endpoint("openai-chat", chat(openAIChat, { ...target, isCompatible }, scope))
  }
  switch (name) {
    case "/v1/responses":
      return endpoint("openai-responses", chat(openAIResponses, target, "openai-responses"))
    case "/v1/responses/input_tokens":
      return endpoint("openai-responses", count(openAIResponses, target, countedByOpenAI))
    case "/v1/messages":
      return endpoint("anthropic-messages", chat(anthropicMessages, target, "anthropic-messages"))
    case "/v1/messages/count_tokens":
      return endpoint("anthropic-messages", count(anthropicMessages, target, countedByAnthropic))
    default: {
      const respond = google(name, queryOf(path).get("alt") !== "sse", target)
      return respond === undefined ? undefined : endpoint("google-gemini", respond.respond, respond.model)
    }
  }
}

const endpoint = (protocol: ProtocolName, respond: Respond, model = "", isScripted = true): Endpoint => ({
  protocol,
  wire: wireFormats[protocol],
  model,
  isScripted,
  respond
})

const countedByOpenAI = (tokens: number): JsonObject => ({ object: "response.input_tokens", input_tokens: tokens })

const countedByAnthropic = (tokens: number): JsonObject => ({ input_tokens: tokens })

const countedByGoogle = (tokens: number): JsonObject => ({
  totalTokens: tokens,
  promptTokensDetails: [{ modality: "TEXT", tokenCount: tokens }]
})

const google = (
  path: string,
  isList: boolean,
  target: RequestTarget
): { readonly model: string; readonly respond: Respond } | undefined => {
  const [, named = "", method] = /^\/v1(?:beta|alpha)?\/(?:models|tunedModels)\/([^:]+):(\w+)$/.exec(path) ?? []
  const model = decoded(named)
  const scope = "google-gemini"
  switch (method) {
    case "generateContent":
      return { model, respond: chat(googleGemini, { ...target, model }, scope) }
    case "streamGenerateContent":
      return { model, respond: chat(googleGemini, { ...target, model, isStream: true }, scope, isList) }
    case "batchEmbedContents":
      return { model, respond: embedGoogle(model) }
    case "countTokens": {
      const counted = count(googleGemini, { ...target, model }, countedByGoogle)
      // The request may stand complete inside, as the official client of Vertex sends it.
      return { model, respond: (body, reply) => counted(object(body["generateContentRequest"] ?? body), reply) }
    }
    default:
      return undefined
  }
}

/** A percent-encoded name, as it is if it is wrongly encoded. */
const decoded = (name: string): string =>
  Either.getOrElse(
    Either.try(() => decodeURIComponent(name)),
    () => name
  )

/** The lists of models, and each model by its id. */
const modelsAt = (path: string, headers: RequestTarget["headers"]): Endpoint | undefined => {
  const [, base = "", name] = /^(.*?)\/models(?:\/(.+))?$/.exec(path) ?? []
  const protocol = protocolOf(path, headers)
  if (!path.startsWith(`${base}/models`) || base.includes("/models")) return undefined
  const scope = protocol === "openai-chat" && base !== "/v1" ? "vendor" : protocol
  const wire = wireFormats[protocol]
  const id = name === undefined ? undefined : decoded(name)
  const respond = id === undefined ? listModels(wire, scope) : showModel(wire, scope, id)
  return endpoint(protocol, () => respond, id, false)
}

/** The protocol whose error format an unknown path gets. */
export const protocolOf = (path: string, headers: RequestTarget["headers"]): ProtocolName => {
  if (path.startsWith("/v1beta")) return "google-gemini"
  if (headers["anthropic-version"] !== undefined || path.startsWith("/v1/messages")) return "anthropic-messages"
  return path.startsWith("/v1/responses") ? "openai-responses" : "openai-chat"
}
