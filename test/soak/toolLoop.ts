/** What a loop of 200 steps costs besides its requests, and what it retains. */
import { expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { type ChatRequest, LLMClient, Provider, StreamChunk } from "llm-connectivity"
import { Tool, ToolLoop } from "llm-connectivity/tools"
import { report } from "../support/report.js"

const steps = 200

class Scripted extends Context.Tag("Scripted")<Scripted, Provider>() {}

// Made once: the check of `StreamChunk.make` would be measured too.
const empty = StreamChunk.make({})
const finish = StreamChunk.make({ finishReason: "tool_calls" })

/** Answers at once with a call, so that what is measured is the loop and the client. */
const scripted = (seen: (request: ChatRequest) => void) =>
  Provider.make({
    name: "scripted",
    open: (request) =>
      Effect.sync(() => {
        seen(request)
        const args = JSON.stringify({ page: request.messages.length })
        const calling: StreamChunk = { ...empty, toolCalls: [{ index: 0, id: "call", name: "read", arguments: args }] }
        const reads = [[calling, finish]]
        return Effect.sync(() => reads.shift() ?? [])
      })
  })

const read = Tool.make("read", {
  description: "Reads a page",
  parameters: { page: Schema.Number },
  execute: ({ page }) => Effect.succeed(`page ${page}: ${"words of the page ".repeat(50)}`)
})

const loop = (seen: (request: ChatRequest) => void) =>
  ToolLoop.run(
    { messages: [{ role: "user", content: "Read everything" }] },
    { tools: [read], stopWhen: { steps } }
  ).pipe(
    Effect.provide(
      LLMClient.fromProvider(Scripted, { model: "scripted", policies: [] }).pipe(
        Layer.provide(Layer.succeed(Scripted, scripted(seen)))
      )
    )
  )

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

it.live("a loop of 200 steps uses per step at most 1.2 times the CPU of JSON.stringify of its requests", () =>
  Effect.gen(function* () {
    const requests: Array<ChatRequest> = []
    for (let round = 0; round < 20; round++) yield* loop(() => {})
    yield* loop((request) => requests.push(request))
    const rounds = 20
    let before = cpu()
    for (let round = 0; round < rounds; round++) yield* loop(() => {})
    const looping = (cpu() - before) / rounds / steps
    before = cpu()
    for (let round = 0; round < rounds; round++) for (const request of requests) JSON.stringify(request)
    const writing = (cpu() - before) / rounds / steps
    report("tool loop: CPU of a step in µs", looping * 1000)
    report("tool loop: CPU of JSON.stringify of its request in µs", writing * 1000)
    expect(requests).toHaveLength(steps)
    expect(looping).toBeLessThanOrEqual(1.2 * writing)
  })
)

it.live("a loop of 200 steps retains its messages, and little besides", () =>
  Effect.gen(function* () {
    const heap = () => {
      globalThis.gc?.()
      return process.memoryUsage().heapUsed
    }
    yield* loop(() => {})
    const before = heap()
    const ended = yield* loop(() => {})
    const retained = heap() - before
    const size = JSON.stringify(ended.messages).length
    report("tool loop: KB retained", retained / 1024)
    report("tool loop: KB of its messages", size / 1024)
    expect(retained).toBeLessThanOrEqual(3 * size)
  })
)
