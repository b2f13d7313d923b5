/** A background response of OpenAI goes on where its connection broke: nothing is lost, and nothing comes twice. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Stream } from "effect"
import { type ChatRequest, collect, LLMClient, ModelCatalog, OpenAI, Policy, Spending } from "llm-connectivity"
import { type SimulatedScript, Simulator } from "llm-connectivity/testing"

const background: ChatRequest = {
  messages: [{ role: "user", content: "Count to 5 with words" }],
  reasoning: { effort: "low" },
  providerOptions: { openai: { background: true } }
}

type How = Policy.RecoverMidStreamOptions["how"]

const client = <R = never>(how: How, times: number, guards: ReadonlyArray<Policy.AnyPolicy<never, R>> = []) =>
  Layer.unwrapEffect(
    Effect.map(Simulator, ({ apiKey, baseUrls }) =>
      LLMClient.fromProvider(OpenAI, {
        model: "gpt-5-mini",
        policies: [Policy.recoverMidStream({ how, times })],
        guards
      }).pipe(
        Layer.provide(OpenAI.layer({ apiKey: Redacted.make(apiKey), baseUrl: baseUrls.openai, api: "responses" })),
        Layer.provide(FetchHttpClient.layer),
        Layer.orDie
      )
    )
  )

const serving = (script: SimulatedScript, how: How = ["resume"], times = 1) =>
  Effect.provide(Layer.provideMerge(client(how, times), Simulator.layer({ pace: 0, script })))

const sent = Effect.map(Simulator.requests, (requests) => requests.map(({ method, path }) => `${method} ${path}`))

/** Where each event of the response ends, in bytes of the body. */
const eventEnds = Effect.gen(function* () {
  const { apiKey, baseUrls } = yield* Simulator
  const { messages, reasoning } = background
  const body = {
    model: "gpt-5-mini",
    input: messages,
    stream: true,
    background: true,
    reasoning: { ...reasoning, summary: "auto" }
  }
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }
  const text = yield* Effect.promise(() =>
    fetch(`${baseUrls.openai}/responses`, { method: "POST", headers, body: JSON.stringify(body) }).then((response) =>
      response.text()
    )
  )
  const ends = Array.from(text.matchAll(/\n\n/g), ({ index }) => Buffer.byteLength(text.slice(0, index + 2)))
  expect(ends.length).toBeGreaterThan(20)
  return ends
}).pipe(Effect.provide(Simulator.layer({ pace: 0 })))

const outcome = Effect.gen(function* () {
  const chunks = Array.from(yield* Stream.runCollect(LLMClient.chatStream(background)))
  expect(chunks.some(({ reset }) => reset === true)).toBe(false)
  const { content, reasoning, finishReason, usage, message } = yield* collect(Stream.fromIterable(chunks))
  return { content, reasoning, finishReason, usage, message }
})

describe("resuming a background response", () => {
  it.live("gives the same answer, with one POST, wherever the connection breaks", () =>
    Effect.gen(function* () {
      const whole = yield* outcome
      expect(whole).toMatchObject({ content: "One, two, three, four, five.", finishReason: "stop" })
      expect(whole.reasoning).not.toBe("")
      const ends = yield* eventEnds
      // The first event names the response. Each place costs a request or two, so every third event is enough here:
      // resumeWire.test.ts breaks a response inside of its events too.
      for (const [index, end] of ends.slice(0, -1).entries()) {
        if (index % 3 > 0 && index < ends.length - 3) continue
        const afterBytes = index % 2 === 0 ? end : end + 7
        const fault =
          index % 4 < 2 ? ({ type: "truncate", afterBytes } as const) : ({ type: "reset", afterBytes } as const)
        const before = (yield* sent).length
        yield* Simulator.script({ fault })
        expect([afterBytes, yield* outcome]).toEqual([afterBytes, whole])
        expect((yield* sent).slice(before)).toEqual([
          "POST /v1/responses",
          expect.stringMatching(/^GET \/v1\/responses\/resp_\w+\?stream=true&starting_after=\d+$/)
        ])
      }
    }).pipe(serving([]))
  )

  it.live("continues through one break after another", () =>
    Effect.gen(function* () {
      const whole = yield* outcome.pipe(serving([]))
      const broken = { fault: { type: "reset", afterChunks: 1 } } as const
      yield* Effect.gen(function* () {
        expect(yield* outcome).toEqual(whole)
        const requests = yield* sent
        expect(requests.length).toBeGreaterThan(8)
        expect(requests.filter((each) => each.startsWith("POST"))).toHaveLength(1)
      }).pipe(serving(() => broken, ["resume"], 50))
    })
  )

  it.live("is paid once", () =>
    Effect.gen(function* () {
      const prices = ModelCatalog.layerOf([
        { provider: "openai", model: "gpt-5-mini", prices: { input: 1, output: 1 } }
      ])
      const costOf = (script: SimulatedScript) =>
        Effect.gen(function* () {
          yield* outcome
          return (yield* Spending.spent).total
        }).pipe(
          Effect.provide(client(["resume"], 1, [Spending.policy])),
          Effect.provide(Layer.provide(Spending.layer(), prices)),
          Effect.provide(Simulator.layer({ pace: 0, script }))
        )
      const total = yield* costOf([{ fault: { type: "reset", afterChunks: 9 } }])
      expect(total).toMatchObject({ requests: 1, estimated: 0 })
      expect(total).toEqual(yield* costOf([]))
    })
  )

  it.live("asks again when the provider is busy, and waits as long as it says", () =>
    Effect.gen(function* () {
      expect((yield* outcome).content).toBe("One, two, three, four, five.")
      expect((yield* sent).map((each) => each.slice(0, 4))).toEqual(["POST", "GET ", "GET "])
    }).pipe(
      serving(
        [{ fault: { type: "reset", afterChunks: 9 } }, { error: "overloaded", headers: { "retry-after": "0" } }],
        ["resume"],
        2
      )
    )
  )
})

