/** The spans of tool loops and tools: what they say of calls, failures and limits, and that content needs an option. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, Schema, Stream, TestClock } from "effect"
import { LLMClient, NetworkError } from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { ApprovalStore, Approvals, Tool, ToolLoop } from "llm-connectivity/tools"
import { call, finish } from "../support/toolCalls.js"
import { type SeenSpan, tracing } from "../support/tracing.js"

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { message: Schema.String }) {}

const messages = [{ role: "user", content: "What is the weather in Rome?" }] as const

const weather = Tool.make("weather", {
  description: "Returns the weather of a city",
  parameters: { city: Schema.String },
  execute: ({ city }) => Effect.succeed(`rain in ${city}`)
})

const rome = call("weather", { city: "Rome" })

const failing = (failureMode: "error" | "return") =>
  Tool.make("weather", {
    parameters: { city: Schema.String },
    failure: NotFound,
    failureMode,
    execute: ({ city }) => Effect.fail(new NotFound({ message: `no ${city}` }))
  })

/** Runs a program on scripted responses and gives its spans. */
const spansOf = <A, E>(responses: MockResponses, program: Effect.Effect<A, E, LLMClient>) =>
  Effect.gen(function* () {
    const { spans, tracer } = tracing()
    const exit = yield* program.pipe(Effect.exit, Effect.withTracer(tracer), Effect.provide(MockLLM.layer(responses)))
    return { spans, exit }
  })

const named = (spans: ReadonlyArray<SeenSpan>, name: string): SeenSpan | undefined =>
  spans.find((span) => span.name === name)

const textOf = (spans: ReadonlyArray<SeenSpan>): string =>
  JSON.stringify(spans.map(({ attributes, exit }) => [Array.from(attributes), exit]))

