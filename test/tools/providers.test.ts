/** The tool loop over real HTTP, in all four protocols. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Layer, Ref, Schedule, Schema, Stream } from "effect"
import { LLMClient, type Message, ModelCatalog, Policy } from "llm-connectivity"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { Tool, ToolLoop, type ToolLoopEvent, type ToolLoopOptions } from "llm-connectivity/tools"
import { protocolNames } from "../resilience/ask.js"
import { held, leftSince } from "../resilience/interruption.js"
import { asking, bodies, protocols } from "../support/contract.js"

const messages: ReadonlyArray<Message> = [{ role: "user", content: "Compare Rome and Oslo" }]

class NoStation extends Schema.TaggedError<NoStation>()("NoStation", { city: Schema.String }) {}

const weather = Tool.make("weather", {
  description: "Returns the weather of a city",
  parameters: { city: Schema.String },
  success: Schema.Struct({ celsius: Schema.Number }),
  failure: NoStation,
  failureMode: "return",
  execute: ({ city }) =>
    city === "Atlantis" ? Effect.fail(new NoStation({ city })) : Effect.succeed({ celsius: city.length })
})

const ask = (city: unknown) => ({ name: "weather", arguments: { city } as { readonly [name: string]: unknown } })

const calls = (...cities: ReadonlyArray<unknown>): SimulatedReply => ({ toolCalls: cities.map(ask) })

/** The contents of the tool messages. */
const resultsIn = (all: ReadonlyArray<Message>) =>
  all.flatMap((message) => (message.role === "tool" ? [message.content] : []))

const endless = (_: unknown, index: number): SimulatedReply => calls(`City ${index}`)

describe.each(protocolNames)("a tool loop over %s", (name) => {
  const protocol = protocols[name]
  const run = (options?: Omit<ToolLoopOptions, "tools" | "approve" | "prepareStep" | "onStep" | "resume">) =>
    ToolLoop.run({ messages }, { tools: [weather], ...options })

  it.effect("sends the results of parallel calls, a failed one too, in the order of the calls", () =>
    Effect.gen(function* () {
      const { content, messages: all } = yield* run()
      expect(content).toBe("Rome has 4 degrees")
      expect(resultsIn(all)).toEqual([
        '{"celsius":4}',
        '{"error":{"city":"Atlantis","_tag":"NoStation"}}',
        '{"celsius":6}'
      ])
      const sent = JSON.stringify((yield* bodies)[1])
      expect(sent.indexOf("NoStation")).toBeGreaterThan(sent.indexOf("celsius"))
      expect(sent.lastIndexOf("celsius")).toBeGreaterThan(sent.indexOf("NoStation"))
    }).pipe(asking(protocol, [calls("Rome", "Atlantis", "Lisbon"), "Rome has 4 degrees"]))
  )

  it.effect("lets the model repair arguments that do not fit, and that are no JSON", () =>
    Effect.gen(function* () {
      const { content, messages: all } = yield* run()
      expect(content).toBe("4 degrees")
      expect(resultsIn(all)).toEqual([
        expect.stringContaining("city: Expected string, actual 5"),
        expect.stringContaining(name === "google-gemini" ? "celsius" : "are not the JSON of an object"),
        '{"celsius":4}'
      ])
    }).pipe(
      asking(protocol, [
        calls(5),
        // Gemini's arguments are JSON by its protocol.
        name === "google-gemini" ? calls("Oslo") : { toolCalls: [{ name: "weather", arguments: '{"city":' }] },
        calls("Rome"),
        "4 degrees"
      ])
    )
  )

  it.effect("names the tools to a model that calls an unknown one", () =>
    Effect.gen(function* () {
      const { content, messages: all } = yield* run()
      expect(content).toBe("sorry")
      expect(resultsIn(all)).toEqual(['{"error":"no tool has this name; the tools are: weather"}'])
    }).pipe(asking(protocol, [{ toolCalls: [{ name: "forecast", arguments: {} }] }, "sorry"]))
  )

  it.effect("tells the model of a denial", () =>
    Effect.gen(function* () {
      const remove = Tool.make("remove", { needsApproval: true, execute: () => Effect.die("ran") })
      const approve = () => Effect.succeed({ deny: "not today" })
      const { content, messages: all } = yield* ToolLoop.run({ messages }, { tools: [remove], approve })
      expect([content, ...resultsIn(all)]).toEqual(["fine", '{"error":"the call was denied: not today"}'])
    }).pipe(asking(protocol, [{ toolCalls: [{ name: "remove", arguments: {} }] }, "fine"]))
  )

  it.effect.each([
    ["steps", { steps: 2 }, 2],
    ["toolCalled", { toolCalled: "weather" }, 1],
    ["tokens", { tokens: 1 }, 1],
    ["dollars", { dollars: 1e-9 }, 1],
    ["time", { time: Duration.zero }, 1],
    ["condition", { condition: ({ steps }) => steps.length === 3 }, 3]
  ] satisfies ReadonlyArray<readonly [string, ToolLoopOptions["stopWhen"], number]>)(
    "stops at its limit: %s",
    ([limit, stopWhen, count]) =>
      Effect.gen(function* () {
        const { endReason, steps, usage, cost } = yield* run({ stopWhen })
        expect([endReason, steps.length]).toEqual([limit, count])
        expect(usage?.totalTokens).toBeGreaterThan(0)
        expect(cost).toBeGreaterThan(0)
      }).pipe(asking(protocol, endless), Effect.provide(ModelCatalog.layer))
  )

  it.live("repeats a step that fails, the third too, without running a tool twice", () =>
    Effect.gen(function* () {
      const ids = yield* Ref.make<ReadonlyArray<string>>([])
      const noting = Tool.make("weather", {
        parameters: { city: Schema.String },
        execute: (_, { id }) => Ref.update(ids, (all) => [...all, id])
      })
      const policies = [Policy.retry({ network: Schedule.recurs(2), rateLimit: Schedule.recurs(2) })]
      const { content } = yield* ToolLoop.run({ messages }, { tools: [noting], loopId: "loop", policies })
      expect(content).toBe("done")
      expect(yield* bodies).toHaveLength(6)
      expect(yield* Ref.get(ids)).toEqual(["loop/0/0", "loop/1/0", "loop/2/0"])
    }).pipe(
      asking(protocol, [
        calls("a"),
        calls("b"),
        { status: 503 },
        { fault: { type: "resetBeforeHeaders" } },
        calls("c"),
        "done"
      ])
    )
  )

  it.live("interrupted while three tools run, interrupts all of them and leaves no socket and no fiber", () =>
    Effect.gen(function* () {
      yield* interruptedWhileRunning
      const before = held()
      for (let time = 0; time < 50; time++) expect(yield* interruptedWhileRunning).toBe(3)
      expect((yield* Simulator.requests).length).toBe(51)
      const left = yield* leftSince(before)
      expect(Math.max(left.sockets, left.fibers)).toBeLessThanOrEqual(0)
    }).pipe(asking(protocol, () => calls("a", "b", "c"), { remembers: 60 }))
  )
})

