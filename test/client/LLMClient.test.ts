import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Cause, ConfigProvider, Effect, Exit, Layer, Redacted, Schema } from "effect"
import { Anthropic, type ApiKey, collect, Google, LLMClient, OpenAI, type OpenAIOptions } from "llm-connectivity"
import { Groq, Ollama } from "llm-connectivity/vendors"
import { done, finish, hello, key, say } from "../support/openai.js"
import { json, serve, sse } from "../support/server.js"

const environment = (variables: Record<string, string>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

const complete = {
  model: "gpt-4o-mini-2024",
  choices: [{ message: { content: "complete" }, finish_reason: "stop" }],
  usage: {}
}

/** The error of building a layer, as printed. */
const problemOf = <A, E>(layer: Layer.Layer<A, E, HttpClient.HttpClient>, variables: Record<string, string> = {}) =>
  Layer.build(layer).pipe(
    Effect.provide(environment(variables)),
    Effect.provide(FetchHttpClient.layer),
    Effect.scoped,
    Effect.exit,
    Effect.map((exit) => (Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "it was built"))
  )

describe("LLMClient.layer", () => {
  it.live("picks the provider from the model string, and its key and address from the environment", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => json(response, 200, complete))
      const response = yield* LLMClient.chat(hello).pipe(
        Effect.provide(LLMClient.layer({ model: "openai/gpt-4o-mini" })),
        Effect.provide(FetchHttpClient.layer),
        Effect.provide(environment({ OPENAI_API_KEY: key, OPENAI_BASE_URL: `${server.url}/v1/` }))
      )
      expect(response).toMatchObject({ content: "complete", provider: "openai", model: "gpt-4o-mini-2024", cost: null })
      const [request] = server.requests
      expect(request?.url).toBe("/v1/chat/completions")
      expect(request?.headers["authorization"]).toBe(`Bearer ${key}`)
      expect(JSON.parse(request?.body ?? "")).toMatchObject({ model: "gpt-4o-mini", stream: false })
    }).pipe(Effect.scoped)
  )

  it.effect("fails when it is built, and the error says what to write instead", () =>
    Effect.gen(function* () {
      const variables = { OPENAI_API_KEY: key }
      const model: string = "gpt-4o"
      expect(yield* problemOf(LLMClient.layer({ model }), variables)).toContain('"openai/gpt-4o"')
      expect(yield* problemOf(LLMClient.layer({ model: "acme/gpt-4o" }), variables)).toContain("use one of: openai")
      expect(yield* problemOf(LLMClient.layer({ model: "openai/gpt-4o" }))).toContain("OPENAI_API_KEY")
    })
  )

  it.effect.each([
    ["an empty key", { apiKey: Redacted.make("") }, "the API key is empty"],
    ["a key with a line end", { apiKey: Redacted.make(`${key}\n`) }, "copy the key again"],
    ["not a URL", { apiKey: key, baseUrl: "api.openai.com" }, "not a URL"],
    ["the whole URL", { apiKey: key, baseUrl: "https://a.com/v1/chat/completions" }, "before /chat/completions"],
    ["a query in the URL", { apiKey: key, baseUrl: "https://a.com/v1?api-version=1" }, "the option query"],
    ["a fragment in the URL", { apiKey: key, baseUrl: "https://a.com/v1#chat" }, "must end before ? and #"],
    ["another protocol", { apiKey: key, baseUrl: "ftp://api.openai.com" }, "must begin with https://"],
    ["credentials in the URL", { apiKey: key, baseUrl: "https://me:pass@api.openai.com/v1" }, "user name or password"],
    ["plain http to another host", { apiKey: key, baseUrl: "http://api.openai.com/v1" }, "plain http"],
    ["a header with a line break", { apiKey: key, headers: { "x-a": "b\r\nx-c: d" } }, '"x-a"']
  ] satisfies ReadonlyArray<readonly [string, OpenAIOptions & { apiKey: ApiKey }, string]>)(
    "rejects invalid options without quoting the key: %s",
    ([, options, expected]) =>
      Effect.gen(function* () {
        const problem = yield* problemOf(OpenAI.layer(options))
        expect(problem).toContain(expected)
        expect(problem).not.toContain("canary")
      })
  )
})

