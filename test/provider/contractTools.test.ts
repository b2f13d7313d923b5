/** The contract of every provider for tools, images and structured output, over real HTTP. */
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Schema, Stream } from "effect"
import { type ChatRequest, type ChatResponse, collect, LLMClient, LLMError } from "llm-connectivity"
import { asking, bodies, type Subject, stored, subjects, weather } from "../support/contract.js"

const time = { name: "get_time", description: "Tells the time", parameters: { type: "object", properties: {} } }
const both: ChatRequest = {
  messages: [{ role: "user", content: "What are the weather and the time in Paris?" }],
  tools: [...(weather.tools ?? []), time]
}

/** The tool call deltas of a streaming response. */
const deltasOf = (request: ChatRequest) =>
  Effect.map(Stream.runCollect(LLMClient.chatStream(request)), (chunks) =>
    Chunk.toReadonlyArray(chunks).flatMap((chunk) => chunk.toolCalls)
  )

/** A signature, or the id of stored reasoning. */
const named = (name: string | undefined) => new RegExp(`"${name}":"(\\w{64}|rs_\\w+)"`)

/** Sends a request, adds the results of its tool calls, and sends it again. */
const converse = (subject: Subject, send: (request: ChatRequest) => Effect.Effect<ChatResponse, LLMError, LLMClient>) =>
  Effect.gen(function* () {
    const request: ChatRequest = { ...both, reasoning: { effort: "low" }, providerOptions: subject.options }
    const first = yield* send(request)
    const results = first.toolCalls.map((call) => ({
      role: "tool" as const,
      toolCallId: call.id,
      content: call.name === "get_time" ? "noon" : "18 °C"
    }))
    const second = yield* send({ ...request, messages: [...request.messages, first.message, ...results] })
    return { first, second }
  })

describe.each([...subjects, stored])("%s", (_, subject) => {
  it.live("streams a forced call under one index, with one id, one name and valid arguments", () =>
    Effect.gen(function* () {
      const request: ChatRequest = {
        ...weather,
        messages: [{ role: "user", content: "Say something about Paris" }],
        toolChoice: { name: "get_weather" }
      }
      const deltas = yield* deltasOf(request)
      expect(deltas[0]).toMatchObject({ index: 0, name: "get_weather" })
      expect(deltas[0]?.id).toMatch(/\w{8}/)
      expect(new Set(deltas.map((delta) => delta.index))).toEqual(new Set([0]))
      expect(deltas.slice(1).every((delta) => delta.id === undefined && delta.name === undefined)).toBe(true)
      expect(JSON.parse(deltas.map((delta) => delta.arguments).join(""))).toEqual({ city: "Paris" })
      const response = yield* LLMClient.chat(request)
      expect(response.toolCalls).toEqual([{ id: deltas[0]?.id, name: "get_weather", arguments: '{"city":"Paris"}' }])
      expect(response.finishReason).toBe("tool_calls")
    }).pipe(asking(subject))
  )

  it.live("separates several calls", () =>
    Effect.gen(function* () {
      const deltas = yield* deltasOf(both)
      const argumentsAt = (index: number) =>
        deltas.flatMap((delta) => (delta.index === index ? [delta.arguments] : [])).join("")
      expect(deltas.flatMap(({ index, name }) => (name === undefined ? [] : [[index, name]]))).toEqual([
        [0, "get_weather"],
        [1, "get_time"]
      ])
      expect(new Set(deltas.flatMap(({ id }) => id ?? [])).size).toBe(2)
      expect([argumentsAt(0), argumentsAt(1)].map((json) => JSON.parse(json || "{}"))).toEqual([{ city: "Paris" }, {}])
    }).pipe(asking(subject))
  )

  it.live("accepts its assistant message with the tool results, with ids and signatures unchanged", () =>
    Effect.gen(function* () {
      const { first, second } = yield* converse(subject, LLMClient.chat)
      expect(second.content).toBe("get_weather says: 18 °C\nget_time says: noon")
      const [, again] = yield* Effect.map(bodies, (all) => all.map((body) => JSON.stringify(body)))
      for (const call of first.toolCalls) expect(again?.split(`"${call.id}"`).length).toBeGreaterThan(2)
      if (subject.signature === undefined) return
      const [, signature] = named(subject.signature).exec(JSON.stringify(first.rawResponse)) ?? []
      expect(signature).toBeDefined()
      expect(again).toContain(`"${subject.signature}":"${signature}"`)
    }).pipe(asking(subject))
  )

  it.live("encodes the message of a stream like that of a non-streaming response, also after a JSON round trip", () =>
    Effect.gen(function* () {
      const nonStreaming = yield* converse(subject, LLMClient.chat)
      const streamed = yield* converse(subject, (request) =>
        collect(LLMClient.chatStream(JSON.parse(JSON.stringify(request))))
      )
      expect(streamed.second.content).toBe(nonStreaming.second.content)
      const [, nonStreamingBody, , streamedBody] = yield* bodies
      const conversation = (body: unknown) =>
        typeof body === "object" && body !== null ? { ...body, stream: null, stream_options: null } : body
      expect(conversation(streamedBody)).toEqual(conversation(nonStreamingBody))
    }).pipe(asking(subject))
  )

  it.live("accepts an image as data and as a URL", () =>
    Effect.gen(function* () {
      const image = { type: "image", data: "aGVsbG8gaW1hZ2U=", mediaType: "image/png" } as const
      const linked = { type: "image", url: "https://images.example/cat.png" } as const
      const text = { type: "text", text: "Count to 5 with words" } as const
      yield* LLMClient.chat({ messages: [{ role: "user", content: [text, image, linked] }] })
      const [body] = yield* bodies
      expect(JSON.stringify(body)).toMatch(/aGVsbG8gaW1hZ2U=.*https:\/\/images\.example\/cat\.png/)
    }).pipe(asking(subject))
  )

  const Person = Schema.Struct({ name: Schema.String, age: Schema.Int.pipe(Schema.between(18, 99)) })
  const invent: ChatRequest = { messages: [{ role: "user", content: "Invent a person called Ada, aged 42" }] }

  it.live("requests and decodes structured output", () =>
    Effect.gen(function* () {
      const response = yield* LLMClient.chatObject(Person, invent)
      expect(response.object).toEqual({ name: "Ada", age: 42 })
      expect(JSON.parse(response.content)).toEqual(response.object)
    }).pipe(asking(subject))
  )

  it.live(
    "names the field of a response that does not match the schema, and keeps the partial response with the error",
    () =>
      Effect.gen(function* () {
        const content = '{"name":"canary","age":"old"}'
        const mismatch = yield* Effect.flip(LLMClient.chatObject(Person, invent))
        expect(mismatch).toMatchObject({ _tag: "ProviderError", provider: subject.provider, model: subject.model })
        expect(mismatch.message).toContain("does not fit the schema: age")
        expect(mismatch.message).not.toMatch(/canary|old/)
        expect(LLMError.partial(mismatch)).toMatchObject({ content, usage: { inputTokens: expect.any(Number) } })
        const truncated = yield* Effect.flip(LLMClient.chatObject(Person, invent))
        expect(truncated.message).toContain("the answer as a whole (it finished with length)")
      }).pipe(asking(subject, ['{"name":"canary","age":"old"}', { content: '{"name":"Ad', finishReason: "length" }]))
  )
})
