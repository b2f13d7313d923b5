/** The tool loop, on scripted responses. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, type Duration, Effect, Exit, Fiber, Ref, Schema, Stream, TestClock } from "effect"
import { type ChatRequest, collect, print, type StreamChunk } from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { Tool, ToolLoop, type ToolLoopEvent, type ToolLoopOptions, type ToolLoopResponse } from "llm-connectivity/tools"
import { call, eventsOf, finish } from "../support/toolCalls.js"

class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { city: Schema.String }) {}

const messages = [{ role: "user", content: "What is the weather in Rome?" }] as const

const weather = Tool.make("weather", {
  description: "Returns the weather of a city",
  parameters: { city: Schema.String },
  success: Schema.Struct({ celsius: Schema.Number }),
  execute: ({ city }) => Effect.succeed({ celsius: city.length })
})

const rome = call("weather", { city: "Rome" })

const scripted = (responses: MockResponses) => Effect.provide(MockLLM.layer(responses))

/** The results that the model got in its last request. */
const lastResults = Effect.map(MockLLM.requests, (requests) =>
  (requests.at(-1)?.messages ?? []).flatMap((message) => (message.role === "tool" ? [message.content] : []))
)

/** Calls a new city in every step. */
const endless: MockResponses = (_, index) => [call("weather", { city: `City ${index}` }), finish(9, 0.01)]

