/** A provider and a policy written with public names keep the stream contract, at the cost of the built-in ones. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Schedule, Scheduler, Stream } from "effect"
import { ChatStream, collect, LLMClient, LLMError, OpenAI, Policy } from "llm-connectivity"
import { Simulator, type SimulatorOptions } from "llm-connectivity/testing"
import { answer, closedAfterLeaving, sampleRequest } from "../support/contract.js"
import { done, finish, hello, say } from "../support/openai.js"
import { counting, Outside, speaking, upperCase } from "../support/outside.js"
import { json, serve, sse } from "../support/server.js"

const model = "gpt-5-mini"

const clientAt = (
  baseUrl: string,
  policies: ReadonlyArray<Policy.Policy> = [],
  fetch: typeof globalThis.fetch = globalThis.fetch
) =>
  LLMClient.fromProvider(Outside, { model, policies }).pipe(
    Layer.provide(Layer.succeed(Outside, speaking({ baseUrl, apiKey: "simulated-key", fetch })))
  )

/** Provides a client of a Simulator through the outside provider and policies. */
const simulated = (
  script: SimulatorOptions["script"] = [],
  policies: ReadonlyArray<Policy.Policy> = [],
  pace: SimulatorOptions["pace"] = 0
) =>
  Effect.provide(
    Layer.unwrapEffect(Effect.map(Simulator, ({ baseUrls }) => clientAt(baseUrls.openai, policies))).pipe(
      Layer.provideMerge(Simulator.layer({ pace, script }))
    )
  )

const streamed = collect(LLMClient.chatStream(sampleRequest))

describe("a provider made with public names", () => {
  it.live("streams text in pieces, and only the last chunk has the finish reason, with the usage", () =>
    Effect.gen(function* () {
      const chunks = Chunk.toReadonlyArray(yield* Stream.runCollect(LLMClient.chatStream(sampleRequest)))
      expect(chunks.map((chunk) => chunk.content).join("")).toBe(answer)
      expect(chunks.filter((chunk) => chunk.content !== "")).toHaveLength(10)
      expect(chunks.map((chunk) => chunk.finishReason).filter((reason) => reason !== null)).toEqual(["stop"])
      expect(chunks.at(-1)).toMatchObject({
        finishReason: "stop",
        usage: { inputTokens: 5, outputTokens: 10, totalTokens: 15 },
        origin: { provider: "outside", model }
      })
    }).pipe(simulated())
  )

  it.live("returns the same streaming and non-streaming response", () =>
    Effect.gen(function* () {
      expect(yield* LLMClient.chat(sampleRequest)).toEqual(yield* streamed)
    }).pipe(simulated())
  )

  it.live("ignores comments, unknown events and a repeated finish reason", () =>
    Effect.gen(function* () {
      expect(yield* streamed).toMatchObject({ content: answer, finishReason: "stop", usage: { totalTokens: 15 } })
    }).pipe(simulated([{ fault: [{ type: "noise" }, { type: "duplicateFinish" }] }]))
  )

  it.live.each([
    ["before the first piece", { type: "truncate", afterChunks: 0 }, ""],
    ["after a piece", { type: "truncate", afterChunks: 3 }, "One, two"],
    ["by a reset", { type: "reset", afterChunks: 3 }, "One, two"]
  ] as const)(
    "fails as truncated when a response is truncated %s, and keeps the partial response",
    ([, fault, content]) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(streamed)
        expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated", provider: "outside" })
        expect(LLMError.partial(error)?.content).toBe(content)
      }).pipe(simulated([{ fault }]))
  )

  it.live("fails when its last chunk has no finish reason", () =>
    Effect.gen(function* () {
      const withoutFinish: Policy.Policy = Policy.make(({ open }) => ({
        open: (request, options) =>
          Effect.map(open(request, options), (pull) =>
            Effect.map(pull, (chunks) => chunks.filter(({ finishReason }) => finishReason === null))
          )
      }))
      const client = yield* LLMClient
      const error = yield* Effect.flip(client.chat(sampleRequest, { policies: [withoutFinish] }))
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    }).pipe(simulated())
  )

  it.live("closes its socket when the consumer is interrupted or takes a part", () =>
    Effect.map(closedAfterLeaving, (closed) => expect(closed).toEqual(["caller", "caller"])).pipe(
      simulated(() => ({ fault: { type: "endlessStream" } }), [Policy.retry(), upperCase], "5 millis")
    )
  )

  const retry = Policy.retry({ network: Schedule.recurs(3), rateLimit: Schedule.recurs(3) })

  it.live("is retried before its first output, and releases each socket", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) =>
        index < 2 ? json(response, index === 0 ? 503 : 429, {}) : sse(response, say("ok"), finish(), done).end()
      )
      const counter = { chunks: 0 }
      const client = clientAt(server.url, [retry, counting(counter)])
      expect((yield* Effect.provide(collect(LLMClient.chatStream(hello)), client)).content).toBe("ok")
      expect(server.requests).toHaveLength(3)
      expect(counter.chunks).toBe(2)
    }).pipe(Effect.scoped)
  )

  it.live("is not retried after output", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => void sse(response, say("half")).end())
      const error = yield* Effect.flip(
        Effect.provide(collect(LLMClient.chatStream(hello)), clientAt(server.url, [retry]))
      )
      expect(error).toMatchObject({ reason: "Truncated", attempts: 1 })
      expect(server.requests).toHaveLength(1)
    }).pipe(Effect.scoped)
  )
})

