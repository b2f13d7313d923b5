/** The Simulator speaks the real wires: the providers' own clients read its answers, calls, errors and vectors. */
import Anthropic from "@anthropic-ai/sdk"
import { describe, expect, it } from "@effect/vitest"
import { ApiError, GoogleGenAI } from "@google/genai"
import { Effect } from "effect"
import { Simulator, type SimulatorOptions } from "llm-connectivity/testing"
import OpenAI from "openai"
import type { SimulatedReply } from "../../src/testing/simulator/SimulatedReply.js"

const sampleRequest = "Count to 5 with words"
const answer = "One, two, three, four, five."
const weatherQuestion = "What is the weather in Paris?"
const city = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] }
const user = { role: "user" as const, content: sampleRequest }
const weatherUser = { role: "user" as const, content: weatherQuestion }

const serving = (options: SimulatorOptions = {}) => Effect.provide(Simulator.layer({ pace: 0, ...options }))
const replying = (...script: ReadonlyArray<SimulatedReply>) => serving({ script })

const all = async <A>(events: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const seen: Array<A> = []
  for await (const event of events) seen.push(event)
  return seen
}

/** What a client's promise fails with. */
const failureOf = (promise: () => PromiseLike<unknown>) =>
  Effect.promise(() =>
    Promise.resolve(promise()).then(
      () => "no failure",
      (error: unknown) => error
    )
  )

const using = <Client, A>(make: (simulator: typeof Simulator.Service) => Client, use: (client: Client) => Promise<A>) =>
  Effect.flatMap(Simulator, (simulator) => Effect.promise(() => use(make(simulator))))

describe("the official OpenAI client", () => {
  const make = ({ apiKey, baseUrls }: typeof Simulator.Service, key = apiKey) =>
    new OpenAI({ apiKey: key, baseURL: baseUrls.openai, maxRetries: 0 })
  const model = "gpt-5-mini"
  const tool = { type: "function" as const, function: { name: "get_weather", parameters: city } }

  it.live("reads chat completions, streaming and non-streaming", () =>
    using(make, async (client) => {
      const chunks = await all(
        await client.chat.completions.create({
          model,
          messages: [user],
          stream: true,
          stream_options: { include_usage: true }
        })
      )
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(answer)
      expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 10, total_tokens: 15 })
      const whole = await client.chat.completions.create({ model, messages: [user] })
      expect(whole.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: answer } })
      const helped = await client.chat.completions.stream({ model, messages: [user] }).finalChatCompletion()
      expect(helped.choices[0]?.message.content).toBe(answer)
    }).pipe(serving())
  )

  it.live("runs the tool calls of chat completions to the final answer", () =>
    using(make, async (client) => {
      const runner = client.chat.completions.runTools({
        model,
        messages: [weatherUser],
        stream: true,
        tools: [
          {
            type: "function",
            function: {
              name: "get_weather",
              description: "Tells the weather",
              parameters: city,
              parse: JSON.parse,
              function: (args: { readonly city: string }) => `18 °C in ${args.city}`
            }
          }
        ]
      })
      expect(await runner.finalContent()).toBe("get_weather says: 18 °C in Paris")
      const whole = await client.chat.completions.create({ model, messages: [weatherUser], tools: [tool] })
      expect(whole.choices[0]).toMatchObject({
        finish_reason: "tool_calls",
        message: { content: null, tool_calls: [{ type: "function", function: { arguments: '{"city":"Paris"}' } }] }
      })
    }).pipe(serving())
  )

  it.live("reads Responses with their reasoning, streaming and non-streaming", () =>
    using(make, async (client) => {
      const reasoning = { effort: "low", summary: "auto" } as const
      const streamed = await client.responses.stream({ model, input: sampleRequest, reasoning }).finalResponse()
      const whole = await client.responses.create({ model, input: sampleRequest, reasoning })
      for (const response of [streamed, whole]) {
        expect(response.output_text).toBe(answer)
        expect(response.status).toBe("completed")
        expect(response.output.map((item) => item.type)).toEqual(["reasoning", "message"])
        expect(response.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(10)
      }
      const events = await all(await client.responses.create({ model, input: sampleRequest, stream: true }))
      expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
    }).pipe(serving())
  )

  it.live("reads tool calls of Responses, and sends their reasoning back", () =>
    using(make, async (client) => {
      const request = {
        model,
        tools: [{ type: "function" as const, name: "get_weather", parameters: city, strict: false }],
        reasoning: { effort: "low" as const },
        include: ["reasoning.encrypted_content" as const],
        store: false
      }
      const first = await client.responses.stream({ ...request, input: weatherQuestion }).finalResponse()
      const call = first.output.find((item) => item.type === "function_call")
      expect(call).toMatchObject({ name: "get_weather", arguments: '{"city":"Paris"}', status: "completed" })
      const output = { type: "function_call_output" as const, call_id: call?.call_id ?? "", output: "18 °C" }
      // Its own types of what comes and of what goes only fit without `exactOptionalPropertyTypes`.
      const input = [weatherUser, ...(first.output as Array<OpenAI.Responses.ResponseInputItem>), output]
      const second = await client.responses.create({ ...request, input })
      expect(second.output_text).toBe("get_weather says: 18 °C")
    }).pipe(serving())
  )

  it.live("fails with its own class for each error, in a response and in a stream", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator
      const client = make(simulator)
      const chat = () => client.chat.completions.create({ model, messages: [user] })
      const respond = () => client.responses.create({ model, input: sampleRequest })
      const stream = async () => all(await client.chat.completions.create({ model, messages: [user], stream: true }))
      const events = async () => all(await client.responses.create({ model, input: sampleRequest, stream: true }))
      expect(yield* failureOf(chat)).toBeInstanceOf(OpenAI.RateLimitError)
      expect(yield* failureOf(respond)).toBeInstanceOf(OpenAI.BadRequestError)
      expect(yield* failureOf(chat)).toBeInstanceOf(OpenAI.InternalServerError)
      const failed = yield* failureOf(stream)
      expect(failed).toBeInstanceOf(OpenAI.APIError)
      expect(failed).toMatchObject({ code: "rate_limit_exceeded" })
      expect(yield* failureOf(events)).toBeInstanceOf(OpenAI.APIError)
      const stranger = make(simulator, "another-key")
      expect(yield* failureOf(() => stranger.models.list())).toBeInstanceOf(OpenAI.APIError)
      expect(yield* failureOf(() => stranger.chat.completions.create({ model, messages: [user] }))).toBeInstanceOf(
        OpenAI.AuthenticationError
      )
    }).pipe(
      replying(
        { error: "rateLimit" },
        { error: "modelNotFound" },
        { error: "overloaded" },
        { fault: { type: "errorEvent", error: "rateLimit", afterChunks: 2 } },
        { fault: { type: "errorEvent", error: "rateLimit", afterChunks: 2 } }
      )
    )
  )

  it.live("reads embeddings, which it requests as base64", () =>
    using(make, async (client) => {
      const { data, usage } = await client.embeddings.create({
        model: "text-embedding-3-small",
        input: ["a cat", "a dog"],
        dimensions: 8
      })
      expect(data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
        [0, 8],
        [1, 8]
      ])
      expect(Math.hypot(...(data[0]?.embedding ?? []))).toBeCloseTo(1)
      expect(usage).toEqual({ prompt_tokens: 4, total_tokens: 4 })
    }).pipe(serving())
  )
})

