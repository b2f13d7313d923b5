/** Runs of tool loops. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { collect } from "llm-connectivity"
import { RunStore, Runs } from "llm-connectivity/runs"
import { MockLLM } from "llm-connectivity/testing"
import { Tool, ToolLoop, type ToolLoopEvent } from "llm-connectivity/tools"
import { call, eventsOf, finish } from "../support/toolCalls.js"

const messages = [{ role: "user", content: "What is the weather in Rome?" }] as const

const weather = Tool.make("weather", {
  description: "Returns the weather of a city",
  parameters: { city: Schema.String },
  success: Schema.Struct({ celsius: Schema.Number }),
  execute: ({ city }, { progress }) => Effect.as(progress("looking"), { celsius: city.length })
})

const loop = ToolLoop.stream({ messages }, { tools: [weather], loopId: "loop" })

const layers = Layer.mergeAll(
  Layer.provideMerge(Runs.layer(), RunStore.memory),
  MockLLM.layer((_, index) =>
    index % 2 === 0 ? ["Let me ", "see. ", call("weather", { city: "Rome" }), finish(10, 0.01)] : ["4 ", "degrees"]
  )
)

const withoutPosition = ({ position, ...event }: ToolLoopEvent & { readonly position: string }): unknown => event

describe("a run of a tool loop", () => {
  it.effect("gives the events of the loop, from every position", () =>
    Effect.gen(function* () {
      const expected = yield* eventsOf(loop)
      const { id } = yield* Runs.start(loop)
      const events = Array.from(yield* Stream.runCollect(Runs.readEvents(id)))
      expect(JSON.parse(JSON.stringify(events.map(withoutPosition)))).toEqual(
        expected.map((event) =>
          event.type === "end" ? { ...event, response: { ...event.response, rawResponse: null } } : event
        )
      )
      for (const [index, { position }] of events.entries()) {
        const rest = Array.from(yield* Stream.runCollect(Runs.readEvents(id, { after: position })))
        expect(rest).toEqual(events.slice(index + 1))
      }
    }).pipe(Effect.provide(layers))
  )

  it.effect("is read as one response, with the usage of all steps, from every position", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(loop)
      const response = yield* collect(Runs.read(id))
      expect(response).toMatchObject({ content: "Let me see. 4 degrees", finishReason: "stop" })
      const chunks = Array.from(yield* Stream.runCollect(Runs.read(id)))
      expect(chunks.length).toBeGreaterThan(4)
      for (const [index, { position }] of chunks.entries()) {
        const rest = Array.from(yield* Stream.runCollect(Runs.read(id, { after: position })))
        expect(rest).toEqual(chunks.slice(index + 1))
      }
      expect(yield* Runs.status(id)).toMatchObject({ state: "complete", usage: response.usage })
    }).pipe(Effect.provide(layers))
  )
})
