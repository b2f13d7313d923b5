import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  LLMClient,
  ModelCatalog,
  OpenAI,
  Policy,
  PolicyState,
  ResponseCache,
  Spending,
  type ValidationError
} from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { hello } from "../support/openai.js"

const target = { name: "a" }

const nonsense: never = "soon" as never

type Made = Effect.Effect<unknown, unknown, PolicyState>

const made = (policy: Effect.Effect<unknown, unknown, PolicyState>): Made => policy

const wrong: ReadonlyArray<readonly [string, Made, RegExp]> = [
  ...[Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY].map(
    (requests) =>
      [
        `concurrency ${requests}`,
        made(Policy.concurrency({ requests })),
        /requests is .*; write a whole number/
      ] as const
  ),
  ["concurrency's wait", made(Policy.concurrency({ requests: 1, maxWait: nonsense })), /maxWait is "soon"; write/],
  ["a rate of NaN", made(Policy.rateLimit({ requests: Number.NaN, per: 1000, maxWait: 0 })), /requests is NaN/],
  ["a wait of NaN", made(Policy.rateLimit({ requests: 1, per: 1000, maxWait: Number.NaN })), /maxWait is NaN/],
  ["a breaker without failures", made(Policy.circuitBreaker({ failures: 0 })), /failures is 0; write a whole number/],
  [
    "a breaker that never tries",
    made(Policy.circuitBreaker({ coolDown: "Infinity" as never })),
    /coolDown is "Infinity"/
  ],
  ["a ramp of NaN", made(Policy.circuitBreaker({ ramp: Number.NaN })), /ramp is NaN/],
  ["a probe without time", made(Policy.circuitBreaker({ probeTimeout: 0 })), /probeTimeout is 0/],
  ["a hedge of NaN", made(Policy.hedge({ atMost: Number.NaN })), /atMost is NaN; write a share of all calls/],
  ["a hedge of each call and more", made(Policy.hedge({ atMost: 5 })), /atMost is 5/],
  ["a hedge without a time", made(Policy.hedge({ after: nonsense })), /after is "soon"/],
  ["a cache for no time", made(Policy.cache({ scope: "shared", ttl: 0 })), /ttl is 0/],
  ["a cache for NaN", made(Policy.cache({ scope: "shared", ttl: Number.NaN })), /ttl is NaN/],
  ["entries of NaN", made(Policy.cache({ scope: "shared", ttl: 1, maxEntrySize: Number.NaN })), /maxEntrySize is NaN/],
  ["a balance's breaker", made(Policy.loadBalance([target], { breaker: { failures: -1 } })), /failures is -1/],
  ["an ejection of NaN", made(Policy.loadBalance([target], { ejectFor: Number.NaN })), /ejectFor is NaN/],
  ["a weight of zero", made(Policy.loadBalance([{ ...target, weight: 0 }])), /the weight of a is 0/],
  ["a weight of NaN", made(Policy.loadBalance([{ ...target, weight: Number.NaN }])), /the weight of a is NaN/],
  ["two targets of one name", made(Policy.loadBalance([target, target])), /two targets have the name a/],
  ["a retry budget of NaN", made(Policy.retryBudget({ capacity: Number.NaN })), /capacity is NaN/],
  ["a retry budget that shrinks", made(Policy.retryBudget({ refill: -1 })), /refill is -1/],
  [
    "memory of NaN",
    made(Layer.build(ResponseCache.memoryWith({ maxBytes: Number.NaN })).pipe(Effect.scoped)),
    /maxBytes/
  ],
  [
    "answers of NaN tokens",
    made(Effect.provide(Spending.make({ assumedOutputTokens: Number.NaN }), ModelCatalog.layerOf([]))),
    /assumedOutputTokens is NaN/
  ]
]

describe("a policy with an option that cannot be right", () => {
  it.effect.each(wrong)("is a ValidationError when it is made, which says what to write: %s", ([, policy, message]) =>
    Effect.gen(function* () {
      const error = (yield* Effect.flip(Effect.provide(policy, PolicyState.memory))) as ValidationError
      expect(error._tag).toBe("ValidationError")
      expect(error.message).toMatch(message)
      expect(error.message).toContain("; ")
    })
  )

  it.effect.each([
    ["retry", Policy.retry({ maxRetryDelay: Number.NaN }), /the retry is not valid: maxRetryDelay is NaN/],
    ["recovery", Policy.recoverMidStream({ how: ["reset"], times: Number.NaN }), /times is NaN/],
    ["its delay", Policy.recoverMidStream({ how: ["reset"], maxRetryDelay: nonsense }), /maxRetryDelay is "soon"/]
  ] as const)(
    "is a ValidationError of each call where it is no effect, and nothing is sent: %s",
    ([, policy, message]) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(LLMClient.chat(hello))
        expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringMatching(message) })
        expect((yield* Effect.flip(LLMClient.embed({ input: ["a"] })))._tag).toBe("ValidationError")
        expect(yield* MockLLM.requests).toEqual([])
      }).pipe(
        Effect.provide(
          Layer.provideMerge(
            LLMClient.fromProvider(OpenAI, { model: "m", policies: [policy] }),
            MockLLM.provider(OpenAI, ["Hi"])
          )
        )
      )
  )

  it.effect("is a ValidationError of the call where targets are an effect", () =>
    Effect.gen(function* () {
      const targets = Effect.succeed([{ ...target, weight: -1 }])
      const client = LLMClient.fromProvider(OpenAI, { model: "m", policies: [Policy.loadBalance(targets)] }).pipe(
        Layer.provide([MockLLM.provider(OpenAI, ["Hi"]), PolicyState.memory])
      )
      const error = yield* Effect.flip(LLMClient.chat(hello)).pipe(Effect.provide(client))
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining("weight of a is -1") })
    })
  )
})
