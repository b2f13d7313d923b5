/** Requests that every provider rejects fail before anything is sent, in every protocol. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { type ChatRequest, collect, LLMClient, type Message, OpenAI, type Timeouts } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { asking, clients, protocols } from "../../support/contract.js"

const messages: ReadonlyArray<Message> = [{ role: "user", content: "What is the weather in Paris?" }]
const parameters = { type: "object", properties: { city: { type: "string" } } }

const tool = { name: "get_weather", parameters }

const withTool = (tool: { readonly name?: string; readonly parameters?: unknown }): ChatRequest =>
  // Wrong on purpose, as from a program without types.
  ({ messages, tools: [{ name: "get_weather", parameters, ...tool }] }) as ChatRequest

const call: Message = {
  role: "assistant",
  content: [{ type: "tool-call", id: "call_1", name: "get_weather", arguments: "{}" }]
}
const result: Message = { role: "tool", toolCallId: "call_1", content: "18 °C" }

/** A schema whose property `next` holds the same again. */
const nested = (levels: number): object => {
  let schema: object = { type: "object" }
  for (let level = 0; level < levels; level++) schema = { type: "object", properties: { next: schema } }
  return schema
}

const wrong: ReadonlyArray<readonly [title: string, request: ChatRequest, message: string]> = [
  ["a blank in the name of a tool", withTool({ name: "get weather" }), "tools[0].name must"],
  ["a name of a tool that is too long", withTool({ name: "x".repeat(129) }), "tools[0].name must"],
  [
    "a tool whose root schema is a string",
    withTool({ parameters: { type: "string" } }),
    "tools[0].parameters must describe an object"
  ],
  [
    "a tool whose root schema has no type",
    withTool({ parameters: { properties: {} } }),
    "tools[0].parameters must describe an object"
  ],
  [
    "a tool whose effect/Schema is no object",
    withTool({ parameters: Schema.Union(Schema.String, Schema.Number) }),
    "tools[0].parameters must describe an object"
  ],
  [
    "a root type that JSON Schema does not have",
    withTool({ parameters: { type: "objekt" } }),
    "tools[0].parameters must describe an object"
  ],
  [
    "a type that JSON Schema does not have, inside",
    withTool({ parameters: { type: "object", properties: { days: { type: "array", items: { type: "STRING" } } } } }),
    "tools[0].parameters.properties.days.items.type must be one of object, array, string"
  ],
  [
    "such a type among several",
    withTool({ parameters: { type: "object", properties: { city: { type: ["string", "none"] } } } }),
    "tools[0].parameters.properties.city.type must be one of"
  ],
  [
    "such a type in a response format",
    { messages, responseFormat: { type: "json", schema: { type: "object", properties: { n: { type: "float" } } } } },
    "responseFormat.schema.properties.n.type must be one of"
  ],
  [
    "two tools of one name",
    { messages, tools: [tool, tool] },
    "tools: two have the name get_weather; leave one out, or rename the function"
  ],
  [
    "a toolChoice that names no tool of the request",
    { messages, tools: [tool], toolChoice: { name: "getWeather" } },
    "toolChoice names the tool getWeather, which is not in tools (get_weather)"
  ],
  [
    "a toolChoice without tools",
    { messages, toolChoice: { name: "get_weather" } },
    "toolChoice names the tool get_weather, and tools is empty"
  ],
  ["schemas without an end", withTool({ parameters: nested(50_000) }), "more than 256 levels"],
  ["a tool message without its call", { messages: [...messages, result] }, "messages[1] is a tool message"],
  ["a tool message before its call", { messages: [...messages, result, call] }, "messages[1] is a tool message"],
  [
    "a tool message for another call",
    { messages: [...messages, call, { ...result, toolCallId: "call_2" }] },
    "messages[2] is a tool message"
  ]
]