/** Starts a loop, interrupts it when its three tools run, and gives how many of them were interrupted. */
const interruptedWhileRunning = Effect.gen(function* () {
  const running = yield* Deferred.make<void>()
  const counts = { started: 0, interrupted: 0 }
  const hanging = Tool.make("weather", {
    parameters: { city: Schema.String },
    execute: () =>
      Effect.suspend(() => {
        counts.started += 1
        return Effect.zipRight(counts.started === 3 ? Deferred.succeed(running, undefined) : Effect.void, Effect.never)
      }).pipe(Effect.onInterrupt(() => Effect.sync(() => (counts.interrupted += 1))))
  })
  const loop = yield* Effect.fork(ToolLoop.run({ messages }, { tools: [hanging] }))
  yield* Deferred.await(running)
  yield* Fiber.interrupt(loop)
  return counts.interrupted
})

describe("a tool loop with a fallback", () => {
  const client = LLMClient.layer({
    model: "anthropic/claude-sonnet-4-5",
    policies: [Policy.fallback("openai/gpt-5-mini")]
  }).pipe(Layer.provide(FetchHttpClient.layer), Layer.orDie)

  it.effect("goes on with another provider between two steps, with the reasoning that belongs to it", () =>
    Effect.gen(function* () {
      const events: Array<ToolLoopEvent> = []
      const stream = ToolLoop.stream({ messages, reasoning: { effort: "low" } }, { tools: [weather] })
      yield* Stream.runForEach(stream, (event) => Effect.sync(() => events.push(event)))
      const end = events.at(-1)
      expect(end).toMatchObject({
        response: { content: "4 degrees", steps: [{ provider: "anthropic" }, { provider: "openai" }] }
      })
      const requests = yield* Simulator.requests
      expect(requests.map(({ protocol }) => protocol)).toEqual([
        "anthropic-messages",
        "anthropic-messages",
        "openai-chat"
      ])
      const [, second, third] = requests.map(({ body }) => JSON.stringify(body))
      expect(second).toContain("signature")
      expect(third).not.toContain("signature")
      expect(third).toContain("celsius")
    }).pipe(
      Effect.provide(
        client.pipe(
          Layer.provideMerge(
            Simulator.layerConfig({
              pace: 0,
              script: [{ ...calls("Rome"), reasoning: "I need the weather." }, { status: 529 }, "4 degrees"]
            })
          )
        )
      )
    )
  )
})
