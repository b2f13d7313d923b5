/** Toolkits of @effect/ai in a tool loop. */
import * as AiTool from "@effect/ai/Tool"
import * as Toolkit from "@effect/ai/Toolkit"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import type { LLMClient, LLMError } from "llm-connectivity"
import { EffectAi } from "llm-connectivity/effect-ai"
import { MockLLM } from "llm-connectivity/testing"
import { Tool, ToolLoop } from "llm-connectivity/tools"
import { expectTypeOf } from "vitest"
import { call } from "../support/toolCalls.js"

class NoCity extends Schema.TaggedError<NoCity>()("NoCity", { city: Schema.String }) {}
class NoTime extends Schema.TaggedError<NoTime>()("NoTime", {}) {}

const toolkit = Toolkit.make(
  AiTool.make("Weather", {
    description: "Returns the weather",
    parameters: { city: Schema.String, days: Schema.NumberFromString },
    success: Schema.Struct({ celsius: Schema.Number, on: Schema.Date }),
    failure: NoCity,
    failureMode: "return"
  }),
  AiTool.make("Time", { success: Schema.String, failure: NoTime })
)

const handlers = toolkit.toLayer({
  Weather: ({ city, days }) =>
    city === "Atlantis" ? Effect.fail(new NoCity({ city })) : Effect.succeed({ celsius: days, on: new Date(0) }),
  Time: () => Effect.fail(new NoTime())
})

const messages = [{ role: "user", content: "Hi" }] as const

describe("a toolkit of @effect/ai", () => {
  it("has the errors and the context of its tools", () => {
    const running = ToolLoop.run({ messages }, { tools: EffectAi.tools(toolkit) })
    expectTypeOf<Effect.Effect.Error<typeof running>>().toEqualTypeOf<LLMError | NoTime>()
    expectTypeOf<Effect.Effect.Context<typeof running>>().toEqualTypeOf<
      LLMClient | AiTool.Handler<"Weather"> | AiTool.Handler<"Time">
    >()
  })

  it.effect("runs in a loop: arguments are decoded, results and returned failures encoded", () =>
    Effect.gen(function* () {
      const { messages: all } = yield* ToolLoop.run({ messages }, { tools: EffectAi.tools(toolkit) })
      expect(all.slice(2, 5)).toMatchObject([
        { content: '{"celsius":3,"on":"1970-01-01T00:00:00.000Z"}' },
        { content: '{"error":{"city":"Atlantis","_tag":"NoCity"}}' },
        { content: expect.stringContaining("days: is missing") }
      ])
      expect((yield* MockLLM.requests)[0]?.tools?.map(({ name }) => name)).toEqual(["Weather", "Time"])
    }).pipe(
      Effect.provide(
        Layer.merge(
          handlers,
          MockLLM.layer([
            [
              call("Weather", { city: "Rome", days: "3" }, 0),
              call("Weather", { city: "Atlantis", days: "3" }, 1),
              call("Weather", { city: "Rome" }, 2)
            ],
            "done"
          ])
        )
      )
    )
  )

  it.effect("fails the loop with the failure of a tool that does not return it", () =>
    Effect.gen(function* () {
      const own = Tool.make("own", { execute: () => Effect.void })
      const tools = Effect.map(EffectAi.tools(toolkit), (all) => [...all, own])
      expect(yield* Effect.flip(ToolLoop.run({ messages }, { tools }))).toEqual(new NoTime())
    }).pipe(Effect.provide(Layer.merge(handlers, MockLLM.layer([[call("Time")]]))))
  )
})
