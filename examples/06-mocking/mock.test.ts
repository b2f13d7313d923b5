/**
 * Tests with scripted responses, without a network. Run them with
 * `npx vitest run examples/06-mocking/mock.test.ts`: it prints that four tests have passed.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { AuthenticationError, RateLimitError } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { titleOf } from "./titleOf.js"

const origin = { provider: "openai", model: "gpt-4o-mini" }
const busy = MockLLM.layer([new RateLimitError({ ...origin, reason: "RateLimit", message: "slow down" })])
const locked = MockLLM.layer([new AuthenticationError({ ...origin, message: "no such key" })])

it.effect("sends the text and returns the title without surrounding whitespace", () =>
  Effect.gen(function* () {
    expect(yield* titleOf("Once upon a time …")).toBe("A Beginning")
    const [request] = yield* MockLLM.requests
    expect(request?.messages.at(-1)).toEqual({ role: "user", content: "Once upon a time …" })
  }).pipe(Effect.provide(MockLLM.layer(["  A Beginning\n"])))
)

it.effect("returns a default title while the provider is busy", () =>
  Effect.map(titleOf("Once …"), (title) => expect(title).toBe("Untitled")).pipe(Effect.provide(busy))
)

it.effect("fails if the key is wrong", () =>
  Effect.map(Effect.flip(titleOf("Once …")), ({ _tag }) => expect(_tag).toBe("AuthenticationError")).pipe(
    Effect.provide(locked)
  )
)

it.effect("waits a minute of test time for a slow model", () =>
  Effect.gen(function* () {
    const title = yield* Effect.fork(titleOf("Once …"))
    yield* TestClock.adjust("1 minute")
    expect(yield* Fiber.join(title)).toBe("A Late Title")
  }).pipe(Effect.provide(MockLLM.layer([["A ", { pause: "1 minute" }, "Late Title"]])))
)