describe.each(Object.entries(protocols))("%s", (_, subject) => {
  const other = subject.provider === "anthropic" ? "google/gemini-2.5-flash" : "anthropic/claude-sonnet-5"
  const models = [
    ["the model string of another provider as the model", { messages, model: other }, "OpenAICompatible.make"],
    [
      "its own model string as the model",
      { messages, model: `${subject.provider}/${subject.model}` },
      `set model to "${subject.model}"`
    ]
  ] as const
  it.live.each([...wrong, ...models])("sends nothing for %s, and says what to change", ([, request, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(LLMClient.chat(request))
      expect(error._tag).toBe("ValidationError")
      expect(error.message).toContain(message)
      expect(yield* Simulator.requests).toEqual([])
    }).pipe(asking(subject))
  )

  it.live("sends nothing when a timeout is no duration, and says which", () =>
    Effect.gen(function* () {
      // Wrong on purpose, as from a program without types.
      const timeouts = { idle: "20 secs" } as unknown as Timeouts
      const streaming = collect(LLMClient.chatStream({ messages }, { timeouts }))
      for (const call of [LLMClient.chat({ messages }, { timeouts }), streaming]) {
        const error = yield* Effect.flip(call)
        expect(error._tag).toBe("ValidationError")
        expect(error.message).toBe(
          `${subject.provider}: timeouts.idle is "20 secs"; write a duration such as "30 seconds"`
        )
      }
      expect(yield* Simulator.requests).toEqual([])
    }).pipe(asking(subject))
  )

  it.live("sends what is right: a tool without parameters, a result after its call", () =>
    Effect.gen(function* () {
      const request = { ...withTool({ parameters: {} }), messages: [...messages, call, result] }
      yield* LLMClient.chat({ ...request, providerOptions: subject.options })
      const [sent] = yield* Simulator.requests
      expect(JSON.stringify(sent?.body)).toContain('{"type":"object","properties":{}}')
    }).pipe(asking(subject))
  )
})

it.live("sends a tool message alone when OpenAI has the conversation itself", () =>
  Effect.gen(function* () {
    const { apiKey, baseUrls } = yield* Simulator
    const client = LLMClient.fromProvider(OpenAI, { model: "gpt-5-mini", policies: [] }).pipe(
      Layer.provide(OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, api: "responses" })),
      Layer.provide(clients.Fetch)
    )
    const options = { openai: { previous_response_id: "resp_1" } }
    yield* Effect.ignore(Effect.provide(LLMClient.chat({ messages: [result], providerOptions: options }), client))
    expect(yield* Simulator.requests).toHaveLength(1)
  }).pipe(Effect.provide(Simulator.layer({ pace: 0 })))
)

it.live("sends a toolChoice that names a tool of providerOptions", () =>
  Effect.gen(function* () {
    const { apiKey, baseUrls } = yield* Simulator
    const client = LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini", policies: [] }).pipe(
      Layer.provide(OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, api: "chat" })),
      Layer.provide(clients.Fetch)
    )
    const tools = [{ type: "function", function: { name: "get_weather", parameters } }]
    const request = { messages, toolChoice: { name: "get_weather" }, providerOptions: { openai: { tools } } }
    yield* Effect.provide(LLMClient.chat(request), client)
    expect(yield* Simulator.requests).toMatchObject([{ body: { tools, tool_choice: { type: "function" } } }])
  }).pipe(Effect.provide(Simulator.layer({ pace: 0 })))
)

it.live("sends models with a slash where the ids of a provider have one", () =>
  Effect.gen(function* () {
    yield* LLMClient.chat({ messages })
    expect(yield* Simulator.requests).toMatchObject([{ body: { model: "openai/gpt-oss-120b" } }])
  }).pipe(
    Effect.provide(
      LLMClient.layer({ model: "groq/openai/gpt-oss-120b" }).pipe(
        Layer.provideMerge(Simulator.layerConfig({ pace: 0 })),
        Layer.provide(clients.Fetch)
      )
    )
  )
)