describe("the official Anthropic client", () => {
  const make = ({ apiKey, baseUrls }: typeof Simulator.Service, key = apiKey) =>
    new Anthropic({ apiKey: key, baseURL: baseUrls.anthropic, maxRetries: 0 })
  const model = "claude-haiku-4-5"
  const tools = [{ name: "get_weather", input_schema: city }]

  it.live("reads messages, streaming and non-streaming", () =>
    using(make, async (client) => {
      const request = { model, max_tokens: 100, messages: [user] }
      const streamed = await client.messages.stream(request).finalMessage()
      const whole = await client.messages.create(request)
      for (const message of [streamed, whole]) {
        expect(message).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text", text: answer }] })
        expect(message.usage).toMatchObject({ input_tokens: 5, output_tokens: 10, cache_read_input_tokens: 0 })
      }
      const events = await all(await client.messages.create({ ...request, stream: true }))
      expect(events[0]?.type).toBe("message_start")
      expect(events.at(-1)?.type).toBe("message_stop")
      expect(await client.messages.countTokens({ model, messages: [user] })).toMatchObject({ input_tokens: 5 })
    }).pipe(serving())
  )

  it.live("reads thinking and tool calls, streaming and non-streaming, and sends both back with the tool result", () =>
    using(make, async (client) => {
      const thinking = { type: "enabled" as const, budget_tokens: 1024 }
      const request = { model, max_tokens: 2000, thinking, tools }
      const streamed = await client.messages.stream({ ...request, messages: [weatherUser] }).finalMessage()
      const whole = await client.messages.create({ ...request, messages: [weatherUser] })
      expect(streamed.content).toEqual(whole.content)
      expect(whole.content).toMatchObject([
        { type: "thinking", thinking: expect.stringMatching(/^The user asks/), signature: expect.any(String) },
        { type: "tool_use", name: "get_weather", input: { city: "Paris" } }
      ])
      const call = whole.content.find((block) => block.type === "tool_use")
      const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: "18 °C" }
      const messages = [
        weatherUser,
        { role: "assistant" as const, content: whole.content },
        { role: "user" as const, content: [result] }
      ]
      const second = await client.messages.stream({ ...request, messages }).finalText()
      expect(second).toBe("get_weather says: 18 °C")
    }).pipe(serving())
  )

  it.live("fails with its own class for each error, in a response and in a stream", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator
      const client = make(simulator)
      const request = { model, max_tokens: 100, messages: [user] }
      const whole = () => client.messages.create(request)
      expect(yield* failureOf(whole)).toBeInstanceOf(Anthropic.RateLimitError)
      expect(yield* failureOf(whole)).toBeInstanceOf(Anthropic.NotFoundError)
      expect(yield* failureOf(whole)).toMatchObject({ status: 529, type: "overloaded_error" })
      const failed = yield* failureOf(() => client.messages.stream(request).finalMessage())
      expect(failed).toBeInstanceOf(Anthropic.APIError)
      expect(failed).toMatchObject({ type: "overloaded_error" })
      const stranger = make(simulator, "another-key")
      expect(yield* failureOf(() => stranger.messages.create(request))).toBeInstanceOf(Anthropic.AuthenticationError)
      expect(yield* failureOf(() => client.messages.create({ ...request, messages: [] }))).toBeInstanceOf(
        Anthropic.BadRequestError
      )
    }).pipe(
      replying(
        { error: "rateLimit" },
        { error: "modelNotFound" },
        { error: "overloaded" },
        { fault: { type: "errorEvent", afterChunks: 2 } }
      )
    )
  )
})

