/** Redis stands still for six seconds, or stops: every policy does what its layer says, waits for no reply, and shares again. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer, Stream } from "effect"
import {
  AuthenticationError,
  type ChatRequest,
  collect,
  LLMClient,
  ModelCatalog,
  NetworkError,
  OpenAI,
  Policy,
  type PolicyState,
  Provider,
  Spending,
  type ValidationError
} from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { make as makeUsage } from "../../src/domain/Usage.js"
import { expectTime, printFigures } from "./machine.js"
import { type RedisServer, redisServer } from "./redisServer.js"

const origin = { provider: "openai", model: "m" }

/** Costs half a dollar, and reserves 2.25 of the budget of 3: the third one is refused. */
const answer = ["Hi", { finishReason: "stop" as const, usage: makeUsage({ inputTokens: 1, outputTokens: 1 }), origin }]

const prices = ModelCatalog.layerOf([{ ...origin, prices: { input: 250_000, output: 250_000 } }])

const failures: MockResponses = (_, index) =>
  index < 2 ? [new NetworkError({ ...origin, reason: "Server", message: "down" })] : answer

const spending = Spending.layerShared({ name: "test", budget: { total: 3 } })

const wrongKey = Provider.make({
  name: "openai",
  open: () => Effect.fail(new AuthenticationError({ ...origin, message: "wrong key" }))
})

type AnyPolicy = Policy.AnyPolicy<ValidationError, PolicyState | Spending>

interface Case {
  readonly responses?: MockResponses
  readonly guards?: ReadonlyArray<AnyPolicy>
  readonly policies?: ReadonlyArray<AnyPolicy>
  readonly limits?: ReadonlyArray<AnyPolicy>
  /** What calls come to after the first two, while Redis is there. */
  readonly shared: string
  /** What calls of this process come to without Redis; the last one repeats. */
  readonly local: ReadonlyArray<string>
}

/** Every policy with shared state. */
const cases: { readonly [name: string]: Case } = {
  "rate limit": {
    limits: [Policy.rateLimit({ requests: 4, per: "1 hour", maxWait: 0, burst: 0.5 })],
    shared: "RateLimitError",
    local: ["answer", "answer", "RateLimitError"]
  },
  budget: {
    guards: [Spending.policy],
    shared: "InsufficientCreditsError",
    local: ["answer", "answer", "InsufficientCreditsError"]
  },
  "circuit breaker": {
    responses: failures,
    limits: [Policy.circuitBreaker({ failures: 2, coolDown: "1 hour" })],
    shared: "NetworkError (Server)",
    local: ["answer"]
  },
  "load balance": {
    policies: [Policy.loadBalance([{ name: "a", provider: wrongKey }, { name: "b" }])],
    shared: "answer",
    local: ["answer"]
  },
  cache: { guards: [Policy.cache({ ttl: "1 hour", scope: "shared" })], shared: "cached", local: ["answer", "cached"] }
}

const clientOf = (name: string, options: Case, server: RedisServer, onUnavailable: Redis.OnUnavailable) => {
  const { responses = () => answer } = options
  return LLMClient.fromProvider(OpenAI, { model: "m", policies: [], ...options }).pipe(
    Layer.provide(MockLLM.provider(OpenAI, responses)),
    Layer.provide(Layer.provide(spending, prices)),
    Layer.provide(
      Layer.fresh(
        Redis.layer({
          url: server.url,
          onUnavailable,
          keyPrefix: `${name.replace(" ", "-")}:`,
          // Longer than a busy machine needs for a reply.
          commandTimeout: "1 second"
        })
      )
    )
  )
}

const question: ChatRequest = { messages: [{ role: "user", content: "Hi" }], maxTokens: 1 }

const chat = LLMClient.chat(question).pipe(
  Effect.match({
    onSuccess: ({ fromCache }) => (fromCache === true ? "cached" : "answer"),
    onFailure: (error) => (error._tag === "NetworkError" ? `${error._tag} (${error.reason})` : error._tag)
  }),
  Effect.timed,
  Effect.map(([took, outcome]) => ({ outcome, millis: Math.round(Duration.toMillis(took)) }))
)

/** A call each tenth of a second, until two seconds before Redis goes on. */
const calling = Effect.gen(function* () {
  const end = performance.now() + 4000
  const calls = [yield* chat]
  while (performance.now() < end) {
    yield* Effect.sleep("100 millis")
    calls.push(yield* chat)
  }
  return calls
})

