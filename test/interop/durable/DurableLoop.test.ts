/** The durable loop, in memory and on scripted responses. `test/stores/durableLoop.test.ts` kills its process. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema } from "effect"
import { type LLMClient, NetworkError } from "llm-connectivity"
import { Durable, DurableLoop } from "llm-connectivity/durable"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { Tool } from "llm-connectivity/tools"
import { call, finish } from "../../support/toolCalls.js"

const messages = [{ role: "user", content: "Refund the orders" }] as const

/** A tool that records the ids of its calls. */
const recording = (name: string, needsApproval: boolean, delay = 0) => {
  const ids: Array<string> = []
  const tool = Tool.make(name, {
    parameters: { order: Schema.Number },
    needsApproval: () => Effect.succeed(needsApproval),
    execute: ({ order }, { id }) =>
      Effect.delay(
        Effect.sync(() => {
          ids.push(id)
          return `${name} ${order}`
        }),
        delay
      )
  })
  return { tool, ids }
}

/** Runs a test with a runner in memory and scripted responses. */
const withRunner = (loop: DurableLoop.DurableLoop<LLMClient>, responses: MockResponses) =>
  Effect.provide(Layer.provideMerge(loop.layer, Layer.merge(Durable.memory, MockLLM.layer(responses))))

const isWaitingFor = (count: number) => (status: DurableLoop.LoopStatus) => status.waiting.length === count

/** The results that the model got in its last request. */
const lastResults = Effect.map(MockLLM.requests, (requests) =>
  (requests.at(-1)?.messages ?? []).flatMap((message) => (message.role === "tool" ? [message.content] : []))
)

const statusWhen = <R>(loop: DurableLoop.DurableLoop<R>, isReached: (status: DurableLoop.LoopStatus) => boolean) =>
  Effect.repeat(Effect.delay(loop.status("1"), "5 millis"), { until: isReached })