describe("a policy made with public names", () => {
  it.live("changes streaming and non-streaming responses", () =>
    Effect.gen(function* () {
      for (const response of [yield* streamed, yield* LLMClient.chat(sampleRequest)]) {
        expect(response).toMatchObject({ content: answer.toUpperCase(), message: { content: answer.toUpperCase() } })
      }
    }).pipe(simulated([], [upperCase]))
  )

  it.live("sees every chunk once, in any order of policies", () =>
    Effect.gen(function* () {
      const counters = [{ chunks: 0 }, { chunks: 0 }] as const
      const policies = [counting(counters[0]), Policy.retry(), upperCase, counting(counters[1])]
      const chunks = yield* Stream.runCollect(LLMClient.chatStream(sampleRequest, { policies }))
      expect(counters.map((counter) => counter.chunks)).toEqual([Chunk.size(chunks), Chunk.size(chunks)])
    }).pipe(simulated())
  )
})

const eventOf = (json: object) => `data: ${JSON.stringify(json)}\n\n`

/** The network reads of a response: one for each word, and the last one. */
const wires = {
  chat: { word: say("word "), last: finish() + done },
  responses: {
    word: eventOf({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "word " }),
    last: eventOf({ type: "response.completed", response: { id: "resp_1", model, status: "completed", output: [] } })
  }
}

/** Responds with the given number of network reads of one chunk, each in its own task, then ends. */
const fetchOf = (reads: number, { word, last } = wires.chat): typeof globalThis.fetch => {
  const encoder = new TextEncoder()
  return () => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          await Promise.resolve()
          controller.enqueue(encoder.encode(sent++ < reads ? word : last))
          if (sent > reads) controller.close()
        }
      },
      { highWaterMark: 0 }
    )
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }))
  }
}

/** Counts the steps of Effect's run loop: it consults the scheduler before each one. */
const countSteps = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    let steps = 0
    const scheduler: Scheduler.Scheduler = {
      scheduleTask: (task, priority) => Scheduler.defaultScheduler.scheduleTask(task, priority),
      shouldYield: (fiber) => {
        steps++
        return Scheduler.defaultScheduler.shouldYield(fiber)
      }
    }
    return Effect.map(Effect.withScheduler(effect, scheduler), () => steps)
  })

type Read = Effect.Effect<unknown, LLMError, LLMClient>

/** The steps for each additional read of a response. */
const stepsPerRead = (
  layerOf: (fetch: typeof globalThis.fetch) => Layer.Layer<LLMClient>,
  read: Read,
  wire = wires.chat
) =>
  Effect.gen(function* () {
    const [few, many] = [100, 300]
    const counts = yield* Effect.forEach([few, few, many], (reads) =>
      Effect.flatMap(Layer.build(layerOf(fetchOf(reads, wire))), (client) =>
        // The count excludes building the layer and loading modules on first use.
        Effect.zipRight(Effect.provide(read, client), countSteps(Effect.provide(read, client)))
      )
    )
    expect(counts[0]).toBe(counts[1])
    return ((counts[2] ?? 0) - (counts[1] ?? 0)) / (many - few)
  }).pipe(Effect.scoped)

describe("the cost of a network read, in steps of Effect's run loop", () => {
  const builtIn =
    (policies: ReadonlyArray<Policy.Policy>, api: "chat" | "responses" = "chat") =>
    (fetch: typeof globalThis.fetch) =>
      LLMClient.fromProvider(OpenAI, { model, policies }).pipe(
        Layer.provide(OpenAI.layer({ apiKey: "key", api })),
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)),
        Layer.orDie
      )
  const outside = (policies: ReadonlyArray<Policy.Policy>) => (fetch: typeof globalThis.fetch) =>
    clientAt("http://127.0.0.1", policies, fetch)

  // With Effect 3.22 a stream takes 17 steps of a built-in provider; another channel would add 7.
  const ways: ReadonlyArray<readonly [string, Read, number]> = [
    ["collect", collect(LLMClient.chatStream(hello)), 0],
    ["runForEachRead", ChatStream.runForEachRead(LLMClient.chatStream(hello), () => undefined), 0],
    ["Stream.runDrain", Stream.runDrain(LLMClient.chatStream(hello)), 19]
  ]

  const policies = [Policy.recoverMidStream({ how: ["resume", "reset"] }), Policy.retry()]

  it.live.each(ways)("is that of a built-in provider, to which its policies add nothing: %s", ([, read, most]) =>
    Effect.gen(function* () {
      expect(yield* stepsPerRead(builtIn([]), read)).toBeLessThanOrEqual(most)
      expect(yield* stepsPerRead(builtIn(policies), read)).toBeLessThanOrEqual(most)
    })
  )

  it.live("is as small for a response that can be resumed", () =>
    Effect.gen(function* () {
      const request = { ...hello, providerOptions: { openai: { background: true } } }
      const read = collect(LLMClient.chatStream(request))
      expect(yield* stepsPerRead(builtIn(policies, "responses"), read, wires.responses)).toBe(0)
    })
  )

  it.live.each(ways)(
    "is at most 12 more of an outside provider, and two more of an outside policy: %s",
    ([, read, most]) =>
      Effect.gen(function* () {
        const ofOutside = yield* stepsPerRead(outside([]), read)
        const ofPolicy = (yield* stepsPerRead(outside([upperCase]), read)) - ofOutside
        expect(ofOutside).toBeLessThanOrEqual(most + 12)
        expect(ofPolicy).toBeLessThanOrEqual(2)
      })
  )
})
