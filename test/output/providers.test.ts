/** Stream operators, over the protocol of every provider. */
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Duration, Effect, Schema, Stream } from "effect"
import {
  type ChatRequest,
  compareLatency,
  fromReadableStream,
  LLMClient,
  latencyOf,
  streamToolArguments,
  TextStream,
  toReadableStreamEffect
} from "llm-connectivity"
import { answer, asking, sampleRequest, subjects, weather } from "../support/contract.js"

const listOf = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

const Person = Schema.Struct({ name: Schema.String, age: Schema.Int })
const invent: ChatRequest = { messages: [{ role: "user", content: "Invent a person called Ada, aged 42" }] }

describe.each(subjects)("%s", (_, subject) => {
  it.live("streams text as pieces, sentences and bytes", () =>
    Effect.gen(function* () {
      const stream = LLMClient.chatStream(sampleRequest)
      expect((yield* listOf(TextStream.content(stream))).join("")).toBe(answer)
      expect(yield* listOf(TextStream.sentences()(stream))).toEqual([answer])
      const web = yield* toReadableStreamEffect(TextStream.bytes(stream))
      expect(yield* Effect.promise(() => new Response(web).text())).toBe(answer)
      const chunks = yield* toReadableStreamEffect(stream)
      expect(yield* listOf(TextStream.lines(fromReadableStream(chunks)))).toEqual([answer])
    }).pipe(asking(subject))
  )

  it.live("streams partial objects, and at the end the complete object", () =>
    Effect.gen(function* () {
      const elements = yield* listOf(LLMClient.chatObjectStream(Person, invent))
      const { object, finishReason, usage } = yield* LLMClient.chatObject(Person, invent)
      expect(elements.length).toBeGreaterThan(2)
      expect(elements[0]?.isComplete).toBe(false)
      expect(elements.at(-1)).toMatchObject({ isComplete: true, object, finishReason, usage })
    }).pipe(asking(subject))
  )

  it.live("streams partial tool arguments, and at the end the complete arguments", () =>
    Effect.gen(function* () {
      const City = Schema.Struct({ city: Schema.String })
      const elements = yield* listOf(streamToolArguments("get_weather", City)(LLMClient.chatStream(weather)))
      expect(elements.at(0)).toMatchObject({ isComplete: false, index: 0 })
      expect(elements.at(-1)).toMatchObject({
        isComplete: true,
        arguments: { city: "Paris" },
        call: { name: "get_weather" }
      })
    }).pipe(asking(subject))
  )

  it.live("measures latency with the tokens that the provider reports", () =>
    Effect.gen(function* () {
      const latency = yield* latencyOf(LLMClient.chatStream(sampleRequest))
      expect(latency).toMatchObject({ outcome: "complete", tokens: { tokens: 10, isExact: true } })
      expect(latency.timeToFirstContent && Duration.lessThanOrEqualTo(latency.timeToFirstContent, latency.total)).toBe(
        true
      )
      const { nonStreaming, streamed } = yield* compareLatency(sampleRequest)
      expect(Duration.toMillis(nonStreaming)).toBeGreaterThan(0)
      expect(streamed.outcome).toBe("complete")
    }).pipe(asking(subject))
  )
})