describe("a tool loop", () => {
  it.effect("runs the calls of each response and sends the results, until the model answers", () =>
    Effect.gen(function* () {
      const events = yield* eventsOf(ToolLoop.stream({ messages }, { tools: [weather] }))
      expect(events.map(({ type }) => type)).toEqual([
        ...["chunk", "chunk", "tool-started", "tool-finished", "step-finished"],
        ...["chunk", "chunk", "step-finished", "end"]
      ])
      expect(yield* lastResults).toEqual(['{"celsius":4}'])
      expect(events.at(-1)).toMatchObject({ response: { content: "4 degrees", endReason: "finished" } })
    }).pipe(scripted([[rome], "4 degrees"]))
  )

  it.effect("ends with the whole conversation, and the usage and cost of all steps", () =>
    Effect.gen(function* () {
      const { usage, cost, messages: all, steps } = yield* ToolLoop.run({ messages }, { tools: [weather] })
      expect(usage).toMatchObject({ inputTokens: 30, outputTokens: 2, totalTokens: 32 })
      expect(cost).toBeCloseTo(0.03)
      expect(all.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"])
      expect(steps.map(({ calls }) => calls.length)).toEqual([1, 0])
    }).pipe(
      scripted([
        [rome, finish(10, 0.01)],
        ["4 degrees", { ...finish(20, 0.02), finishReason: "stop" }]
      ])
    )
  )

  it.effect("is as chunks one response with one finish, the last, and summed usage", () =>
    Effect.gen(function* () {
      const chunks: Array<StreamChunk> = []
      const stream = ToolLoop.chatStream({ messages }, { tools: [weather] })
      yield* Stream.runForEach(stream, (chunk) => Effect.sync(() => chunks.push(chunk)))
      expect(chunks.filter(({ finishReason }) => finishReason !== null)).toEqual([chunks.at(-1)])
      expect(chunks.at(-1)).toMatchObject({
        finishReason: "stop",
        usage: { totalTokens: 32 },
        origin: { model: "mock" }
      })
    }).pipe(
      scripted([
        ["I will look. ", rome, finish(10)],
        ["4 degrees", { ...finish(20), finishReason: "stop" }]
      ])
    )
  )

  it.effect("is printed and collected as one response", () =>
    Effect.gen(function* () {
      const printed: Array<string> = []
      const response = yield* print(ToolLoop.chatStream({ messages }, { tools: [weather] }), {
        write: (text) => printed.push(text)
      })
      expect(printed.join("").trimEnd()).toBe("I will look. 4 degrees")
      expect(response).toMatchObject({ content: "I will look. 4 degrees", toolCalls: [] })
    }).pipe(scripted([["I will look. ", rome], "4 degrees"]))
  )

  it.effect("takes back only the step that starts again, in its chunks and in its response", () =>
    Effect.gen(function* () {
      const sources = (content: string) => [{ url: "https://example.com/", range: { start: 0, end: content.length } }]
      const again = (wrong: string, content: string) => [
        { content: wrong, sources: sources(wrong), part: { index: 0, type: "text" as const } },
        { content, sources: sources(content), reset: true as const, part: { index: 0, type: "text" as const } }
      ]
      const script: MockResponses = [
        [{ reasoning: "Hm.", part: { index: 0, type: "reasoning" } }, ...again("No. ", "I look. "), rome, finish(1)],
        [...again("Wrong.", "4 degrees")]
      ]
      const [shown, run] = yield* Effect.all([
        Effect.provide(collect(ToolLoop.chatStream({ messages }, { tools: [weather] })), MockLLM.layer(script)),
        Effect.provide(ToolLoop.run({ messages }, { tools: [weather] }), MockLLM.layer(script))
      ])
      expect(shown).toMatchObject({ content: "I look. 4 degrees", reasoning: "", finishReason: "stop" })
      expect(shown.sources?.map(({ range }) => range)).toEqual([
        { start: 0, end: 8 },
        { start: 8, end: 17 }
      ])
      expect(run.content).toBe("4 degrees")
    })
  )

  it.effect("runs the calls of a step together, and sends the results in the order of the calls", () =>
    Effect.gen(function* () {
      const slowFirst = Tool.make("wait", {
        parameters: { seconds: Schema.Number },
        execute: ({ seconds }) => Effect.as(Effect.sleep(seconds * 1000), `waited ${seconds}`)
      })
      const running = yield* Effect.fork(ToolLoop.run({ messages }, { tools: [slowFirst] }))
      yield* TestClock.adjust("3 seconds")
      expect((yield* Fiber.join(running)).content).toBe("done")
      expect(yield* lastResults).toEqual(["waited 3", "waited 1", "waited 2"])
    }).pipe(
      scripted([
        [call("wait", { seconds: 3 }, 0), call("wait", { seconds: 1 }, 1), call("wait", { seconds: 2 }, 2)],
        "done"
      ])
    )
  )

  it.effect("limits how many calls run at the same time", () =>
    Effect.gen(function* () {
      const wait = Tool.make("wait", { execute: () => Effect.sleep("1 second") })
      const running = yield* Effect.fork(ToolLoop.run({ messages }, { tools: [wait], concurrency: 1 }))
      yield* TestClock.adjust("1 second")
      expect(yield* Effect.map(Fiber.poll(running), (exit) => exit._tag)).toBe("None")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(running)
    }).pipe(scripted([[call("wait", {}, 0), call("wait", {}, 1)], "done"]))
  )

  it.effect("gives each call an id of loop, step and position, and not the provider's", () =>
    Effect.gen(function* () {
      const ids: Array<string> = []
      const noting = Tool.make("note", {
        parameters: { text: Schema.String },
        execute: (_, { id }) => Effect.sync(() => void ids.push(id))
      })
      yield* ToolLoop.run({ messages }, { tools: [noting], loopId: "loop" })
      expect(ids).toEqual(["loop/0/0", "loop/0/1", "loop/1/0"])
    }).pipe(
      scripted([
        [call("note", { text: "a" }, 0), call("note", { text: "b" }, 1)],
        [call("note", { text: "c" })],
        "done"
      ])
    )
  )

  it.effect("passes the progress of a tool on", () =>
    Effect.gen(function* () {
      const slow = Tool.make("slow", { execute: (_, { progress }) => progress({ percent: 50 }) })
      const events = yield* eventsOf(ToolLoop.stream({ messages }, { tools: [slow] }))
      expect(events.filter(({ type }) => type.startsWith("tool-"))).toMatchObject([
        { type: "tool-started", call: { name: "slow", step: 0, position: 0 } },
        { type: "tool-progressed", progress: { percent: 50 } },
        { type: "tool-finished", content: "done" }
      ])
    }).pipe(scripted([[call("slow")], "done"]))
  )

  it.effect("gives a reader who is slower than the tools every event", () =>
    Effect.gen(function* () {
      const types: Array<string> = []
      const second = Tool.make("second", { execute: (_, { progress }) => Effect.delay(progress(1), "1 second") })
      const reading = Stream.runForEach(ToolLoop.stream({ messages }, { tools: [second] }), ({ type }) =>
        Effect.delay(
          Effect.sync(() => types.push(type)),
          "5 seconds"
        )
      )
      const running = yield* Effect.fork(reading)
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(running)
      expect(types).toEqual([
        ...["chunk", "chunk", "tool-started", "tool-progressed", "tool-finished", "step-finished"],
        ...["chunk", "chunk", "step-finished", "end"]
      ])
    }).pipe(scripted([[call("second")], "done"]))
  )

  it.effect("sends images and files of a result as parts", () =>
    Effect.gen(function* () {
      const image = { type: "image", data: "aGk=", mediaType: "image/png" } as const
      const photo = Tool.make("photo", {
        execute: () => Effect.succeed([{ type: "text", text: "Rome" } as const, image])
      })
      yield* ToolLoop.run({ messages }, { tools: [photo] })
      expect(yield* lastResults).toEqual([[{ type: "text", text: "Rome" }, image]])
    }).pipe(scripted([[call("photo")], "done"]))
  )

  it.effect("leaves the calls of a tool without execute to the caller", () =>
    Effect.gen(function* () {
      const ask = Tool.make("ask", { parameters: { question: Schema.String } })
      const ended = yield* ToolLoop.run({ messages }, { tools: [weather, ask] })
      expect(ended).toMatchObject({
        endReason: "pending",
        finishReason: "tool_calls",
        pendingCalls: [{ toolCallId: "call-1", name: "ask", arguments: { question: "Which?" } }]
      })
      expect(ended.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"])
      const chunks = yield* collect(ToolLoop.chatStream({ messages }, { tools: [weather, ask] }))
      expect(chunks.toolCalls).toMatchObject([{ id: "call-1", name: "ask", arguments: '{"question":"Which?"}' }])
    }).pipe(scripted(() => [rome, call("ask", { question: "Which?" }, 1)]))
  )

  it.effect("runs no call of a response that was cut off", () =>
    Effect.gen(function* () {
      const { endReason, messages: all } = yield* ToolLoop.run({ messages }, { tools: [weather] })
      expect(endReason).toBe("finished")
      expect(all.at(-1)).toEqual({ role: "assistant", content: [{ type: "text", text: "Looking" }] })
    }).pipe(scripted([["Looking", rome, { finishReason: "length" }]]))
  )

  it.effect("reads tools that an effect gives before each step", () =>
    Effect.gen(function* () {
      const reads = yield* Ref.make(0)
      const tools = Effect.map(
        Ref.updateAndGet(reads, (count) => count + 1),
        (count) => (count === 1 ? [weather] : [])
      )
      yield* ToolLoop.run({ messages }, { tools })
      expect((yield* MockLLM.requests).map((request) => request.tools?.length)).toEqual([1, 0])
    }).pipe(scripted([[rome], "done"]))
  )

  it.effect("changes the request of single steps, and goes on from its own messages", () =>
    Effect.gen(function* () {
      const history: ChatRequest["messages"] = [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hi" },
        ...messages
      ]
      yield* ToolLoop.run(
        { messages: history },
        {
          tools: [weather],
          prepareStep: ({ step, messages: all }) =>
            Effect.succeed(
              step === 0
                ? { model: "large", toolChoice: "required", messages: all.slice(-1) }
                : { activeTools: [], temperature: 0 }
            )
        }
      )
      expect(yield* MockLLM.requests).toMatchObject([
        { model: "large", toolChoice: "required", messages, tools: [{ name: "weather" }] },
        { model: "mock", temperature: 0, tools: [] }
      ])
      expect((yield* MockLLM.requests)[1]?.messages).toHaveLength(5)
    }).pipe(scripted([[rome], "done"]))
  )

  it.effect("runs onStep after each step with the messages that it added", () =>
    Effect.gen(function* () {
      const added: Array<ReadonlyArray<string>> = []
      yield* ToolLoop.run(
        { messages },
        {
          tools: [weather],
          onStep: (step) => Effect.sync(() => added.push(step.messages.map(({ role }) => role)))
        }
      )
      expect(added).toEqual([["assistant", "tool"], ["assistant"]])
    }).pipe(scripted([[rome], "done"]))
  )

  it.effect("refuses two tools of one name", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(ToolLoop.run({ messages }, { tools: [weather, { ...weather }] }))
      expect(failure).toMatchObject({
        _tag: "ValidationError",
        message: expect.stringContaining("weather; rename one")
      })
    }).pipe(scripted([]))
  )
})

