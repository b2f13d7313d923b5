/** Hosted tools in the tool loop: tools that the provider runs, pauses, and sources. */
import { describe, expect, expectTypeOf, it } from "@effect/vitest"
import { Effect, Schema, type Stream } from "effect"
import { collect, HostedTool, type LLMClient, type LLMError, type Message, StreamChunk } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { Tool, ToolLoop, type ToolLoopEvent } from "llm-connectivity/tools"
import { asking, bodies, protocols } from "../support/contract.js"
import { call, eventsOf, finish } from "../support/toolCalls.js"

const messages: ReadonlyArray<Message> = [{ role: "user", content: "Who won, and how warm is it there?" }]

const weather = Tool.make("weather", {
  parameters: { city: Schema.String },
  execute: ({ city }) => Effect.succeed(`${city.length} degrees`)
})

const page = (url: string, start: number, end: number) => ({ url, range: { start, end } })

describe("hosted tools in a loop", () => {
  it.effect("stand beside tools that run, and are sent in every step in which they are active", () =>
    Effect.gen(function* () {
      const tools = [weather, Tool.hosted.webSearch({ maxUses: 2 }), HostedTool.codeExecution()]
      const prepareStep = ({ step }: { readonly step: number }) =>
        Effect.succeed(step === 0 ? {} : { activeTools: ["weather", "code_execution"] })
      yield* ToolLoop.run({ messages }, { tools, prepareStep })
      const names = (yield* MockLLM.requests).map((request) => request.tools?.map((tool) => tool.name))
      expect(names).toEqual([
        ["weather", "web_search", "code_execution"],
        ["weather", "code_execution"]
      ])
    }).pipe(Effect.provide(MockLLM.layer([[call("weather", { city: "Ulm" })], "3 degrees"])))
  )

  it.effect("fail where one has the name of another tool", () =>
    Effect.gen(function* () {
      const tools = [HostedTool.webSearch(), Tool.make("web_search", { execute: () => Effect.void })]
      const error = yield* Effect.flip(ToolLoop.run({ messages }, { tools }))
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining("web_search") })
    }).pipe(Effect.provide(MockLLM.layer([])))
  )

  it("need no context and have no errors of their own", () => {
    const stream = () => ToolLoop.stream({ messages }, { tools: [HostedTool.webSearch()] })
    expectTypeOf(stream).returns.toEqualTypeOf<Stream.Stream<ToolLoopEvent, LLMError, LLMClient>>()
  })
})

describe("a loop whose provider pauses", () => {
  const paused = (content: string, url: string) => ({
    content,
    finishReason: "other" as const,
    sources: [{ ...page(url, 0, content.length), title: "Page" }]
  })

  it.effect("sends what came before and goes on, and gives one response with all sources", () =>
    Effect.gen(function* () {
      const response = yield* ToolLoop.run({ messages }, { tools: [HostedTool.webSearch()] })
      expect(response).toMatchObject({
        content: "I search. Ulm won.",
        endReason: "finished",
        sources: [page("https://a.example/", 0, 10), page("https://b.example/", 10, 18)]
      })
      expect(response).not.toHaveProperty("paused")
      expect(response.steps).toHaveLength(2)
      expect(response.messages.map(({ role }) => role)).toEqual(["user", "assistant", "assistant"])
      const [, body] = yield* bodies
      expect(body).toMatchObject({
        messages: [{ role: "user" }, { role: "assistant", content: [{ text: "I search. " }] }]
      })
    }).pipe(
      asking(protocols["anthropic-messages"], [
        paused("I search. ", "https://a.example/"),
        { content: "Ulm won.", sources: [page("https://b.example/", 0, 8)] }
      ])
    )
  )

  it.effect("goes on to the calls of tools that run beside the hosted ones", () =>
    Effect.gen(function* () {
      const { content, sources, steps } = yield* ToolLoop.run(
        { messages },
        { tools: [weather, HostedTool.webSearch()] }
      )
      expect({ content, sources, steps: steps.length }).toEqual({
        content: "Ulm won.",
        sources: [page("https://b.example/", 0, 8)],
        steps: 3
      })
      const sent = yield* bodies
      expect(sent.map((body) => Object(body).tools.map(({ name }: { readonly name: string }) => name))).toEqual(
        Array.from(sent, () => ["weather", "web_search"])
      )
      expect(sent[2]).toMatchObject({
        messages: [
          { role: "user" },
          { role: "assistant", content: [{ text: "I search. " }, { type: "tool_use", name: "weather" }] },
          { role: "user", content: [{ type: "tool_result", content: "3 degrees" }] }
        ]
      })
    }).pipe(
      asking(protocols["anthropic-messages"], [
        paused("I search. ", "https://a.example/"),
        { toolCalls: [{ name: "weather", arguments: { city: "Ulm" } }] },
        { content: "Ulm won.", sources: [page("https://b.example/", 0, 8)] }
      ])
    )
  )

  it.effect("ends at its limit of steps with what there is, still paused", () =>
    Effect.gen(function* () {
      const {
        content,
        endReason,
        paused: isPaused
      } = yield* ToolLoop.run({ messages }, { tools: [HostedTool.webSearch()], stopWhen: { steps: 2 } })
      expect([content, endReason, isPaused]).toEqual(["..", "steps", true])
    }).pipe(asking(protocols["anthropic-messages"], () => paused(".", "https://a.example/")))
  )
})

describe("the sources of a loop", () => {
  const step = (content: string, url: string, rest: ReadonlyArray<StreamChunk | Partial<StreamChunk>> = []) => [
    StreamChunk.make({ content }),
    StreamChunk.make({ sources: [page(url, 0, content.length)] }),
    ...rest.map((chunk) => StreamChunk.make(chunk))
  ]
  const script = () =>
    MockLLM.layer([
      [...step("First. ", "https://a.example/"), call("weather", { city: "Ulm" }), finish(1, 0)],
      step("Second.", "https://b.example/")
    ])

  it.effect("are in its chunks, with ranges of the whole text", () =>
    Effect.gen(function* () {
      const { content, sources } = yield* collect(ToolLoop.chatStream({ messages }, { tools: [weather] }))
      expect(content).toBe("First. Second.")
      expect(sources).toEqual([page("https://a.example/", 0, 7), page("https://b.example/", 7, 14)])
    }).pipe(Effect.provide(script()))
  )

  it.effect("are in its response those of the last step, as its content is", () =>
    Effect.gen(function* () {
      const events = yield* eventsOf(ToolLoop.stream({ messages }, { tools: [weather] }))
      const end = events.at(-1)
      expect(end?.type === "end" && [end.response.content, end.response.sources]).toEqual([
        "Second.",
        [page("https://b.example/", 0, 7)]
      ])
    }).pipe(Effect.provide(script()))
  )
})