describe("the spans of a tool loop", () => {
  it.effect("are one for the loop, and below it one for each chat call and each tool that runs", () =>
    Effect.gen(function* () {
      const nested = Tool.make("weather", {
        description: "Returns the weather of a city",
        parameters: { city: Schema.String },
        execute: () => Effect.withSpan(Effect.succeed("rain"), "lookup")
      })
      const loop = ToolLoop.run({ messages, model: "gpt" }, { name: "guide", tools: [nested] })
      const { spans } = yield* spansOf(
        [
          [rome, finish(10, 0.01)],
          ["Rain.", { ...finish(20, 0.02), finishReason: "stop" }]
        ],
        loop
      )
      expect(spans.map(({ name, parent, kind }) => [name, parent, kind])).toEqual([
        ["invoke_agent guide", undefined, "internal"],
        ["chat gpt", "invoke_agent guide", "client"],
        ["execute_tool weather", "invoke_agent guide", "internal"],
        ["lookup", "execute_tool weather", "internal"],
        ["chat gpt", "invoke_agent guide", "client"]
      ])
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toEqual({
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "guide",
        "gen_ai.request.model": "gpt",
        "gen_ai.provider.name": "mock",
        "gen_ai.response.model": "gpt",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.cache_creation.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 0,
        "llm_connectivity.cost": 0.03,
        "llm_connectivity.steps": 2,
        "llm_connectivity.end_reason": "finished"
      })
      expect(spans.every(({ exit }) => exit?._tag === "Success")).toBe(true)
    })
  )

  it.effect("are above what the caller's effects trace: of tools, steps and approvals", () =>
    Effect.gen(function* () {
      const traced = <A>(name: string, value: A) => Effect.withSpan(Effect.succeed(value), name)
      const careful = Tool.make("weather", {
        parameters: { city: Schema.String },
        needsApproval: () => traced("needsApproval", true),
        execute: ({ city }) => Effect.succeed(`rain in ${city}`)
      })
      const loop = ToolLoop.run(
        { messages },
        {
          name: "guide",
          tools: traced("tools", [careful]),
          prepareStep: () => traced("prepareStep", {}),
          approve: () => traced("approve", "approve" as const),
          onStep: () => traced("onStep", undefined)
        }
      )
      const { spans } = yield* spansOf([[rome], "Rain."], loop)
      const ofCaller = spans.filter(({ name }) => !name.includes(" "))
      const step = ["tools", "prepareStep"]
      expect(ofCaller.map(({ name }) => name)).toEqual([
        ...[...step, "needsApproval", "approve", "onStep"],
        ...[...step, "onStep"]
      ])
      expect(ofCaller.every(({ parent }) => parent === "invoke_agent guide")).toBe(true)
    })
  )

  it.effect("contain arguments, results and messages only with traceContent", () =>
    Effect.gen(function* () {
      const script: MockResponses = [[rome], "Rain."]
      const { spans: plain } = yield* spansOf(script, ToolLoop.run({ messages }, { tools: [weather] }))
      expect(textOf(plain)).not.toMatch(/Rome|rain|Rain/)
      const traced = ToolLoop.run({ messages }, { tools: [weather], traceContent: true })
      const { spans } = yield* spansOf(script, traced)
      const tool = named(spans, "execute_tool weather")?.attributes
      expect(tool?.get("gen_ai.tool.call.arguments")).toBe('{"city":"Rome"}')
      expect(tool?.get("gen_ai.tool.call.result")).toBe("rain in Rome")
      const loop = named(spans, "invoke_agent")?.attributes
      expect(loop?.get("gen_ai.input.messages")).toBe(
        '[{"role":"user","parts":[{"type":"text","content":"What is the weather in Rome?"}]}]'
      )
      expect(loop?.get("gen_ai.output.messages")).toContain('"content":"Rain."')
    })
  )

  it.effect("name the class of a tool's failure, and not its words", () =>
    Effect.gen(function* () {
      const script: MockResponses = [[rome], "None."]
      const fails = yield* spansOf(script, ToolLoop.run({ messages }, { tools: [failing("error")] }))
      expect(fails.exit._tag).toBe("Failure")
      for (const name of ["invoke_agent", "execute_tool weather"]) {
        const span = named(fails.spans, name)
        expect(span?.attributes.get("error.type")).toBe("NotFound")
        expect(span?.exit?._tag).toBe("Failure")
      }
      expect(textOf(fails.spans)).not.toContain("no Rome")
      const told = yield* spansOf(script, ToolLoop.run({ messages }, { tools: [failing("return")] }))
      expect(told.exit._tag).toBe("Success")
      expect(named(told.spans, "execute_tool weather")?.attributes.get("error.type")).toBe("NotFound")
      expect(named(told.spans, "invoke_agent")?.attributes.has("error.type")).toBe(false)
    })
  )

  it.effect("name a timeout, a defect, and the error of a chat call", () =>
    Effect.gen(function* () {
      const slow = Tool.make("weather", { timeout: "1 second", execute: () => Effect.never })
      const running = yield* Effect.fork(
        spansOf([[call("weather")], "None."], ToolLoop.run({ messages }, { tools: [slow] }))
      )
      yield* TestClock.adjust("2 seconds")
      const timedOut = yield* Fiber.join(running)
      expect(named(timedOut.spans, "execute_tool weather")?.attributes.get("error.type")).toBe("timeout")
      const broken = Tool.make("weather", { execute: () => Effect.die("boom") })
      const died = yield* spansOf([[call("weather")]], ToolLoop.run({ messages }, { tools: [broken] }))
      expect(named(died.spans, "execute_tool weather")?.attributes.get("error.type")).toBe("_OTHER")
      expect(named(died.spans, "invoke_agent")?.attributes.get("error.type")).toBe("_OTHER")
      const cut = new NetworkError({ provider: "mock", model: "mock", reason: "Truncated", message: "cut" })
      const failed = yield* spansOf([["Ra", cut]], ToolLoop.run({ messages }, { tools: [weather] }))
      expect(named(failed.spans, "invoke_agent")?.attributes.get("error.type")).toBe("NetworkError.Truncated")
    })
  )

  it.effect("end without an error when the consumer stops reading", () =>
    Effect.gen(function* () {
      const waiting = Tool.make("weather", { execute: () => Effect.never })
      const events = ToolLoop.stream({ messages }, { tools: [waiting] })
      const untilStarted = Stream.runDrain(Stream.takeUntil(events, ({ type }) => type === "tool-started"))
      const { spans } = yield* spansOf([[call("weather")]], untilStarted)
      expect(spans.map(({ name }) => name)).toEqual(["invoke_agent", "chat mock", "execute_tool weather"])
      expect(spans.filter(({ exit }) => exit === undefined)).toEqual([])
      expect(spans.filter(({ attributes }) => attributes.has("error.type"))).toEqual([])
    })
  )

  it.effect("have no tool for a call that does not run, and one when the loop is resumed", () =>
    Effect.gen(function* () {
      const careful = Tool.make("weather", {
        description: "Returns the weather of a city",
        parameters: { city: Schema.String },
        needsApproval: true,
        execute: ({ city }) => Effect.succeed(`rain in ${city}`)
      })
      const asking = ToolLoop.run({ messages }, { tools: [careful] })
      const resuming = Effect.gen(function* () {
        const { messages: all, pendingApprovals } = yield* asking
        const approvals = pendingApprovals.map((approval) => ({ approval, decision: "approve" as const }))
        return yield* ToolLoop.run({ messages: all }, { tools: [careful], resume: { approvals } })
      }).pipe(
        Effect.provide(
          Layer.orDie(
            Approvals.layer({ secret: Redacted.make("0123456789abcdef0123456789abcdef"), store: ApprovalStore.memory })
          )
        )
      )
      const { spans, exit } = yield* spansOf([[rome], "Rain."], resuming)
      expect(exit._tag).toBe("Success")
      expect(spans.map(({ name }) => name)).toEqual([
        ...["invoke_agent", "chat mock"],
        ...["invoke_agent", "execute_tool weather", "chat mock"]
      ])
      expect(spans[0]?.attributes.get("llm_connectivity.end_reason")).toBe("pending")
      expect(spans[3]?.attributes.get("gen_ai.tool.description")).toBe("Returns the weather of a city")
    })
  )
})

describe("the span of a call for an object", () => {
  it.effect("is that of its chat call, with the output type json", () =>
    Effect.gen(function* () {
      const City = Schema.Struct({ city: Schema.String })
      const { spans } = yield* spansOf(['{"city":"Rome"}'], LLMClient.chatObject(City, { messages }))
      expect(spans.map(({ name }) => name)).toEqual(["chat mock"])
      expect(spans[0]?.attributes.get("gen_ai.output.type")).toBe("json")
    })
  )
})
