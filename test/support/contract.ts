/** Whom the contract asks: every family and two vendors, each over real HTTP on the Simulator. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { type Context, Effect, identity, Layer } from "effect"
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
import { Simulator, type SimulatorOptions, type SimulatorService } from "llm-connectivity/testing"
import { Groq } from "llm-connectivity/vendors"

/** One that is asked. */
export interface Subject {
  readonly provider: string
  readonly model: string
  readonly client: (simulator: SimulatorService, options: Partial<FromProviderOptions>) => Layer.Layer<LLMClient>
  /** What it wants said so that its reasoning comes back to it. */
  readonly options?: ChatRequest["providerOptions"]
  /** The name of what signs its reasoning in the next request; missing where the family signs nothing. */
  readonly signature?: "signature" | "thoughtSignature" | "encrypted_content"
}

const subject = <Id>(
  description: Omit<Subject, "client">,
  tag: Context.Tag<Id, Provider>,
  layer: (simulator: SimulatorService) => Layer.Layer<Id, ValidationError, HttpClient.HttpClient>
): Subject => ({
  ...description,
  client: (simulator, options) =>
    LLMClient.fromProvider(tag, { model: description.model, policy: identity, ...options }).pipe(
      Layer.provide(layer(simulator)),
      Layer.provide(FetchHttpClient.layer),
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

/** All that are asked, each behind its title. */
export const subjects: ReadonlyArray<readonly [string, Subject]> = [
  [
    "OpenAI (chat)",
    subject({ provider: "openai", model: "gpt-5-mini" }, OpenAI, ({ apiKey, baseUrls }) =>
      OpenAI.layer({ apiKey, baseUrl: baseUrls.openai })
    )
  ],
  [
    "OpenAI (responses)",
    subject(
      {
        provider: "openai",
        model: "gpt-5-mini",
        options: { openai: { store: false } },
        signature: "encrypted_content"
      },
      OpenAI,
      ({ apiKey, baseUrls }) => OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, api: "responses" })
    )
  ],
  [
    "Anthropic",
    subject(
      { provider: "anthropic", model: "claude-sonnet-4-5", signature: "signature" },
      Anthropic,
      ({ apiKey, baseUrls }) => Anthropic.layer({ apiKey, baseUrl: baseUrls.anthropic })
    )
  ],
  [
    "Google",
    subject(
      { provider: "google", model: "gemini-3-flash-preview", signature: "thoughtSignature" },
      Google,
      ({ apiKey, baseUrls }) => Google.layer({ apiKey, baseUrl: baseUrls.google })
    )
  ],
  [
    "Groq",
    subject({ provider: "groq", model: "openai/gpt-oss-120b" }, Groq, ({ apiKey, baseUrls }) =>
      Groq.layer({ apiKey, baseUrl: baseUrls.openai })
    )
  ],
  ["OpenAICompatible", compatible]
]

/** Lets a program ask a subject on a Simulator without pauses, which it may ask in its turn what was sent. */
export const asking = (
  subject: Subject,
  script: SimulatorOptions["script"] = [],
  options: Partial<FromProviderOptions> & SimulatorOptions = {}
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

/** A question to which the Simulator knows the answer, and that answer. */
export const question: ChatRequest = { messages: [{ role: "user", content: "Count to 5 with words" }] }
export const answer = "One, two, three, four, five."

/** A question that wants a tool, and the tool. */
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
