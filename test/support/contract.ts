/** The subjects of the contract tests: every protocol and two vendors, each over real HTTP on the Simulator. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { type Context, Deferred, Effect, Fiber, Layer, Stream } from "effect"
import {
  Anthropic,
  type ChatRequest,
  type FromProviderOptions,
  Google,
  LLMClient,
  OpenAI,
  OpenAICompatible,
  type Provider,
  type ValidationError
} from "llm-connectivity"
import { DirectHttpClient } from "llm-connectivity/node"
import { type ProtocolName, Simulator, type SimulatorOptions, type SimulatorService } from "llm-connectivity/testing"
import { Groq } from "llm-connectivity/vendors"
import { counting, Outside, wrapping } from "./outside.js"

/** The HTTP clients, each behind its title. */
export const clients: { readonly [Each in ClientName]: Layer.Layer<HttpClient.HttpClient> } = {
  Fetch: FetchHttpClient.layer,
  Node: NodeHttpClient.layer,
  Undici: NodeHttpClient.layerUndici,
  Direct: DirectHttpClient.layer
}

type ClientName = "Fetch" | "Node" | "Undici" | "Direct"

/** What a subject is asked through, and how. */
export type Asking = Partial<FromProviderOptions> & { readonly http?: Layer.Layer<HttpClient.HttpClient> }

/** Where a server is reached, a Simulator or a test's own, and with which key. */
export type Reached = Pick<SimulatorService, "apiKey" | "baseUrls">

/** A server that has the paths of all protocols below one address. */
export const reached = (url: string, apiKey = "simulated-key"): Reached => ({
  apiKey,
  baseUrls: { openai: `${url}/v1`, anthropic: url, google: `${url}/v1beta` }
})

/** One that is asked. */
export interface Subject {
  readonly provider: string
  readonly model: string
  readonly client: (server: Reached, options: Asking) => Layer.Layer<LLMClient>
  /** What it wants said so that its reasoning comes back to it. */
  readonly options?: ChatRequest["providerOptions"]
  /** The name of what signs its reasoning in the next request; missing where the protocol signs nothing. */
  readonly signature?: "signature" | "thoughtSignature" | "encrypted_content" | "id"
}

const subject = <Id>(
  description: Omit<Subject, "client">,
  tag: Context.Tag<Id, Provider>,
  layer: (server: Reached) => Layer.Layer<Id, ValidationError, HttpClient.HttpClient>
): Subject => ({
  ...description,
  client: (simulator, { http = clients.Fetch, ...options }) =>
    LLMClient.fromProvider(tag, { model: description.model, policies: [], ...options }).pipe(
      Layer.provide(layer(simulator)),
      Layer.provide(http),
      Layer.orDie
    )
})

/** Its address is part of what is made, and so is the tag. */
const compatible: Subject = {
  provider: "acme",
  model: "acme-1",
  client: (simulator, options) => {
    const { apiKey, baseUrls } = simulator
    const { tag, layer } = OpenAICompatible.make({ name: "acme", baseUrl: baseUrls.openai, apiKey })
    return subject({ provider: "acme", model: "acme-1" }, tag, () => layer).client(simulator, options)
  }
}

/** A provider of `Provider.make` under a policy of `Policy.make`. */
const madeOutside: Subject = {
  provider: "openai",
  model: "gpt-5-mini",
  client: ({ apiKey, baseUrls }, { http = clients.Fetch, policies = [], ...options }) =>
    LLMClient.fromProvider(Outside, {
      model: "gpt-5-mini",
      policies: [counting({ chunks: 0 }), ...policies],
      ...options
    }).pipe(
      Layer.provide(Layer.effect(Outside, wrapping)),
      Layer.provide(OpenAI.layer({ apiKey, baseUrl: baseUrls.openai })),
      Layer.provide(http),
      Layer.orDie
    )
}

