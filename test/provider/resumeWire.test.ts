/** Responses that break anywhere, and servers that resume badly, over an HTTP client in memory. */
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Redacted, Stream, TestClock } from "effect"
import { type ChatRequest, collect, LLMClient, LLMError, OpenAI, Policy } from "llm-connectivity"

const background: ChatRequest = {
  messages: [{ role: "user", content: "Greet the world" }],
  providerOptions: { openai: { background: true } }
}

const events = (
  [
    { type: "response.created", response: { id: "resp_1", model: "gpt-5-mini", status: "queued" } },
    { type: "response.output_item.added", output_index: 0, item: { id: "msg_1", type: "message", content: [] } },
    ...["Hé", "llo 🌍", ", hé", "llo"].map((delta) => ({
      type: "response.output_text.delta",
      output_index: 0,
      content_index: 0,
      delta
    })),
    {
      type: "response.completed",
      response: {
        id: "resp_1",
        model: "gpt-5-mini",
        status: "completed",
        usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 }
      }
    }
  ] as const
).map((event, sequence_number) => ({ ...event, sequence_number }))

const encoder = new TextEncoder()
const wire = (list: ReadonlyArray<object>): Uint8Array =>
  encoder.encode(list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""))

type Ending = "truncate" | "reset"

const eventStream = (bytes: Uint8Array, ending: Ending = "truncate"): Response =>
  new Response(
    new ReadableStream({
      start: (controller) => {
        if (bytes.length > 0) controller.enqueue(bytes)
        if (ending === "truncate") controller.close()
      },
      pull: (controller) => controller.error(new Error("ECONNRESET"))
    }),
    { headers: { "content-type": "text/event-stream" } }
  )

type Answer = (request: string) => Effect.Effect<Response>

/** A client of a server in memory, and what it was asked. */
const client = (answer: Answer, how: Policy.RecoverMidStreamOptions["how"] = ["resume"]) => {
  const requests: Array<string> = []
  const http = HttpClient.make((request, { pathname, search }) => {
    const name = `${request.method} ${pathname}${search}`
    requests.push(name)
    return Effect.map(answer(name), (response) => HttpClientResponse.fromWeb(request, response))
  })
  const layer = LLMClient.fromProvider(OpenAI, {
    model: "gpt-5-mini",
    policies: [Policy.recoverMidStream({ how })]
  }).pipe(
    Layer.provide(OpenAI.layer({ apiKey: Redacted.make("sk-test"), api: "responses" })),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, http)),
    Layer.orDie
  )
  return { requests, layer }
}

/** Breaks the first connection after some bytes, and sends the rest of the events to the next. */
const breaking =
  (afterBytes: number, ending: Ending): Answer =>
  (request) =>
    Effect.sync(() => {
      if (request === "POST /v1/responses") return eventStream(wire(events).slice(0, afterBytes), ending)
      const after = /starting_after=(\d+)$/.exec(request)?.[1]
      return eventStream(wire(events.slice(Number(after) + 1)))
    })

