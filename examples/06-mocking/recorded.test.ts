/**
 * Tests with a recorded response, without a network or key. Run them with
 * `npx vitest run examples/06-mocking/recorded.test.ts`: it prints that three tests have passed.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { LLMClient } from "llm-connectivity"
import { Cassette, type CassetteOptions } from "llm-connectivity/testing"
import { titleOf } from "./titleOf.js"

const file = new URL("title.cassette.json", import.meta.url)
const anyKey = ConfigProvider.fromMap(new Map([["OPENAI_API_KEY", "not-needed"]]))
const recorded = (options?: CassetteOptions) =>
  LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [] }).pipe(
    Layer.provide(Cassette.layer(file, options)),
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(Layer.setConfigProvider(anyKey))
  )

it.effect("returns the recorded title after the recorded time", () =>
  Effect.gen(function* () {
    const title = yield* Effect.fork(titleOf("Once upon a time …"))
    yield* TestClock.adjust("1 second")
    expect(yield* Fiber.join(title)).toBe("A Beginning")
  }).pipe(Effect.provide(recorded()))
)

it.live("returns a default title if the recorded connection is reset", () =>
  Effect.map(titleOf("Once upon a time …"), (title) => expect(title).toBe("Untitled")).pipe(
    Effect.provide(recorded({ faults: [{ type: "reset", afterBytes: 100 }] }))
  )
)

it.effect("sends nothing that was not recorded, and says what differs", () =>
  Effect.map(Effect.flip(titleOf("Twice …")), ({ message }) =>
    expect(message).toContain("body.messages[1].content")
  ).pipe(Effect.provide(recorded()))
)