describe("a durable loop", () => {
  it.live("goes on by itself where the provider pauses, and keeps the sources of hosted tools", () => {
    const { tool } = recording("lookup", false)
    const loop = DurableLoop.make("test", { tools: [tool, Tool.hosted.webSearch()] })
    const sources = [{ url: "https://example.com/", range: { start: 0, end: 4 } }]
    return Effect.gen(function* () {
      const first = yield* loop.run("1", messages)
      expect(first).toMatchObject({ content: "Let me search. Done", sources: [{ range: { start: 15, end: 19 } }] })
      expect(yield* loop.run("1", [])).toEqual(first)
      const tools = (yield* MockLLM.requests).map((request) => request.tools?.map(({ name }) => name))
      expect(tools).toEqual([
        ["lookup", "web_search"],
        ["lookup", "web_search"]
      ])
    }).pipe(
      withRunner(loop, [
        ["Let me search. ", { finishReason: "other", paused: true }],
        ["Done", { finishReason: "stop", sources }]
      ])
    )
  })

  it.live("rejects the timeout of a tool that is no duration, and asks no model", () => {
    // As a program in JavaScript may write it.
    const tool = Tool.make("wait", { timeout: "5 secs" as "5 seconds", execute: () => Effect.succeed("done") })
    const loop = DurableLoop.make("test", { tools: [tool] })
    return Effect.gen(function* () {
      expect(yield* Effect.flip(loop.run("1", messages))).toMatchObject({
        _tag: "ValidationError",
        message: expect.stringContaining('the timeout of wait is "5 secs"; write a duration')
      })
      expect(yield* MockLLM.requests).toEqual([])
    }).pipe(withRunner(loop, [[call("wait")], "Done"]))
  })

  it.live("runs each call once, and the same id reads the stored response", () => {
    const { tool, ids } = recording("lookup", false)
    const loop = DurableLoop.make("test", { tools: [tool] })
    return Effect.gen(function* () {
      expect(yield* loop.status("1")).toEqual({ state: "unknown", waiting: [] })
      const first = yield* loop.run("1", messages)
      expect(first).toMatchObject({ content: "Done", endReason: "finished", cost: 0.03 })
      expect(first.steps.length).toBe(2)
      expect(yield* loop.run("1", [])).toEqual(first)
      expect(ids.length).toBe(1)
      expect(yield* lastResults).toEqual(["lookup 7"])
      expect(yield* loop.status("1")).toEqual({ state: "ended", waiting: [] })
    }).pipe(
      withRunner(loop, [
        [call("lookup", { order: 7 }), finish(10, 0.01)],
        ["Done", { ...finish(20, 0.02), finishReason: "stop" }]
      ])
    )
  })

  it.live("lets calls be decided in any order, while calls without an approval run once", () => {
    const refund = recording("refund", true)
    const lookup = recording("lookup", false, 30)
    const asked: Array<number> = []
    const loop = DurableLoop.make("test", {
      tools: [refund.tool, lookup.tool],
      onApproval: ({ position }) => Effect.sync(() => void asked.push(position))
    })
    return Effect.gen(function* () {
      const running = yield* Effect.fork(loop.run("1", messages))
      const { state, waiting } = yield* statusWhen(loop, isWaitingFor(2))
      expect(state).toBe("waiting")
      expect(waiting.map(({ name, arguments: args }) => [name, args])).toEqual([
        ["refund", { order: 1 }],
        ["refund", { order: 3 }]
      ])
      const [first, second] = waiting.map(({ id }) => id)
      yield* loop.decide("1", second ?? "", "approve")
      yield* Effect.repeat(Effect.sleep("5 millis"), { until: () => refund.ids.length === 1 })
      expect((yield* loop.status("1")).waiting.map(({ id }) => id)).toEqual([first])
      yield* loop.decide("1", first ?? "", { deny: "too much" })
      expect(yield* Fiber.join(running)).toMatchObject({ content: "Done" })
      expect(yield* lastResults).toEqual(['{"error":"the call was denied: too much"}', "lookup 2", "refund 3"])
      expect(refund.ids).toEqual([second])
      expect(lookup.ids.length).toBe(1)
      expect(asked).toEqual([0, 2])
    }).pipe(
      withRunner(loop, [
        [call("refund", { order: 1 }), call("lookup", { order: 2 }, 1), call("refund", { order: 3 }, 2)],
        "Done"
      ])
    )
  })

  it.live("refuses a decision about a call that does not wait", () => {
    const loop = DurableLoop.make("test", { tools: [recording("refund", true).tool] })
    return Effect.gen(function* () {
      yield* loop.start("1", messages)
      const { waiting } = yield* statusWhen(loop, isWaitingFor(1))
      const id = waiting[0]?.id ?? ""
      expect(yield* Effect.flip(loop.decide("1", "another", "approve"))).toMatchObject({ reason: "NotWaiting" })
      yield* loop.decide("1", id, "approve")
      expect(yield* Effect.flip(loop.decide("1", id, "deny"))).toMatchObject({ reason: "NotWaiting" })
      expect(yield* loop.run("1", messages)).toMatchObject({ content: "Done" })
    }).pipe(withRunner(loop, [[call("refund", { order: 1 })], "Done"]))
  })

  it.live("fails with the error of a tool or of the model", () => {
    const failing = Tool.make("lookup", { execute: () => Effect.fail(new Error("no database")) })
    const loop = DurableLoop.make("test", { tools: [failing], retries: 0 })
    const cut = new NetworkError({ provider: "mock", model: "mock", message: "cut", reason: "Connection" })
    return Effect.gen(function* () {
      expect(yield* Effect.flip(loop.run("1", messages))).toMatchObject({ tool: "lookup", message: "no database" })
      expect(yield* Effect.flip(loop.run("2", messages))).toMatchObject({ _tag: "NetworkError", reason: "Connection" })
      expect(yield* Effect.flip(loop.run("2", messages))).toMatchObject({ _tag: "NetworkError" })
      expect((yield* MockLLM.requests).length).toBe(2)
    }).pipe(withRunner(loop, [[call("lookup", {})], cut]))
  })
})
