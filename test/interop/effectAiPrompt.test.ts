/** Every part of a prompt of @effect/ai is converted to messages, or the prompt is rejected. */
import { type LanguageModel as AnyModel, LanguageModel, type Prompt, Tool, Toolkit } from "@effect/ai"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { type ChatRequest, type Message, ValidationError } from "llm-connectivity"
import { EffectAi } from "llm-connectivity/effect-ai"
import { MockLLM } from "llm-connectivity/testing"
import * as program from "./program.js"

const bridged = <A, E>(effect: Effect.Effect<A, E, AnyModel.LanguageModel | MockLLM>) =>
  effect.pipe(Effect.provide(EffectAi.layer()), Effect.provide(MockLLM.layer(() => "so")))

const sent = <E>(asking: Effect.Effect<unknown, E, AnyModel.LanguageModel>): Effect.Effect<ChatRequest, E> =>
  bridged(Effect.flatMap(asking, () => Effect.map(MockLLM.requests, ([request]) => request ?? { messages: [] })))

const prompted = (prompt: Prompt.RawInput) => sent(LanguageModel.generateText({ prompt }))
const user = (...content: ReadonlyArray<Prompt.UserMessagePartEncoded>): Prompt.MessageEncoded => ({
  role: "user",
  content
})
const assistant = (...content: ReadonlyArray<Prompt.AssistantMessagePartEncoded>): Prompt.MessageEncoded => ({
  role: "assistant",
  content
})
const hi: Prompt.MessageEncoded = { role: "user", content: "Hi" }
const png = { type: "file", mediaType: "image/png" } as const
const url = new URL("https://files.example/a")
const result = { type: "tool-result", id: "call_x", name: "look", isFailure: false, providerExecuted: false } as const
const signature = { anthropic: { signature: "c2ln" } }

/** The calls that results belong to, without which no provider takes them. */
const callsFor = (message: Prompt.MessageEncoded): ReadonlyArray<Prompt.MessageEncoded> =>
  message.role === "tool"
    ? [assistant(...message.content.map(({ id, name }) => ({ type: "tool-call" as const, id, name, params: {} })))]
    : []