/** The four protocols, each at its own provider. */
export const protocols: { readonly [Each in ProtocolName]: Subject } = {
  "openai-chat": subject({ provider: "openai", model: "gpt-5-mini" }, OpenAI, ({ apiKey, baseUrls }) =>
    OpenAI.layer({ apiKey, baseUrl: baseUrls.openai })
  ),
  "openai-responses": subject(
    { provider: "openai", model: "gpt-5-mini", options: { openai: { store: false } }, signature: "encrypted_content" },
    OpenAI,
    ({ apiKey, baseUrls }) => OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, api: "responses" })
  ),
  "anthropic-messages": subject(
    { provider: "anthropic", model: "claude-sonnet-5", signature: "signature" },
    Anthropic,
    ({ apiKey, baseUrls }) => Anthropic.layer({ apiKey, baseUrl: baseUrls.anthropic })
  ),
  "google-gemini": subject(
    { provider: "google", model: "gemini-3-flash-preview", signature: "thoughtSignature" },
    Google,
    ({ apiKey, baseUrls }) => Google.layer({ apiKey, baseUrl: baseUrls.google })
  )
}

/** All that are asked, each behind its title. */
export const subjects: ReadonlyArray<readonly [string, Subject]> = [
  ["OpenAI (chat)", protocols["openai-chat"]],
  ["OpenAI (responses)", protocols["openai-responses"]],
  ["Anthropic", protocols["anthropic-messages"]],
  ["Google", protocols["google-gemini"]],
  [
    "Groq",
    subject({ provider: "groq", model: "openai/gpt-oss-120b" }, Groq, ({ apiKey, baseUrls }) =>
      Groq.layer({ apiKey, baseUrl: baseUrls.openai })
    )
  ],
  ["OpenAICompatible", compatible],
  ["a provider and a policy made outside", madeOutside]
]

/** Responses as they are by default: the server keeps the reasoning, and wants its id back. */
export const stored: readonly [string, Subject] = [
  "OpenAI (responses, stored)",
  subject({ provider: "openai", model: "gpt-5-mini", signature: "id" }, OpenAI, ({ apiKey, baseUrls }) =>
    OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, api: "responses" })
  )
]

/** Lets a program ask a subject on a Simulator without pauses, which it may ask in its turn what was sent. */
export const asking = (
  subject: Subject,
  script: SimulatorOptions["script"] = [],
  options: Asking & SimulatorOptions = {}
) =>
  Effect.provide(
    Layer.unwrapEffect(Effect.map(Simulator, (simulator) => subject.client(simulator, options))).pipe(
      Layer.provideMerge(Simulator.layer({ pace: 0, ...options, script }))
    )
  )

/** The bodies that the Simulator has read. */
export const bodies: Effect.Effect<ReadonlyArray<unknown>, never, Simulator> = Effect.map(
  Simulator.requests,
  (requests) => requests.map((request) => request.body)
)

/** A request that the Simulator has a fixed reply to, and that reply. */
export const sampleRequest: ChatRequest = { messages: [{ role: "user", content: "Count to 5 with words" }] }
export const answer = "One, two, three, four, five."

/** A request that leads to a tool call, and the tool. */
export const weather: ChatRequest = {
  messages: [{ role: "user", content: "What is the weather in Paris?" }],
  tools: [
    {
      name: "get_weather",
      description: "Tells the weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
    }
  ]
}

/** Interrupts one endless stream, takes a part of another, and gives who closed the socket of each. */
export const closedAfterLeaving = Effect.gen(function* () {
  const started = yield* Deferred.make<void>()
  const fiber = yield* LLMClient.chatStream(sampleRequest).pipe(
    Stream.runForEach(() => Deferred.succeed(started, undefined)),
    Effect.fork
  )
  yield* Deferred.await(started)
  yield* Fiber.interrupt(fiber)
  yield* Stream.runDrain(Stream.take(LLMClient.chatStream(sampleRequest), 2))
  const requests = yield* Simulator.requests
  const closed = yield* Effect.forEach(requests, (request) => request.closed).pipe(Effect.timeout("15 seconds"))
  return closed.map((each) => each.closedBy)
})