describe("a call that fails", () => {
  it.effect("with an error fails the loop and interrupts the other calls", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const failing = Tool.make("fail", { execute: () => Effect.fail(new NotFound({ city: "Rome" })) })
      const waiting = Tool.make("wait", {
        execute: () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      })
      const failure = yield* Effect.flip(ToolLoop.run({ messages }, { tools: [failing, waiting] }))
      expect(failure).toMatchObject({ _tag: "NotFound", city: "Rome" })
      yield* Deferred.await(interrupted)
    }).pipe(scripted([[call("wait", {}, 0), call("fail", {}, 1)]]))
  )

  it.effect("and returns its failures tells the model by the failure schema", () =>
    Effect.gen(function* () {
      const failing = Tool.make("find", {
        failure: NotFound,
        failureMode: "return",
        execute: () => Effect.fail(new NotFound({ city: "Rome" }))
      })
      const events = yield* eventsOf(ToolLoop.stream({ messages }, { tools: [failing] }))
      expect(yield* lastResults).toEqual(['{"error":{"city":"Rome","_tag":"NotFound"}}'])
      expect(events.find(({ type }) => type === "tool-failed")).toMatchObject({
        reason: "failure",
        error: { city: "Rome" }
      })
    }).pipe(scripted([[call("find")], "done"]))
  )

  it.effect("and returns its failures without a schema tells the model the message", () =>
    Effect.gen(function* () {
      const failing = Tool.make("find", {
        failureMode: "return",
        execute: () => Effect.fail(new Error("no such city"))
      })
      yield* ToolLoop.run({ messages }, { tools: [failing] })
      expect(yield* lastResults).toEqual(['{"error":"no such city"}'])
    }).pipe(scripted([[call("find")], "done"]))
  )

  it.effect("with a defect fails the loop with the defect", () =>
    Effect.gen(function* () {
      const broken = Tool.make("broken", { failureMode: "return", execute: () => Effect.die("broken") })
      expect(yield* Effect.exit(ToolLoop.run({ messages }, { tools: [broken] }))).toEqual(Exit.die("broken"))
    }).pipe(scripted([[call("broken")]]))
  )

  it.effect("in JavaScript, with an execute that returns no Effect, is a defect that says so", () =>
    Effect.gen(function* () {
      // @ts-expect-error the compiler rejects it
      const broken = Tool.make("broken", { execute: async () => "sunny" })
      const exit = yield* Effect.exit(ToolLoop.run({ messages }, { tools: [broken] }))
      expect(String(exit)).toContain("the execute of the tool broken must return an Effect")
    }).pipe(scripted([[call("broken")]]))
  )

  it.effect("by taking too long is interrupted, and the model is told", () =>
    Effect.gen(function* () {
      const slow = Tool.make("slow", { timeout: "5 seconds", execute: () => Effect.never })
      const running = yield* Effect.fork(ToolLoop.run({ messages }, { tools: [slow] }))
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(running)
      expect(yield* lastResults).toEqual([expect.stringContaining("took too long")])
    }).pipe(scripted([[call("slow")], "done"]))
  )

  /** Reads an event of the loop per second, as a slow page does. */
  const readSlowly = <E, R>(events: Stream.Stream<ToolLoopEvent, E, R>) =>
    Effect.gen(function* () {
      const reading = yield* Effect.fork(Stream.runCollect(Stream.tap(events, () => Effect.sleep("1 second"))))
      yield* TestClock.adjust("5 minutes")
      return Array.from(yield* Fiber.join(reading))
    })

  const reports = (progress: (value: unknown) => Effect.Effect<void>, concurrency: number) =>
    Effect.forEach(
      Array.from({ length: 60 }, (_, index) => index),
      progress,
      { concurrency, discard: true }
    )

  it.effect.each([1, 3])(
    "is not too late because it waited for a reader of its progress (%s reports at once)",
    (most) =>
      Effect.gen(function* () {
        const quick = Tool.make("quick", {
          timeout: "5 seconds",
          execute: (_, { progress }) => reports(progress, most)
        })
        const events = yield* readSlowly(ToolLoop.stream({ messages }, { tools: [quick] }))
        expect(events.filter(({ type }) => type === "tool-progressed")).toHaveLength(60)
        expect(events.some(({ type }) => type === "tool-failed")).toBe(false)
      }).pipe(scripted([[call("quick")], "done"]))
  )

  it.effect("is too late after its own time, however long it waited for a reader before", () =>
    Effect.gen(function* () {
      let ranMillis = 0
      const slow = Tool.make("slow", {
        timeout: "5 seconds",
        execute: (_, { progress }) =>
          Effect.gen(function* () {
            yield* reports(progress, 1)
            for (;;) {
              yield* Effect.sleep("2 seconds")
              ranMillis += 2000
            }
          })
      })
      const events = yield* readSlowly(ToolLoop.stream({ messages }, { tools: [slow] }))
      expect(events.flatMap((event) => (event.type === "tool-failed" ? [event.reason] : []))).toEqual(["timeout"])
      expect(ranMillis).toBe(4000)
    }).pipe(scripted([[call("slow")], "done"]))
  )

  it.effect("as its arguments do not fit tells the model where and what is expected", () =>
    Effect.gen(function* () {
      const events = yield* eventsOf(ToolLoop.stream({ messages }, { tools: [weather] }))
      const results = yield* lastResults
      expect(results[0]).toContain("city: Expected string, actual 5")
      expect(results[1]).toContain("city: is missing")
      expect(results[2]).toContain("are not the JSON of an object")
      expect(events.flatMap((event) => (event.type === "tool-failed" ? [event.reason] : []))).toEqual([
        "invalidArguments",
        "invalidArguments",
        "invalidArguments"
      ])
    }).pipe(
      scripted([[call("weather", { city: 5 }, 0), call("weather", {}, 1), call("weather", '{"city":', 2)], "done"])
    )
  )

  it.effect("as no tool has its name tells the model the names", () =>
    Effect.gen(function* () {
      yield* ToolLoop.run({ messages }, { tools: [weather] })
      expect(yield* lastResults).toEqual(['{"error":"no tool has this name; the tools are: weather"}'])
    }).pipe(scripted([[call("wether", { city: "Rome" })], "done"]))
  )

  it.effect("with text that is no object is sent back with an empty one, as providers reject the text", () =>
    Effect.gen(function* () {
      yield* ToolLoop.run({ messages }, { tools: [weather] })
      const [, request] = yield* MockLLM.requests
      expect(request?.messages[1]?.content).toMatchObject([{ type: "tool-call", arguments: "{}" }])
    }).pipe(scripted([[call("weather", "[1")], "done"]))
  )
})

