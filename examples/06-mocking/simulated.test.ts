/**
 * Tests over real HTTP, against a server with scripted failures. Run them with
 * `npx vitest run examples/06-mocking/simulated.test.ts`: it prints that two tests have passed.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { LLMClient, Policy } from "llm-connectivity"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { titleOf } from "./titleOf.js"

const policy = Policy.retry({ rateLimit: Schedule.recurs(1), network: Schedule.recurs(1) })

const simulated = (...script: ReadonlyArray<SimulatedReply | string>) =>
  LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [policy] }).pipe(
    Layer.provideMerge(Simulator.layerConfig({ pace: 0, script })),
    Layer.provide(FetchHttpClient.layer)
  )

it.live("retries after a connection reset and sends the right request", () =>
  Effect.gen(function* () {
    expect(yield* titleOf("Once upon a time …")).toBe("A Beginning")
    const requests = yield* Simulator.requests
    expect(requests).toHaveLength(2)
    expect(requests[1]?.body).toMatchObject({ model: "gpt-4o-mini", max_completion_tokens: 20 })
  }).pipe(Effect.provide(simulated({ fault: { type: "resetBeforeHeaders" } }, "A Beginning")))
)

it.live("returns a default title while the provider is overloaded", () =>
  Effect.map(titleOf("Once …"), (title) => expect(title).toBe("Untitled")).pipe(
    Effect.provide(simulated({ error: "overloaded" }, { error: "overloaded" }))
  )
)
