/** However large an answer is and however slow its reader, nothing piles up and the server is held back. */
import { expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { LLMClient } from "llm-connectivity"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { clientNames, readStream, readWhole } from "../resilience/ask.js"
import { asking, clients, protocols, sampleRequest } from "../support/contract.js"
import { report } from "../support/report.js"

const megabyte = 2 ** 20

/** Runs an effect and gives by how many megabytes the process has grown at most meanwhile, with its server in it. */
const growth = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let most = before
    const look = () => {
      most = Math.max(most, process.memoryUsage().rss)
    }
    const timer = setInterval(look, 2)
    const result = yield* Effect.ensuring(
      effect,
      Effect.sync(() => clearInterval(timer))
    )
    look()
    return { result, grown: (most - before) / megabyte }
  })

const piece = "x".repeat(64 * 1024)
const endless = { chunks: [piece], fault: { type: "endlessStream" } } as const

it.live.each(clientNames)("100 MB read slowly grow the process by less than 50 MB: %s", (client) =>
  Effect.gen(function* () {
    let read = 0
    let chunks = 0
    const slowly = LLMClient.chatStream(sampleRequest).pipe(
      Stream.takeUntil(() => read >= 100 * megabyte),
      Stream.runForEach((chunk) =>
        Effect.suspend(() => {
          read += chunk.content.length
          // Of the garbage of a stream that runs, Node.js lets up to some 150 MB lie before it looks for it.
          if (chunks++ % 128 === 0) globalThis.gc?.()
          return Effect.sleep("1 millis")
        })
      )
    )
    // What the machine needs once is there before.
    yield* Stream.runDrain(Stream.take(LLMClient.chatStream(sampleRequest), 400))
    const { grown } = yield* growth(slowly)
    const [, request] = yield* Simulator.requests
    const sent = request === undefined ? 0 : (yield* request.closed).bytes
    report(`100 MB read slowly over ${client}: megabytes grown`, grown)
    report(`100 MB read slowly over ${client}: megabytes that the server was ahead`, (sent - read) / megabyte)
    expect(read).toBeGreaterThan(100 * megabyte)
    expect(grown).toBeLessThan(50)
    expect((sent - read) / megabyte).toBeLessThan(20)
  }).pipe(asking(protocols["openai-chat"], () => endless, { http: clients[client] }))
)

const afterOne =
  (reply: SimulatedReply) =>
  (_: unknown, index: number): SimulatedReply =>
    index === 0 ? {} : reply

it.live.each(clientNames)("an event without end fails before the process has grown by 40 MB: %s", (client) =>
  Effect.gen(function* () {
    yield* readStream()
    const { result, grown } = yield* growth(readStream())
    report(`an event without end over ${client}: megabytes grown`, grown)
    expect(result.end).toMatchObject({ _tag: "ProviderError" })
    expect(grown).toBeLessThan(40)
  }).pipe(asking(protocols["openai-chat"], afterOne({ fault: { type: "endlessEvent" } }), { http: clients[client] }))
)

it.live.each(clientNames)("a whole answer without end fails, before no string can hold it: %s", (client) =>
  Effect.gen(function* () {
    const { end } = yield* readWhole({ timeouts: { total: "1 minute" } })
    expect(end).toMatchObject({ _tag: "ProviderError" })
    expect(end).toMatchObject({ message: expect.stringContaining("sent a response of more than 268435456") })
  }).pipe(asking(protocols["openai-chat"], () => ({ fault: { type: "endlessEvent" } }), { http: clients[client] }))
)
