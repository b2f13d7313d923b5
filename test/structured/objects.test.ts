import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Schema, Stream } from "effect"
import {
  type ChatResponse,
  decodeToolArguments,
  LLMClient,
  LLMError,
  partialObjects,
  streamToolArguments
} from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { hello } from "../support/openai.js"
import { answer, broken, cut, origin, saying } from "../support/pieces.js"

const Recipe = Schema.Struct({
  title: Schema.String,
  minutes: Schema.Number,
  made: Schema.Date,
  steps: Schema.Array(Schema.String)
})

const texts = ['{"title":"So', 'up","minutes":', "30,", '"made":"2020-01-01T00:00:00.000Z","steps":["Bo', 'il"]}']

const listOf = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("partialObjects and chatObjectStream", () => {
  it.effect("give the growing object, and at the end the decoded object with its response", () =>
    Effect.gen(function* () {
      const elements = yield* listOf(partialObjects(Recipe)(answer(...texts, "\n")))
      const made = "2020-01-01T00:00:00.000Z"
      expect(elements.slice(0, -1)).toEqual([
        { isComplete: false, object: { title: "So" } },
        { isComplete: false, object: { title: "Soup" } },
        { isComplete: false, object: { title: "Soup", minutes: 30 } },
        { isComplete: false, object: { title: "Soup", minutes: 30, made, steps: ["Bo"] } },
        { isComplete: false, object: { title: "Soup", minutes: 30, made, steps: ["Boil"] } }
      ])
      const complete = elements.at(-1)
      expect(complete?.isComplete && complete.object).toEqual({
        title: "Soup",
        minutes: 30,
        made: new Date(made),
        steps: ["Boil"]
      })
      expect(complete).toMatchObject({ ...origin, content: `${texts.join("")}\n`, finishReason: "stop" })
    })
  )

  it.effect("send the schema and fail with the same error as chatObject", () => {
    const bad = '{"title":"Soup","minutes":"thirty"}'
    const script = [texts, bad, bad].map((text) => (typeof text === "string" ? [text] : text))
    return Effect.gen(function* () {
      const last = yield* Stream.runLast(LLMClient.chatObjectStream(Recipe, hello))
      expect(last).toMatchObject({ value: { isComplete: true, object: { title: "Soup" } } })
      const elements: Array<unknown> = []
      const streamed = yield* LLMClient.chatObjectStream(Recipe, hello).pipe(
        Stream.runForEach(({ object }) => Effect.sync(() => elements.push(object))),
        Effect.flip
      )
      const nonStreaming = yield* Effect.flip(LLMClient.chatObject(Recipe, hello))
      expect(elements).toEqual([{ title: "Soup" }])
      expect(streamed._tag).toBe("ProviderError")
      expect({ ...streamed }).toEqual({ ...nonStreaming })
      expect(streamed.message).toContain("does not fit the schema")
      expect(LLMError.partial(streamed)?.content).toBe(bad)
      const requests = yield* MockLLM.requests
      expect(requests.map(({ responseFormat }) => responseFormat)).toEqual(
        requests.map(() => ({ type: "json", schema: Recipe, absentAsNull: true }))
      )
    }).pipe(Effect.provide(MockLLM.layer(script)))
  })

  it.effect("fail with the stream's error, with the partial response attached", () =>
    Effect.gen(function* () {
      const elements: Array<unknown> = []
      const reading = broken('{"title":"So').pipe(
        partialObjects(Recipe),
        Stream.runForEach((element) => Effect.sync(() => elements.push(element)))
      )
      const error = yield* Effect.flip(reading)
      expect(elements).toEqual([{ isComplete: false, object: { title: "So" } }])
      expect(error).toBe(cut)
      expect(LLMError.partial(cut)?.content).toBe('{"title":"So')
      const part = yield* Effect.flip(Stream.runDrain(partialObjects(Recipe)(saying(...texts))))
      expect(part).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    })
  )
})