const converted: ReadonlyArray<readonly [string, Prompt.MessageEncoded, ReadonlyArray<Message>]> = [
  ["a system message", { role: "system", content: "Be brief" }, [{ role: "system", content: "Be brief" }]],
  ["a text", user({ type: "text", text: "Hi" }), [{ role: "user", content: "Hi" }]],
  [
    "an image by its bytes",
    user({ ...png, data: new Uint8Array([104, 105]) }),
    [{ role: "user", content: [{ type: "image", data: "aGk=", mediaType: "image/png" }] }]
  ],
  [
    "an image in base64",
    user({ ...png, data: "aGk=" }),
    [{ role: "user", content: [{ type: "image", data: "aGk=", mediaType: "image/png" }] }]
  ],
  [
    "an image as a data URL",
    user({ ...png, data: new URL("data:image/png;base64,aGk=") }),
    [{ role: "user", content: [{ type: "image", data: "aGk=", mediaType: "image/png" }] }]
  ],
  [
    "an image of any kind at an address",
    user({ ...png, mediaType: "image/*", data: url }),
    [{ role: "user", content: [{ type: "image", url: url.href }] }]
  ],
  [
    "an address that has been through JSON",
    user({ ...png, data: url.href }),
    [{ role: "user", content: [{ type: "image", url: url.href, mediaType: "image/png" }] }]
  ],
  [
    "a file and its name",
    user({ type: "file", mediaType: "application/pdf", fileName: "a.pdf", data: "aGk=" }),
    [{ role: "user", content: [{ type: "file", data: "aGk=", mediaType: "application/pdf", filename: "a.pdf" }] }]
  ],
  [
    "an assistant message",
    assistant(
      { type: "reasoning", text: "hm" },
      { type: "text", text: "So " },
      { type: "text", text: "look" },
      { type: "tool-call", id: "call_x", name: "look", params: { at: 1 } },
      { type: "tool-call", id: "call_y", name: "wait", params: undefined }
    ),
    [
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "So " },
          { type: "text", text: "look" },
          { type: "tool-call", id: "call_x", name: "look", arguments: '{"at":1}' },
          { type: "tool-call", id: "call_y", name: "wait", arguments: "" }
        ]
      }
    ]
  ],
  [
    "tool results",
    {
      role: "tool",
      content: [
        { ...result, result: "a text" },
        { ...result, id: "call_y", result: { a: 1 } },
        { ...result, id: "call_z", result: "broken", isFailure: true },
        { ...result, id: "call_0", result: undefined }
      ]
    },
    [
      { role: "tool", toolCallId: "call_x", content: "a text" },
      { role: "tool", toolCallId: "call_y", content: '{"a":1}' },
      { role: "tool", toolCallId: "call_z", content: '{"error":"broken"}' },
      { role: "tool", toolCallId: "call_0", content: "" }
    ]
  ],
  [
    "cache marks of llm-connectivity and @effect/ai-anthropic, on parts and on messages",
    {
      ...user(
        { type: "text", text: "a", options: { "llm-connectivity": { cache: "1h" } } },
        { type: "text", text: "b", options: { anthropic: { cacheControl: { type: "ephemeral", ttl: "1h" } } } },
        { type: "text", text: "c" }
      ),
      options: { anthropic: { cacheControl: { type: "ephemeral" } } }
    },
    [
      {
        role: "user",
        content: [
          { type: "text", text: "a", cache: "1h" },
          { type: "text", text: "b", cache: "1h" },
          { type: "text", text: "c", cache: "5m" }
        ]
      }
    ]
  ],
  [
    "a cache mark on a system message",
    { role: "system", content: "Be brief", options: { "llm-connectivity": { cache: "5m" } } },
    [{ role: "system", content: [{ type: "text", text: "Be brief", cache: "5m" }] }]
  ],
  [
    "a cache mark on an assistant message, at the end of its text",
    {
      ...assistant({ type: "text", text: "So" }, { type: "tool-call", id: "call_x", name: "look", params: {} }),
      options: { "llm-connectivity": { cache: "5m" } }
    },
    [
      {
        role: "assistant",
        content: [
          { type: "text", text: "So", cache: "5m" },
          { type: "tool-call", id: "call_x", name: "look", arguments: "{}" }
        ]
      }
    ]
  ],
  [
    "a cache mark on tool results, at their end",
    {
      role: "tool",
      content: [
        { ...result, result: "a" },
        { ...result, id: "call_y", result: "b" }
      ],
      options: { "llm-connectivity": { cache: "5m" } }
    },
    [
      { role: "tool", toolCallId: "call_x", content: "a" },
      { role: "tool", toolCallId: "call_y", content: [{ type: "text", text: "b", cache: "5m" }] }
    ]
  ],
  [
    "the image detail of llm-connectivity and @effect/ai-openai",
    user(
      { ...png, data: "aGk=", options: { openai: { imageDetail: "high" } } },
      { ...png, data: "aGk=", options: { "llm-connectivity": { detail: "low" } } }
    ),
    [
      {
        role: "user",
        content: [
          { type: "image", data: "aGk=", mediaType: "image/png", detail: "high" },
          { type: "image", data: "aGk=", mediaType: "image/png", detail: "low" }
        ]
      }
    ]
  ],
  [
    "provider metadata, from the metadata of the response",
    assistant(
      { type: "reasoning", text: "hm" },
      { type: "text", text: "So", options: { "llm-connectivity": { providerMetadata: signature } } }
    ),
    [
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "So", providerMetadata: signature }
        ]
      }
    ]
  ],
  [
    "no options of other libraries",
    { ...hi, options: { "@effect/ai/Chat/Persisted": { messageId: "1" } } },
    [{ role: "user", content: "Hi" }]
  ]
]

describe("a prompt", () => {
  it.effect.each(converted)("converts %s", ([_, message, expected]) =>
    Effect.gen(function* () {
      const { messages } = yield* prompted([hi, ...callsFor(message), message])
      expect(messages.slice(-expected.length)).toEqual(expected)
    })
  )

  const rejected: ReadonlyArray<readonly [string, Prompt.MessageEncoded, string]> = [
    [
      "a file in an assistant message",
      assistant({ ...png, data: "aGk=" }),
      "prompt.content[0].content[0] is a file of the model's"
    ],
    [
      "a call of a provider's own tool",
      assistant({ type: "tool-call", id: "x", name: "search", params: {}, providerExecuted: true }),
      "prompt.content[0].content[0] is the call of a provider's own tool"
    ],
    [
      "the result of a provider's own tool",
      assistant({ ...result, result: {}, providerExecuted: true }),
      "prompt.content[0].content[0] is the result of a provider's own tool"
    ],
    [
      "an image without a specific media type",
      user({ ...png, mediaType: "image/*", data: "aGk=" }),
      "prompt.content[0].content[0].mediaType must say of which kind the image is, for instance image/png"
    ],
    [
      "a file with an image detail",
      user({ type: "file", mediaType: "application/pdf", data: "aGk=", options: { openai: { imageDetail: "high" } } }),
      "prompt.content[0].content[0] has a detail, which only an image has"
    ],
    [
      "an option of another provider package that is not supported",
      user({ type: "text", text: "Hi", options: { google: { safety: "off" } } }),
      'prompt.content[0].content[0].options["google"].safety is not supported there; remove it'
    ],
    [
      "an unknown option of llm-connectivity",
      user({ type: "text", text: "Hi", options: { "llm-connectivity": { cached: true } } }),
      'prompt.content[0].content[0].options["llm-connectivity"].cached is not supported there; remove it'
    ],
    [
      "a cache mark on an unsupported part",
      assistant({ type: "reasoning", text: "hm", options: { "llm-connectivity": { cache: "5m" } } }),
      'cache of prompt.content[0].content[0].options["llm-connectivity"] is not supported there; remove it'
    ]
  ]

  it.effect.each(rejected)("is rejected for %s", ([_, message, description]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(prompted([message]))
      expect(error).toMatchObject({ _tag: "MalformedInput", method: "generateText" })
      expect(error).toMatchObject({ description: expect.stringContaining(description) })
      expect(EffectAi.errorOf(error)).toBeInstanceOf(ValidationError)
    })
  )
})