const cut = { fault: { type: "reset", afterChunks: 9 } } as const

describe("where a response cannot be resumed", () => {
  it.live("it is requested again if that is allowed, and the failed attempt to resume does not count", () =>
    Effect.gen(function* () {
      const chunks = Array.from(yield* Stream.runCollect(LLMClient.chatStream(background)))
      expect(chunks.filter(({ reset }) => reset === true)).toHaveLength(1)
      expect((yield* collect(Stream.fromIterable(chunks))).content).toBe("One, two, three, four, five.")
      const requests = yield* sent
      expect(requests.map((each) => each.replace(/resp_\w+/, "id"))).toEqual([
        "POST /v1/responses",
        expect.stringMatching(/^GET \/v1\/responses\/id\?/),
        "POST /v1/responses/id/cancel",
        "POST /v1/responses"
      ])
    }).pipe(serving([cut, { error: "notFound" }], ["resume", "reset"]))
  )

  it.live("it fails with the failure that broke it, not with the answer to the attempt", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(collect(LLMClient.chatStream(background)))
      expect(error).toMatchObject({ _tag: "NetworkError", attempts: 2 })
    }).pipe(serving([cut, { error: "notFound" }]))
  )

  it.live("a response that is not kept is requested again", () =>
    Effect.gen(function* () {
      const { providerOptions: _, ...foreground } = background
      expect((yield* collect(LLMClient.chatStream(foreground))).content).toBe("One, two, three, four, five.")
      expect(yield* sent).toEqual(["POST /v1/responses", "POST /v1/responses"])
    }).pipe(serving([cut], ["resume", "reset"]))
  )

  it.live("nothing is resumed without the policy, or with `reset` alone", () =>
    Effect.gen(function* () {
      expect((yield* collect(LLMClient.chatStream(background))).content).toBe("One, two, three, four, five.")
      expect(yield* sent).toEqual(["POST /v1/responses", "POST /v1/responses"])
    }).pipe(serving([cut], ["reset"]))
  )

  it.live("a failure that the provider reports is final", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(collect(LLMClient.chatStream(background)))
      expect(error.message).toMatch(/overloaded/i)
      expect((yield* sent).filter((each) => each.startsWith("GET"))).toEqual([])
    }).pipe(serving([{ fault: { type: "errorEvent", afterChunks: 9 } }]))
  )
})

describe("a consumer that leaves a background response", () => {
  it.live("closes the socket and then cancels the response", () =>
    Effect.gen(function* () {
      yield* Stream.runDrain(Stream.take(LLMClient.chatStream(background), 12))
      const [first, second] = yield* Simulator.requests
      expect(second).toMatchObject({
        method: "POST",
        path: expect.stringMatching(/^\/v1\/responses\/resp_\w+\/cancel$/)
      })
      expect(yield* first?.closed ?? Effect.die("no request")).toMatchObject({ closedBy: "caller" })
    }).pipe(serving([{ pace: 20 }]))
  )

  it.live("leaves it alone without the policy, and one that was read to its end", () =>
    Effect.gen(function* () {
      yield* Stream.runDrain(Stream.take(LLMClient.chatStream(background), 12))
      yield* collect(LLMClient.chatStream(background))
      expect(yield* sent).toEqual(["POST /v1/responses", "POST /v1/responses"])
    }).pipe(serving([{ pace: 20 }], ["reset"]))
  )
})
