/**
 * Measures a loop of 200 steps, in a process of its own and as one file, because test runners make every import slower.
 * It prints one line of JSON, a `Measured`.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { type ChatRequest, LLMClient, Provider, StreamChunk } from "llm-connectivity"
import { Tool, ToolLoop } from "llm-connectivity/tools"

/** CPU in µs for each step: of a loop, and of `JSON.stringify` of its request; and bytes after a loop has ended. */
export interface Measured {
  readonly steps: number
  readonly pairs: ReadonlyArray<{ readonly looping: number; readonly writing: number }>
  readonly retained: number
  readonly messages: number
}

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

/** The CPU of the process in µs. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

const rounds = 10
const repetitions = 9
const kept = 10

const perStep = <E>(effect: Effect.Effect<unknown, E>) =>
  Effect.gen(function* () {
    const before = cpu()
    for (let round = 0; round < rounds; round++) yield* effect
    return (cpu() - before) / rounds / steps
  })

const heap = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const measure = Effect.gen(function* () {
  const looped = loop(() => {})
  for (let round = 0; round < rounds; round++) yield* looped
  const before = heap()
  // Several, so that what else the process frees meanwhile hardly counts.
  const ended = yield* Effect.replicateEffect(looped, kept)
  const retained = (heap() - before) / kept
  const messages = JSON.stringify(ended.map((response) => response.messages)).length / kept
  const requests: Array<ChatRequest> = []
  yield* loop((request) => requests.push(request))
  const written = Effect.sync(() => requests.map((request) => JSON.stringify(request).length))
  // In turn, so that what else the machine does meets both.
  const pairs = yield* Effect.replicateEffect(
    Effect.all({ looping: perStep(looped), writing: perStep(written) }),
    repetitions
  )
  const measured: Measured = { steps: requests.length, pairs, retained, messages }
  process.stdout.write(`${JSON.stringify(measured)}\n`)
})

Effect.runFork(measure)