describe("a toolkit", () => {
  const handled = <A, E>(
    effect: Effect.Effect<A, E, Tool.HandlersFor<typeof program.tools.tools> | AnyModel.LanguageModel>
  ) => Effect.provide(effect, program.handlers())
  const { prompt, toolkit } = { prompt: "Hi", toolkit: program.tools }

  it.effect("is sent as JSON Schema, with its descriptions", () =>
    Effect.gen(function* () {
      const { tools, toolChoice } = yield* sent(handled(LanguageModel.generateText({ prompt, toolkit })))
      expect(toolChoice).toBe("auto")
      expect(tools).toEqual([
        {
          name: "get_weather",
          description: "Tells the weather of a city",
          parameters: {
            type: "object",
            required: ["city"],
            properties: { city: { type: "string" } },
            additionalProperties: false
          }
        },
        {
          name: "get_time",
          description: "Tells the time",
          parameters: { type: "object", required: [], properties: {}, additionalProperties: false }
        }
      ])
    })
  )

  it.effect("is sent with the tool choice", () =>
    Effect.gen(function* () {
      const choices = [
        ["none", "none", 2],
        ["required", "required", 2],
        [{ tool: "get_time" }, { name: "get_time" }, 2],
        [{ oneOf: ["get_time"] }, "auto", 1],
        [{ mode: "required", oneOf: ["get_time"] }, "required", 1]
      ] as const
      for (const [toolChoice, expected, count] of choices) {
        const request = yield* sent(handled(LanguageModel.generateText({ prompt, toolkit, toolChoice })))
        expect([request.toolChoice, request.tools?.length]).toEqual([expected, count])
      }
    })
  )

  it.effect("without any tool left to choose is rejected", () =>
    Effect.gen(function* () {
      const toolChoice = { mode: "required", oneOf: [] } as const
      const error = yield* Effect.flip(sent(handled(LanguageModel.generateText({ prompt, toolkit, toolChoice }))))
      expect(error).toMatchObject({ description: "toolChoice asks for a tool, but leaves none of the toolkit" })
    })
  )

  it.effect("with a provider-defined tool is rejected", () =>
    Effect.gen(function* () {
      const Search = Tool.providerDefined({
        id: "openai.web_search",
        toolkitName: "OpenAiWebSearch",
        providerName: "web_search",
        args: {}
      })({})
      const error = yield* Effect.flip(sent(LanguageModel.generateText({ prompt, toolkit: Toolkit.make(Search) })))
      expect(error).toMatchObject({
        _tag: "MalformedInput",
        description: "the tool OpenAiWebSearch is one of a provider's own; give a tool with a handler in its place"
      })
    })
  )

  it.effect("with parameters that JSON Schema cannot express is rejected", () =>
    Effect.gen(function* () {
      const Clock = Tool.make("clock", { parameters: { at: Schema.DateFromSelf } })
      const tools = Toolkit.make(Clock)
      const asking = LanguageModel.generateText({ prompt, toolkit: tools }).pipe(
        Effect.provide(tools.toLayer({ clock: () => Effect.void }))
      )
      expect(yield* Effect.flip(sent(asking))).toMatchObject({
        description: expect.stringContaining("JSON Schema cannot express the parameters of the tool clock")
      })
    })
  )

  it.effect("is omitted from the request when it is empty", () =>
    Effect.gen(function* () {
      const request = yield* sent(Stream.runDrain(LanguageModel.streamText({ prompt })))
      expect(request).toEqual({ messages: [{ role: "user", content: "Hi" }], model: "mock" })
    })
  )
})

describe("an object", () => {
  it.effect("is requested by its schema, with a name that every provider accepts", () =>
    Effect.gen(function* () {
      const format = yield* sent(Effect.ignore(program.object)).pipe(Effect.map((request) => request.responseFormat))
      expect(format).toMatchObject({ type: "json", name: "_example_Person" })
      expect(format?.type === "json" && Schema.isSchema(format.schema)).toBe(true)
    })
  )
})
