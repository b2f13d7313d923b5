/** Every provider is asked the same of tools, images and answers that fit a schema, over real HTTP. */
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Schema, Stream } from "effect"
import { type ChatRequest, type ChatResponse, collect, LLMClient, LLMError } from "llm-connectivity"
import { asking, bodies, type Subject, stored, subjects, weather } from "../support/contract.js"

const time = { name: "get_time", description: "Tells the time", parameters: { type: "object", properties: {} } }
const both: ChatRequest = {
  messages: [{ role: "user", content: "What are the weather and the time in Paris?" }],
  tools: [...(weather.tools ?? []), time]
}

/** The deltas of an answer, streamed. */
const deltasOf = (request: ChatRequest) =>
  Effect.map(Stream.runCollect(LLMClient.chatStream(request)), (chunks) =>
    Chunk.toReadonlyArray(chunks).flatMap((chunk) => chunk.toolCalls)
  )

/** A signature, or the id of reasoning that the server keeps. */
const named = (name: string | undefined) => new RegExp(`"${name}":"(\\w{64}|rs_\\w+)"`)

/** Asks, answers the calls, and asks again. */
const turn = (subject: Subject, ask: (request: ChatRequest) => Effect.Effect<ChatResponse, LLMError, LLMClient>) =>
  Effect.gen(function* () {
    const asked: ChatRequest = { ...both, reasoning: { effort: "low" }, providerOptions: subject.options }
    const first = yield* ask(asked)
    const results = first.toolCalls.map((call) => ({
      role: "tool" as const,
      toolCallId: call.id,
      content: call.name === "get_time" ? "noon" : "18 °C"
    }))
    const second = yield* ask({ ...asked, messages: [...asked.messages, first.message, ...results] })
    return { first, second }
  })

describe.each([...subjects, stored])("%s", (_, subject) => {
  it.live("streams a forced call under one index, with one id and name, and arguments that parse", () =>
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
      const whole = yield* LLMClient.chat(request)
      expect(whole.toolCalls).toEqual([{ id: deltas[0]?.id, name: "get_weather", arguments: '{"city":"Paris"}' }])
      expect(whole.finishReason).toBe("tool_calls")
    }).pipe(asking(subject))
  )

  it.live("keeps several calls apart", () =>
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

  it.live("takes its own turn back with the tools' answers, ids and signatures as they were", () =>
    Effect.gen(function* () {
      const { first, second } = yield* turn(subject, LLMClient.chat)
      expect(second.content).toBe("get_weather says: 18 °C\nget_time says: noon")
      const [, again] = yield* Effect.map(bodies, (all) => all.map((body) => JSON.stringify(body)))
      for (const call of first.toolCalls) expect(again?.split(`"${call.id}"`).length).toBeGreaterThan(2)
      if (subject.signature === undefined) return
      const [, signature] = named(subject.signature).exec(JSON.stringify(first.rawResponse)) ?? []
      expect(signature).toBeDefined()
      expect(again).toContain(`"${subject.signature}":"${signature}"`)
    }).pipe(asking(subject))
  )

  it.live("takes back a streamed turn as it takes back a whole one, and one that was stored as JSON", () =>
    Effect.gen(function* () {
      const whole = yield* turn(subject, LLMClient.chat)
      const streamed = yield* turn(subject, (request) =>
        collect(LLMClient.chatStream(JSON.parse(JSON.stringify(request))))
      )
      expect(streamed.second.content).toBe(whole.second.content)
      const [, wholeBody, , streamedBody] = yield* bodies
      const conversation = (body: unknown) =>
        typeof body === "object" && body !== null ? { ...body, stream: null, stream_options: null } : body
      expect(conversation(streamedBody)).toEqual(conversation(wholeBody))
    }).pipe(asking(subject))
  )

  it.live("takes an image, by its bytes and by its address", () =>
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

  it.live("holds an answer to a schema, and decodes it", () =>
    Effect.gen(function* () {
      const response = yield* LLMClient.chatObject(Person, invent)
      expect(response.object).toEqual({ name: "Ada", age: 42 })
      expect(JSON.parse(response.content)).toEqual(response.object)
    }).pipe(asking(subject))
  )

  it.live("says where an answer does not fit the schema, and keeps the answer beside the error", () =>
    Effect.gen(function* () {
      const content = '{"name":"canary","age":"old"}'
      const mismatch = yield* Effect.flip(LLMClient.chatObject(Person, invent))
      expect(mismatch).toMatchObject({ _tag: "ProviderError", provider: subject.provider, model: subject.model })
      expect(mismatch.message).toContain("does not fit the schema: age")
      expect(mismatch.message).not.toMatch(/canary|old/)
      expect(LLMError.partial(mismatch)).toMatchObject({ content, usage: { inputTokens: expect.any(Number) } })
      const cut = yield* Effect.flip(LLMClient.chatObject(Person, invent))
      expect(cut.message).toContain("the answer as a whole (it finished with length)")
    }).pipe(asking(subject, ['{"name":"canary","age":"old"}', { content: '{"name":"Ad', finishReason: "length" }]))
  )
})