describe("a layer without a key, as JavaScript writes it when a variable is not set", () => {
  // An unset variable is undefined, and `null` stands for it in a configuration.
  const isOptions = (_options: unknown): _options is { readonly apiKey: ApiKey } => true
  const problemWithout = <Id>(
    options: unknown,
    layer: (options: { readonly apiKey: ApiKey }) => Layer.Layer<Id, unknown, HttpClient.HttpClient>
  ) => (isOptions(options) ? problemOf(layer(options)) : Effect.die("not reached"))

  it.effect("fails when it is built", () =>
    Effect.gen(function* () {
      for (const options of [{ apiKey: undefined }, { apiKey: null }]) {
        expect(yield* problemWithout(options, OpenAI.layer)).toContain("openai: the API key is empty")
        expect(yield* problemWithout(options, Anthropic.layer)).toContain("anthropic: the API key is empty")
        expect(yield* problemWithout(options, Google.layer)).toContain("google: the API key is empty")
        expect(yield* problemWithout(options, Groq.layer)).toContain("groq: the API key is empty")
      }
    })
  )

  it.effect("is built where the vendor, or the server at its address, may need none", () =>
    Effect.gen(function* () {
      expect(yield* problemOf(Ollama.layer({}))).toBe("it was built")
      expect(yield* problemOf(Groq.layer({ baseUrl: "https://gateway.example/v1" }))).toBe("it was built")
    })
  )
})

describe("a request", () => {
  const client = (url: string) =>
    LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini" }).pipe(
      Layer.provide(OpenAI.layer({ apiKey: key, baseUrl: url, organization: "org-1", headers: { "X-App": "tests" } })),
      Layer.provide(FetchHttpClient.layer)
    )

  it.live("is sent as OpenAI documents it, without the fields that the caller omitted", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => sse(response, say("ok"), finish(), done).end())
      yield* collect(
        LLMClient.chatStream({
          messages: [
            { role: "system", content: "Be brief." },
            {
              role: "user",
              content: [
                { type: "text", text: "Look:" },
                { type: "image", data: "aGk=", mediaType: "image/png" }
              ]
            },
            { role: "assistant", content: [{ type: "tool-call", id: "c1", name: "look", arguments: "" }] },
            { role: "tool", toolCallId: "c1", content: "a cat" }
          ],
          model: "gpt-4.1",
          maxTokens: 50,
          temperature: 0,
          stop: ["END"],
          tools: [{ name: "look", parameters: { type: "object", properties: {} } }],
          toolChoice: { name: "look" },
          responseFormat: { type: "json" },
          providerOptions: { openai: { logprobs: true }, anthropic: { top_k: 1 } }
        })
      ).pipe(Effect.provide(client(server.url)))
      const [request] = server.requests
      expect(request?.headers).toMatchObject({
        "openai-organization": "org-1",
        "x-app": "tests",
        "accept-encoding": "identity"
      })
      expect(request?.headers).not.toHaveProperty("traceparent")
      expect(JSON.parse(request?.body ?? "")).toEqual({
        model: "gpt-4.1",
        messages: [
          { role: "system", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "Look:" },
              { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } }
            ]
          },
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }]
          },
          { role: "tool", tool_call_id: "c1", content: "a cat" }
        ],
        stream: true,
        stream_options: { include_usage: true },
        max_completion_tokens: 50,
        temperature: 0,
        stop: ["END"],
        tools: [{ type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } }],
        tool_choice: { type: "function", function: { name: "look" } },
        response_format: { type: "json_object" },
        logprobs: true
      })
    }).pipe(Effect.scoped)
  )

  it.live("that is invalid fails before sending", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => json(response, 200, complete))
      const error = yield* Effect.flip(LLMClient.chat({ messages: [] })).pipe(Effect.provide(client(server.url)))
      expect(error).toMatchObject({ _tag: "ValidationError", provider: "openai", model: "gpt-4o-mini" })
      expect(server.requests).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.live("with a schema that JSON Schema cannot express fails before sending, and names the field", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => json(response, 200, complete))
      const tools = [{ name: "clock", parameters: Schema.Struct({ at: Schema.DateFromSelf }) }]
      const error = yield* Effect.flip(LLMClient.chat({ ...hello, tools })).pipe(Effect.provide(client(server.url)))
      expect(error).toMatchObject({ _tag: "ValidationError" })
      expect(error.message).toContain('tools: clock has an effect/Schema that JSON Schema cannot express at ["at"]')
      expect(server.requests).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.live("for a non-streaming response has one timeout, the total", () =>
    Effect.gen(function* () {
      const server = yield* serve(() => {})
      const error = yield* LLMClient.chat(hello, {
        timeouts: { total: "50 millis" },
        policies: []
      }).pipe(Effect.flip, Effect.provide(client(server.url)))
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Timeout", timeout: "total" })
    }).pipe(Effect.scoped)
  )
})