describe("an object", () => {
  const values: ReadonlyArray<readonly [string, Schema.Schema<unknown>]> = [
    ['"cold"', Schema.Literal("warm", "cold") as Schema.Schema<unknown>],
    [" 12", Schema.Number as Schema.Schema<unknown>],
    ["true", Schema.Boolean as Schema.Schema<unknown>],
    ["null", Schema.NullOr(Recipe) as Schema.Schema<unknown>],
    ["[1, 2]", Schema.Array(Schema.Number) as Schema.Schema<unknown>]
  ]
  it.effect.each(values)("may be any JSON value that the schema describes: %s", ([text, schema]) =>
    Effect.gen(function* () {
      const { object } = yield* LLMClient.chatObject(schema, hello)
      const last = yield* Stream.runLast(LLMClient.chatObjectStream(schema, hello))
      expect(object).toEqual(JSON.parse(text))
      expect(last).toMatchObject({ value: { isComplete: true, object: JSON.parse(text) } })
    }).pipe(Effect.provide(MockLLM.layer(() => text)))
  )

  it.effect("has no prototype that the model has chosen", () =>
    Effect.gen(function* () {
      const facts = Schema.Record({ key: Schema.String, value: Schema.Unknown })
      const { object } = yield* LLMClient.chatObject(facts, hello)
      expect(object["isAdmin"]).toBeUndefined()
      expect(object).toEqual({ name: "Ann", more: { age: 30 } })
    }).pipe(
      Effect.provide(
        MockLLM.layer([
          String.raw`{"__proto__":{"isAdmin":true},"name":"Ann","more":{"\u005f_proto__":{"isAdmin":true},"age":30}}`
        ])
      )
    )
  )
})

describe("streamToolArguments", () => {
  const Weather = Schema.Struct({ city: Schema.String, days: Schema.optional(Schema.NumberFromString) })

  const delta = (index: number, text: string, rest: { readonly id?: string; readonly name?: string } = {}) => ({
    toolCalls: [{ index, arguments: text, ...rest }]
  })

  const finish = { finishReason: "tool_calls", origin } as const

  it.effect("gives the growing arguments of one tool's calls, and at the end the decoded arguments", () =>
    Effect.gen(function* () {
      const stream = saying(
        delta(0, "", { id: "a", name: "search" }),
        delta(0, '{"city":"none"}'),
        delta(3, '{"city":"Os', { id: "b", name: "weather" }),
        delta(3, 'lo","days":"2"}'),
        delta(4, '{"ci', { id: "c" }),
        delta(4, 'ty":"Ro', { name: "weather" }),
        delta(4, 'me"}'),
        finish
      )
      const elements = yield* listOf(streamToolArguments("weather", Weather)(stream))
      expect(elements).toEqual([
        { isComplete: false, index: 1, arguments: { city: "Os" } },
        { isComplete: false, index: 1, arguments: { city: "Oslo", days: "2" } },
        { isComplete: false, index: 2, arguments: { city: "Ro" } },
        { isComplete: false, index: 2, arguments: { city: "Rome" } },
        {
          isComplete: true,
          index: 1,
          arguments: { city: "Oslo", days: 2 },
          call: { id: "b", name: "weather", arguments: '{"city":"Oslo","days":"2"}' }
        },
        {
          isComplete: true,
          index: 2,
          arguments: { city: "Rome" },
          call: { id: "c", name: "weather", arguments: '{"city":"Rome"}' }
        }
      ])
    })
  )

  it.effect("fails with the error of decodeToolArguments, with the partial response attached", () =>
    Effect.gen(function* () {
      const stream = saying(delta(0, '{"city":5}', { id: "a", name: "weather" }), finish)
      const error = yield* Effect.flip(Stream.runDrain(streamToolArguments("weather", Weather)(stream)))
      const call = { id: "a", name: "weather", arguments: '{"city":5}' }
      expect(error).toEqual(Either.getOrThrow(Either.flip(decodeToolArguments(call, Weather))))
      const partial: Partial<ChatResponse> | undefined =
        error._tag === "ValidationError" ? LLMError.partial(error) : undefined
      expect(partial?.toolCalls).toEqual([call])
    })
  )
})