describe("a background response that breaks", () => {
  it.effect(
    "anywhere is the same response with one POST, once its first event has named it",
    () =>
      Effect.gen(function* () {
        const bytes = wire(events)
        const first = wire(events.slice(0, 1)).length
        let answer: Answer = breaking(0, "reset")
        const { layer, requests } = client((request) => answer(request))
        const read = Effect.provide(Effect.exit(collect(LLMClient.chatStream(background))), yield* Layer.build(layer))
        // Every third byte, with both endings in turn, meets each field of an event.
        for (let afterBytes = 0; afterBytes < bytes.length; afterBytes += 3) {
          // At a clean end, the blank line after an event may be missing.
          const [ending, named] =
            afterBytes % 2 === 0 ? (["truncate", first - 2] as const) : (["reset", first] as const)
          requests.length = 0
          answer = breaking(afterBytes, ending)
          const exit = yield* read
          const at = `${ending} after ${afterBytes}`
          if (afterBytes < named) {
            expect([at, Exit.isFailure(exit), requests.length]).toEqual([at, true, 1])
          } else {
            const { content, finishReason, usage } = yield* exit
            const tokens = usage?.totalTokens
            expect([at, content, finishReason, tokens]).toEqual([at, "Héllo 🌍, héllo", "stop", 12])
            expect(requests.filter((request) => request.startsWith("POST"))).toHaveLength(1)
          }
        }
      }).pipe(Effect.scoped),
    120_000
  )

  const cutAfterText = (rest: Answer): Answer => {
    const first = breaking(wire(events.slice(0, 5)).length, "reset")
    let posts = 0
    return (request) =>
      request === "POST /v1/responses" && posts++ === 0
        ? first(request)
        : request === "POST /v1/responses"
          ? Effect.sync(() => eventStream(wire(events)))
          : rest(request)
  }

  it.effect.each([
    ["is a web page", () => new Response("<html>Sign in</html>", { headers: { "content-type": "text/html" } })],
    ["is JSON", () => Response.json({ id: "resp_1", status: "in_progress", output: [] })],
    ["is compressed", () => eventStream(Uint8Array.of(0x1f, 0x8b, 8, 0))],
    ["is a redirect", () => new Response(null, { status: 302, headers: { location: "https://example.com" } })]
  ] as const)("is requested again where what comes instead of the rest %s", ([, rest]) =>
    Effect.gen(function* () {
      const { layer, requests } = client(
        cutAfterText(() => Effect.sync(rest)),
        ["resume", "reset"]
      )
      const response = yield* collect(LLMClient.chatStream(background)).pipe(Effect.provide(layer))
      expect(response.content).toBe("Héllo 🌍, héllo")
      expect(requests).toEqual([
        "POST /v1/responses",
        "GET /v1/responses/resp_1?stream=true&starting_after=4",
        "POST /v1/responses/resp_1/cancel",
        "POST /v1/responses"
      ])
    })
  )

  it.effect("shows nothing twice where the server sends everything again", () =>
    Effect.gen(function* () {
      const { layer } = client(cutAfterText(() => Effect.sync(() => eventStream(wire(events)))))
      const response = yield* collect(LLMClient.chatStream(background)).pipe(Effect.provide(layer))
      expect(response.content).toBe("Héllo 🌍, héllo")
    })
  )

  const badRests: ReadonlyArray<readonly [string, ReadonlyArray<object>]> = [
    ["the server sends the same events again without numbers", events.map(({ sequence_number: _, ...event }) => event)],
    ["the rest has no numbers", events.slice(5).map(({ sequence_number: _, ...event }) => event)],
    ["the numbers go back", events.slice(2).map((event, sequence_number) => ({ ...event, sequence_number }))],
    [
      "what comes is another response, with higher numbers",
      events.map((event, index) => ({
        ...event,
        ...("response" in event ? { response: { ...event.response, id: "resp_2" } } : {}),
        sequence_number: index + 3
      }))
    ]
  ]
  it.effect.each(badRests)("is truncated, and shows no text twice, where %s", ([, rest]) =>
    Effect.gen(function* () {
      const { layer } = client(cutAfterText(() => Effect.sync(() => eventStream(wire(rest)))))
      const error = yield* Effect.flip(collect(LLMClient.chatStream(background))).pipe(Effect.provide(layer))
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
      expect("Héllo 🌍, héllo".startsWith(LLMError.partial(error)?.content ?? "?")).toBe(true)
    })
  )

  it.effect("fails with the error that the server reports after a part of the rest, without a number", () =>
    Effect.gen(function* () {
      const failed = { type: "error", error: { message: "The server had an error", type: "server_error" } }
      const { layer } = client(
        cutAfterText(() => Effect.sync(() => eventStream(wire([...events.slice(5, 6), failed]))))
      )
      const error = yield* Effect.flip(collect(LLMClient.chatStream(background))).pipe(Effect.provide(layer))
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Server" })
    })
  )

  it.effect("is not resumed where events have no numbers, because what comes twice could not be told", () =>
    Effect.gen(function* () {
      const plain = events.map(({ sequence_number: _, ...event }) => event)
      const { layer, requests } = client(() => Effect.sync(() => eventStream(wire(plain.slice(0, 5)), "reset")))
      const error = yield* Effect.flip(collect(LLMClient.chatStream(background))).pipe(Effect.provide(layer))
      expect(error._tag).toBe("NetworkError")
      expect(requests).toEqual(["POST /v1/responses", "POST /v1/responses/resp_1/cancel"])
    })
  )

  it.effect("never sends an id of the provider to another path", () =>
    Effect.gen(function* () {
      const named = events.map((event) => ({ ...event, response: { id: "../files/file-1", status: "in_progress" } }))
      const { layer, requests } = client(() => Effect.sync(() => eventStream(wire(named.slice(0, 5)), "reset")))
      yield* Effect.flip(collect(LLMClient.chatStream(background))).pipe(Effect.provide(layer))
      expect(requests).toEqual(["POST /v1/responses"])
    })
  )
})

describe("leaving a background response", () => {
  it.effect("waits for its cancellation for 2 seconds at most", () =>
    Effect.gen(function* () {
      const { layer, requests } = client((request) =>
        request.endsWith("cancel") ? Effect.never : breaking(wire(events.slice(0, 5)).length, "truncate")(request)
      )
      const left = yield* Stream.runDrain(Stream.take(LLMClient.chatStream(background), 1)).pipe(
        Effect.provide(layer),
        Effect.fork
      )
      yield* TestClock.adjust("1900 millis")
      expect(requests.at(-1)).toBe("POST /v1/responses/resp_1/cancel")
      expect(yield* Fiber.poll(left)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(left)
    })
  )

  it.effect("cancels it between two connections too", () =>
    Effect.gen(function* () {
      const { layer, requests } = client((request) =>
        request.startsWith("GET")
          ? Effect.never
          : request.endsWith("cancel")
            ? Effect.sync(() => Response.json({ id: "resp_1", status: "cancelled" }))
            : breaking(wire(events.slice(0, 5)).length, "reset")(request)
      )
      const reading = yield* Effect.fork(Effect.provide(collect(LLMClient.chatStream(background)), layer))
      while (requests.length < 2) yield* Effect.yieldNow()
      yield* Fiber.interrupt(reading)
      expect(requests.slice(1)).toEqual([
        "GET /v1/responses/resp_1?stream=true&starting_after=4",
        "POST /v1/responses/resp_1/cancel"
      ])
    })
  )
})

describe("a background response that is not streamed", () => {
  it.effect("is rejected before it is sent, because it would bring no content", () =>
    Effect.gen(function* () {
      const { layer, requests } = client(() => Effect.die("nothing may be sent"))
      const error = yield* Effect.flip(LLMClient.chat(background)).pipe(Effect.provide(layer))
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining("use chatStream") })
      expect(requests).toEqual([])
    })
  )
})