describe("the official Google client", () => {
  const make = ({ apiKey, url }: typeof Simulator.Service, key = apiKey) =>
    new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } })
  const model = "gemini-3-flash-preview"
  const functionDeclarations = [{ name: "get_weather", parametersJsonSchema: city }]

  it.live("reads content, streaming and non-streaming", () =>
    using(make, async (client) => {
      const config = { thinkingConfig: { includeThoughts: true } }
      const chunks = await all(await client.models.generateContentStream({ model, contents: sampleRequest, config }))
      expect(chunks.map((chunk) => chunk.text ?? "").join("")).toBe(answer)
      expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe("STOP")
      const whole = await client.models.generateContent({ model, contents: sampleRequest, config })
      expect(whole.text).toBe(answer)
      for (const usage of [chunks.at(-1)?.usageMetadata, whole.usageMetadata]) {
        expect(usage).toMatchObject({ promptTokenCount: 5, candidatesTokenCount: 10 })
        expect(usage?.thoughtsTokenCount).toBeGreaterThan(10)
      }
      expect(await client.models.countTokens({ model, contents: sampleRequest })).toMatchObject({ totalTokens: 5 })
    }).pipe(serving())
  )

  it.live("reads tool calls, and its chat sends them back signed with the tool result", () =>
    using(make, async (client) => {
      const chat = client.chats.create({ model, config: { tools: [{ functionDeclarations }] } })
      const chunks = await all(await chat.sendMessageStream({ message: weatherQuestion }))
      const [call] = chunks.flatMap((chunk) => chunk.functionCalls ?? [])
      expect(call).toMatchObject({ name: "get_weather", args: { city: "Paris" }, id: expect.any(String) })
      const response = { id: call?.id ?? "", name: "get_weather", response: { output: "18 °C" } }
      const second = await chat.sendMessage({ message: [{ functionResponse: response }] })
      expect(second.text).toBe("get_weather says: 18 °C")
    }).pipe(serving())
  )

  it.live("fails with its own class for each error, in a response and in a stream", () =>
    Effect.gen(function* () {
      const simulator = yield* Simulator
      const client = make(simulator)
      const whole = () => client.models.generateContent({ model, contents: sampleRequest })
      const stream = async () => all(await client.models.generateContentStream({ model, contents: sampleRequest }))
      const failures = [
        yield* failureOf(whole),
        yield* failureOf(whole),
        yield* failureOf(stream),
        yield* failureOf(() =>
          make(simulator, "another-key").models.generateContent({ model, contents: sampleRequest })
        )
      ]
      for (const failure of failures) expect(failure).toBeInstanceOf(ApiError)
      expect(failures).toMatchObject([{ status: 429 }, { status: 503 }, { status: 503 }, { status: 400 }])
    }).pipe(
      replying(
        { error: "rateLimit" },
        { error: "overloaded" },
        { fault: { type: "errorEvent", error: "overloaded", afterChunks: 2 } }
      )
    )
  )

  it.live("reads embeddings", () =>
    using(make, async (client) => {
      const { embeddings } = await client.models.embedContent({
        model: "gemini-embedding-001",
        contents: ["a cat", "a dog"],
        config: { outputDimensionality: 8 }
      })
      expect(embeddings?.map(({ values }) => values?.length)).toEqual([8, 8])
    }).pipe(serving())
  )
})

describe("the variables that the Simulator prints", () => {
  it.live("lead each official client to it, which lists its models", () =>
    Effect.flatMap(Simulator, ({ environment }) =>
      Effect.promise(async () => {
        const before = { ...process.env }
        Object.assign(process.env, environment)
        try {
          const openAI = await new OpenAI({ maxRetries: 0 }).models.list()
          const anthropic = await new Anthropic({ maxRetries: 0 }).models.list()
          const google = await new GoogleGenAI({}).models.list()
          expect(openAI.data.map(({ id }) => id)).toContain("gpt-4o")
          expect(anthropic.data.map(({ id }) => id)).toContain("claude-sonnet-5")
          expect(google.page.map(({ name }) => name)).toContain("models/gemini-2.5-flash")
          const answered = await new GoogleGenAI({}).models.generateContent({
            model: "gemini-2.5-flash",
            contents: sampleRequest
          })
          expect(answered.text).toBe(answer)
        } finally {
          process.env = before
        }
      })
    ).pipe(serving())
  )
})