/** Calls until one comes to this outcome, for 20 seconds at most, and gives the last call. */
const callUntil = (outcome: string) =>
  Effect.repeat(Effect.delay(chat, "100 millis"), { until: (call) => call.outcome === outcome, times: 200 })

const expected = ({ local }: Case, onUnavailable: Redis.OnUnavailable): ReadonlyArray<string> =>
  onUnavailable === "open" ? ["answer"] : onUnavailable === "closed" ? ["NetworkError (Connection)"] : local

describe("while Redis is paused for six seconds, or stopped", () => {
  for (const onUnavailable of ["open", "closed", "local"] as const) {
    it.scopedLive(`each policy does what "${onUnavailable}" says, and shares its state again afterwards`, () =>
      Effect.gen(function* () {
        const server = yield* redisServer
        const clients = yield* Effect.forEach(Object.entries(cases), ([name, options]) =>
          Effect.map(Layer.build(clientOf(name, options, server, onUnavailable)), (context) => ({
            name,
            options,
            context
          }))
        )
        const each = <A>(effectOf: (options: Case) => Effect.Effect<A, never, LLMClient>) =>
          Effect.forEach(
            clients,
            ({ context, ...of }) =>
              Effect.map(Effect.provide(effectOf(of.options), context), (result) => ({ ...of, result })),
            { concurrency: "unbounded" }
          )
        yield* each(() => Effect.replicateEffect(chat, 2))
        const before = yield* each(() => chat)
        yield* Effect.sync(server.pause)
        const [during] = yield* Effect.all([each(() => calling), Effect.sleep("6 seconds")], {
          concurrency: "unbounded"
        })
        yield* Effect.sync(server.resume)
        const [sharedAfter, after] = yield* Effect.timed(each(({ shared }) => callUntil(shared)))
        yield* Effect.promise(server.stop)
        const stopped = yield* each(() => chat)
        yield* Effect.promise(server.start)
        const restarted = yield* each(() => callUntil("answer"))
        for (const { name, options, result } of [...before, ...after]) {
          expect([name, result.outcome]).toEqual([name, options.shared])
        }
        for (const { name, options, result } of during) {
          const outcomes = result.map(({ outcome }) => outcome)
          const changes = expected(options, onUnavailable)
          expect([name, outcomes.slice(0, changes.length)]).toEqual([name, changes])
          expect([name, new Set(outcomes.slice(changes.length - 1))]).toEqual([name, new Set(changes.slice(-1))])
        }
        for (const { name, options, result } of stopped) {
          expect([name, result.outcome]).toEqual([name, expected(options, onUnavailable).at(-1)])
        }
        // It has lost its data, so every policy begins anew.
        for (const { name, result } of restarted) expect([name, result.outcome]).toEqual([name, "answer"])
        const slowest = during.map(
          ({ name, result }) => [name, Math.max(...result.map(({ millis }) => millis))] as const
        )
        printFigures(`slowest call in ms, ${onUnavailable}`, Object.fromEntries(slowest))
        for (const [, millis] of slowest) expect(millis).toBeLessThan(4000)
        expectTime("shared again, milliseconds", Duration.toMillis(sharedAfter), 2000)
      })
    )
  }

  it.scopedLive("an answer that has begun streams on and ends, and what was reserved for it counts as spent", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const slow: MockResponses = () => ["Hi", { pause: "2 seconds" }, ...answer]
      const options: Case = {
        responses: slow,
        guards: [Spending.policy],
        limits: [
          Policy.circuitBreaker(),
          Policy.rateLimit({ requests: 10, tokens: 10_000, per: "1 hour", maxWait: 0 })
        ],
        shared: "",
        local: []
      }
      const client = yield* Layer.build(clientOf("stream", options, server, "closed"))
      const pausing = Stream.tap(LLMClient.chatStream(question), () => Effect.sync(server.pause))
      const [took, { content }] = yield* collect(pausing).pipe(
        Effect.timed,
        Effect.provide(client),
        Effect.ensuring(Effect.sync(server.resume))
      )
      expect(content).toBe("HiHi")
      // Two seconds, and each of the three policies reports the end for at most a command's second.
      expectTime("the stream, milliseconds", Duration.toMillis(took), 6000)
      const reserved = yield* Effect.promise(() => server.command("hget", "stream:{budget:test}:sums", "r"))
      expect(Number(reserved)).toBeGreaterThan(0)
    })
  )
})