describe("a loop stops", () => {
  const stopping = (stopWhen: ToolLoopOptions["stopWhen"]) => ToolLoop.run({ messages }, { tools: [weather], stopWhen })
  const outcome = ({ endReason, steps }: ToolLoopResponse) => [endReason, steps.length]

  it.effect("after 8 steps by default", () =>
    Effect.map(stopping(undefined), (ended) => expect(outcome(ended)).toEqual(["steps", 8])).pipe(scripted(endless))
  )

  it.effect("after as many steps as it may make, with a conversation that can go on", () =>
    Effect.gen(function* () {
      const ended = yield* stopping({ steps: 2 })
      expect(outcome(ended)).toEqual(["steps", 2])
      expect(ended.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "tool"])
    }).pipe(scripted(endless))
  )

  it.effect("after a tool was called", () =>
    Effect.map(stopping({ toolCalled: "weather" }), (ended) => expect(outcome(ended)).toEqual(["toolCalled", 1])).pipe(
      scripted(endless)
    )
  )

  it.effect("at a cost, which sums", () =>
    Effect.map(stopping({ dollars: 0.025 }), (ended) => expect(outcome(ended)).toEqual(["dollars", 3])).pipe(
      scripted(endless)
    )
  )

  it.effect("at a number of tokens, which sums", () =>
    Effect.map(stopping({ tokens: 40 }), (ended) => expect(outcome(ended)).toEqual(["tokens", 4])).pipe(
      scripted(endless)
    )
  )

  it.effect("after a time", () =>
    Effect.gen(function* () {
      const running = yield* Effect.fork(stopping({ time: "3 seconds" }))
      yield* TestClock.adjust("10 seconds")
      expect(outcome(yield* Fiber.join(running))).toEqual(["time", 3])
    }).pipe(scripted((_, index) => [{ pause: "1 second" }, call("weather", { city: `City ${index}` })]))
  )

  it.effect("on any condition", () =>
    Effect.map(stopping({ condition: ({ steps }) => steps.length === 5 }), (ended) =>
      expect(outcome(ended)).toEqual(["condition", 5])
    ).pipe(scripted(endless))
  )

  it.effect("when the same call comes a third time in a row, without running it", () =>
    Effect.gen(function* () {
      const runs = yield* Ref.make(0)
      const counted = Tool.make("count", { execute: () => Ref.update(runs, (count) => count + 1) })
      const ended = yield* ToolLoop.run({ messages }, { tools: [counted] })
      expect(outcome(ended)).toEqual(["repeatedCalls", 3])
      expect(yield* Ref.get(runs)).toBe(2)
    }).pipe(scripted(() => [call("count")]))
  )

  it.effect("after three steps in a row with calls that do not fit", () =>
    Effect.map(stopping(undefined), (ended) => expect(outcome(ended)).toEqual(["invalidSteps", 4])).pipe(
      scripted((_, index) => [call("weather", index === 0 ? { city: "Rome" } : { city: index })])
    )
  )

  it.effect("with a ValidationError where a limit cannot be checked", () =>
    Effect.gen(function* () {
      const unpriced = yield* Effect.flip(stopping({ dollars: 1 }))
      expect(unpriced).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining("stopWhen.dollars") })
      const uncounted = yield* Effect.flip(stopping({ tokens: 1 }))
      expect(uncounted).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining("stopWhen.tokens") })
    }).pipe(scripted((_, index) => [call("weather", { city: `City ${index}` })]))
  )
})

