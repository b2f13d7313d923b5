/** A test as a user of the library writes it, which docs/resilience.md shows. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { collect, LLMClient, LLMError } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"

const program = collect(LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 5 with words" }] }))

it.live("keeps the received content when the connection breaks", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(program)
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    expect(LLMError.partial(error)?.content).toBe("One, two")
  }).pipe(
    Effect.provide(LLMClient.layer({ model: "openai/gpt-4o-mini" })),
    Effect.provide(Simulator.layerConfig({ pace: 0, script: [{ fault: { type: "reset", afterChunks: 3 } }] })),
    Effect.provide(FetchHttpClient.layer)
  )
)
