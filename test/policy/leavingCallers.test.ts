/** Limits whose callers leave at any moment: nothing that they held or waited for is lost. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option } from "effect"
import { type ChatRequest, LLMClient, OpenAI, Policy, PolicyState } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"

const request: ChatRequest = { messages: [{ role: "user", content: "Hello" }], maxTokens: 10 }

const steps = (count: number) => Effect.repeatN(Effect.yieldNow(), count)

const limits = [
  ["concurrency", Policy.concurrency({ requests: 1 })],
  ["a rate", Policy.rateLimit({ requests: 1_000_000, per: "1 second", burst: 0.5, maxWait: "1 minute" })]
] as const

// More than a call takes from its first step until its response has ended.
const stepsOfCall = 60

describe("a limit of", () => {
  it.effect.each(limits)("%s admits further calls after callers left at each step of their calls", ([, limit]) =>
    Effect.gen(function* () {
      for (let count = 0; count < stepsOfCall; count++) {
        const callers = yield* Effect.replicateEffect(Effect.fork(LLMClient.chat(request)), 3)
        yield* steps(count)
        yield* Fiber.interruptAll(callers)
      }
      const call = yield* Effect.fork(LLMClient.chat(request))
      yield* steps(10 * stepsOfCall)
      expect(Option.isSome(yield* Fiber.poll(call))).toBe(true)
    }).pipe(
      Effect.provide(
        LLMClient.fromProvider(OpenAI, { model: "m", policies: [], limits: [limit] }).pipe(
          Layer.provide(MockLLM.provider(OpenAI, () => "Hi")),
          Layer.provide(PolicyState.memory)
        )
      )
    )
  )
})
