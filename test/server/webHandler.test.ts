/** A response behind a web handler, as Next, Hono and Workers use one: aborting the request stops the provider. */
import { FetchHttpClient, HttpApp } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { LLMClient } from "llm-connectivity"
import { respondWithEvents } from "llm-connectivity/server"
import { Simulator } from "llm-connectivity/testing"

const app = respondWithEvents(LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 90 in words" }] }))

const services = LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [] }).pipe(
  Layer.provide(FetchHttpClient.layer),
  Layer.provideMerge(Simulator.layerConfig({ pace: 30 })),
  Layer.orDie
)

describe("a web handler", () => {
  it.scopedLive.each(["abort the signal", "cancel the body"] as const)(
    "stops the provider when the client leaves: %s",
    (way) =>
      Effect.gen(function* () {
        const runtime = yield* Effect.runtime<LLMClient>()
        const handle = HttpApp.toWebHandlerRuntime(runtime)(app)
        const leaving = new AbortController()
        const request = new Request("http://127.0.0.1/chat", { method: "POST", signal: leaving.signal })
        const response = yield* Effect.promise(() => handle(request))
        const reader = response.body?.getReader()
        const first = yield* Effect.promise(() => reader?.read() ?? Promise.resolve(undefined))
        expect(new TextDecoder().decode(first?.value)).toContain("data: ")
        if (way === "abort the signal") leaving.abort()
        else yield* Effect.promise(() => reader?.cancel() ?? Promise.resolve())
        const [sent] = yield* Simulator.requests
        const closed = yield* Effect.fork(sent?.closed ?? Effect.die("the provider received no request"))
        expect(yield* Effect.timeout(Fiber.join(closed), "15 seconds")).toMatchObject({ closedBy: "caller" })
        if (way === "cancel the body") return
        const rest = Effect.promise(async () => {
          while (!(await reader?.read())?.done);
        })
        yield* Effect.timeout(rest, "15 seconds")
      }).pipe(Effect.provide(services))
  )
})