describe("before anything is sent, a tool loop", () => {
  // Wrong on purpose, as from a program without types.
  const wrong = "5 secs" as unknown as Duration.Duration

  it.effect("rejects a timeout of a tool that is no duration", () =>
    Effect.gen(function* () {
      const tool = Tool.make("wait", { timeout: wrong, execute: () => Effect.succeed("done") })
      const error = yield* Effect.flip(ToolLoop.run({ messages }, { tools: [tool] }))
      expect(error).toMatchObject({
        _tag: "ValidationError",
        message: expect.stringContaining('the timeout of wait is "5 secs"; write a duration')
      })
      expect(yield* MockLLM.requests).toEqual([])
    }).pipe(scripted([[call("wait")]]))
  )

  it.effect("rejects a time in stopWhen that is no duration", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ToolLoop.run({ messages }, { tools: [weather], stopWhen: { time: wrong } }))
      expect(error).toMatchObject({
        _tag: "ValidationError",
        message: expect.stringContaining('stopWhen.time is "5 secs"; write a duration')
      })
      expect(yield* MockLLM.requests).toEqual([])
    }).pipe(scripted([[rome], "4 degrees"]))
  )
})

describe("an approval in the process", () => {
  const removing = (runs: Ref.Ref<ReadonlyArray<number>>) =>
    Tool.make("remove", {
      parameters: { id: Schema.Number },
      needsApproval: ({ id }) => Effect.succeed(id > 10),
      execute: ({ id }) => Ref.update(runs, (ids) => [...ids, id])
    })

  it.effect("is asked for the calls that need one, and only the approved ones run", () =>
    Effect.gen(function* () {
      const runs = yield* Ref.make<ReadonlyArray<number>>([])
      const asked: Array<unknown> = []
      const events = yield* eventsOf(
        ToolLoop.stream(
          { messages },
          {
            tools: [removing(runs)],
            approve: (requested) =>
              Effect.sync(() => {
                asked.push(requested.arguments)
                return asked.length === 1 ? "approve" : asked.length === 2 ? "deny" : { deny: "it is in use" }
              })
          }
        )
      )
      expect(asked).toEqual([{ id: 11 }, { id: 12 }, { id: 13 }])
      expect([...(yield* Ref.get(runs))].sort()).toEqual([1, 11])
      expect(yield* lastResults).toEqual([
        "done",
        "done",
        '{"error":"the call was denied"}',
        '{"error":"the call was denied: it is in use"}'
      ])
      expect(events.flatMap((event) => (event.type === "tool-denied" ? [event.reason] : []))).toEqual([
        undefined,
        "it is in use"
      ])
    }).pipe(
      scripted([
        [
          call("remove", { id: 1 }, 0),
          call("remove", { id: 11 }, 1),
          call("remove", { id: 12 }, 2),
          call("remove", { id: 13 }, 3)
        ],
        "done"
      ])
    )
  )
})
