import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { LLMClient, ModelCatalog, type ModelInfo, OpenAI, PolicyState, Spending } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { MockLLM } from "llm-connectivity/testing"
import { make as makeUsage } from "../../src/domain/Usage.js"
import type { Hold } from "../../src/policy/spending/SpendLedgers.js"
import { isExcess, SpendLedgers } from "../../src/policy/spending/SpendLedgers.js"
import { startFleet } from "./fleet.js"
import { printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { strictProvider } from "./strictProvider.js"

/** Half a cent for each request that the provider bills: 10 input and 10 output tokens. */
const prices: ReadonlyArray<ModelInfo> = [
  { provider: "openai", model: "gpt-4o-mini", prices: { input: 250, output: 250 } }
]
const dollarsPerAnswer = 0.005

const key = { provider: "openai", model: "gpt-4o-mini" }

describe("a budget in Redis", () => {
  it.scopedLive(
    "of $10 holds for four processes, one of which is killed",
    () =>
      Effect.gen(function* () {
        const redis = yield* redisServer
        const provider = yield* strictProvider(undefined, { millis: 20 })
        const job = { redis: redis.url, baseUrl: provider.baseUrl, seconds: 150, budget: { total: 10 }, prices }
        const jobs = ["a", "b", "c", "d"].map((name) => ({ ...job, name, concurrency: 16, calls: 625, maxTokens: 12 }))
        const workers = yield* Effect.promise(() => startFleet(jobs))
        yield* Effect.async<void>((resume) => {
          const timer = setInterval(() => {
            if (provider.arrivals().length < 700) return
            clearInterval(timer)
            workers[0]?.kill()
            resume(Effect.void)
          }, 5)
        })
        const reports = yield* Effect.promise(() => Promise.all(workers.map(({ report }) => report)))
        const answered = provider.arrivals().length
        const read = (field: string) => Effect.promise(() => redis.command("hget", "fleet:{budget:fleet}:sums", field))
        const [spent, reserved] = [Number(yield* read("s")) / 1e9, Number(yield* read("r")) / 1e9]
        const really = answered * dollarsPerAnswer
        const refused = reports.map((report) => report?.refused)
        printFigures("budget", { answered, really, spent, reserved, refused })
        expect(reports[0]).toBeUndefined()
        expect(really).toBeLessThanOrEqual(10)
        expect(spent + reserved).toBeGreaterThanOrEqual(really - 1e-9)
        expect(spent + reserved).toBeLessThanOrEqual(10)
        expect(really).toBeGreaterThan(9.5)
      }),
    180_000
  )

  it.scopedLive("counts an expired reservation as spent, reports it apart, and holds nothing afterwards", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer
      const state = Redis.layer({ url: redis.url, onUnavailable: "closed" })
      const program = Effect.gen(function* () {
        const ledger = yield* Effect.flatMap(SpendLedgers, ({ open }) => open("test", { total: 1, callers: 0.5 }))
        const reserve = (caller: string, amount: bigint) => ledger.reserve({ ...key, caller }, amount)
        const first = yield* reserve("ann", 400_000_000_000_000n)
        expect(isExcess(first)).toBe(false)
        expect(yield* reserve("ann", 200_000_000_000_000n)).toMatchObject({ budget: 0.5, reserved: 0.4 })
        expect(isExcess(yield* reserve("bob", 500_000_000_000_000n))).toBe(false)
        expect(yield* reserve("cat", 200_000_000_000_000n)).toMatchObject({ name: "", budget: 1 })
        // The lease of a process that ended: its time has passed.
        const ids = yield* Effect.promise(() => redis.command("zrange", "llm:{budget:test}:leases", "0", "-1"))
        for (const id of ids.split("\n")) {
          yield* Effect.promise(() => redis.command("zadd", "llm:{budget:test}:leases", "1", id))
        }
        const { total, callers } = yield* ledger.summary
        expect(total).toEqual({ dollars: 0.9, requests: 2, estimated: 0, unpriced: 0, expired: 0.9 })
        expect(callers?.["ann"]).toMatchObject({ dollars: 0.4, expired: 0.4 })
        // A commit that comes too late adds nothing to what is counted already.
        yield* (first as Hold).commit(key, { cost: 100_000_000_000_000n, isExact: true })
        expect((yield* ledger.summary).total.dollars).toBe(0.9)
        const keys = (yield* Effect.promise(() => redis.command("keys", "*"))).split("\n")
        expect(keys.sort()).toEqual(["llm:{budget:test}:sums"])
        expect(Number(yield* Effect.promise(() => redis.command("pttl", keys[0] ?? "")))).toBeGreaterThan(0)
        expect(Number(yield* Effect.promise(() => redis.command("hget", keys[0] ?? "", "r")))).toBe(0)
      })
      yield* Effect.provide(program, state)
    })
  )

  it.scopedLive("commits what a request has cost when Redis is back, which did not answer meanwhile", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer
      const program = Effect.gen(function* () {
        const ledger = yield* Effect.flatMap(SpendLedgers, ({ open }) => open("test", { total: 1 }))
        const hold = (yield* ledger.reserve(key, 900_000_000_000_000n)) as Hold
        redis.pause()
        yield* hold.commit(key, { cost: 100_000_000_000_000n, isExact: true })
        redis.resume()
        const { total } = yield* Effect.repeat(Effect.delay(ledger.summary, "100 millis"), {
          until: (summary) => summary.total.requests > 0,
          times: 150
        })
        expect(total).toEqual({ dollars: 0.1, requests: 1, estimated: 0, unpriced: 0 })
        expect(isExcess(yield* ledger.reserve(key, 900_000_000_000_000n))).toBe(false)
      })
      yield* Effect.provide(program, Redis.layer({ url: redis.url, onUnavailable: "closed" }))
    })
  )

  it.scopedLive("sums the same as one in memory, by provider, model and caller, and per month", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer
      const answer = [
        "Hi",
        {
          finishReason: "stop" as const,
          usage: makeUsage({ inputTokens: 10, outputTokens: 10 }),
          origin: { provider: "openai", model: "gpt-4o-mini" }
        }
      ]
      const story = Effect.gen(function* () {
        const chat = (caller: string) => LLMClient.chat({ messages: [{ role: "user", content: "Hi" }] }, { caller })
        yield* chat("ann")
        yield* chat("bob")
        return yield* Spending.spent
      })
      const client = LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini", guards: [Spending.policy] }).pipe(
        Layer.provide(MockLLM.provider(OpenAI, () => answer)),
        Layer.provideMerge(Spending.layerShared({ name: "test", budget: { total: 100, callers: 50, per: "month" } })),
        Layer.provide(ModelCatalog.layerOf(prices))
      )
      const inRedis = yield* Effect.provide(
        story,
        Layer.provide(client, Redis.layer({ url: redis.url, onUnavailable: "closed" }))
      )
      const inMemory = yield* Effect.provide(story, Layer.provide(client, PolicyState.memory))
      expect(inRedis).toEqual(inMemory)
      expect(inRedis.callers?.["ann"]?.dollars).toBe(0.005)
      const period = yield* Effect.promise(() => redis.command("hget", "llm:{budget:test}:sums", "period"))
      const now = new Date()
      expect(period).toBe(`${now.getUTCFullYear()}-${now.getUTCMonth() + 1}`)
    })
  )
})
