/** The state of all policies on a Redis Cluster of three nodes: every script runs there, with the results of one process. */
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Cluster } from "ioredis"
import { Breakers, PolicyState, RateLimits, ResponseCache } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import * as breakerScripts from "../../src/interop/redis/breakerScripts.js"
import * as ledgerScripts from "../../src/interop/redis/ledgerScripts.js"
import * as rateLimitScripts from "../../src/interop/redis/rateLimitScripts.js"
import type { UnitLimit } from "../../src/policy/limits/gcra.js"
import { type Hold, isExcess, SpendLedgers } from "../../src/policy/spending/SpendLedgers.js"
import { redisCluster } from "./redisServer.js"

const limit: UnitLimit = { unit: "requests", limit: 10, burst: 5, windowMillis: 60_000 }

/** Books all that may come at once, gives one back, and takes what the provider says is gone. */
const rateLimited = (bucket: string) =>
  Effect.gen(function* () {
    const limits = yield* RateLimits
    const book = limits.book({ bucket, amounts: [{ limit, amount: 1 }], maxWaitMillis: 0 })
    const first = yield* book
    const others = yield* Effect.replicateEffect(book, 5)
    yield* first.settle([0])
    const again = [yield* book, yield* book]
    yield* first.settle([0])
    yield* limits.observe(bucket, [{ limit, available: 0, blockedMillis: 30_000 }])
    return [first, ...others, ...again, yield* book].map(({ isBooked }) => isBooked)
  })

const dollar = 10n ** 15n

/** Reserves, is refused, moves to another model, renews and commits. */
const spent = (name: string) =>
  Effect.gen(function* () {
    const ledger = yield* Effect.flatMap(SpendLedgers, ({ open }) => open(name, { total: 10, callers: 5 }))
    const key = { provider: "openai", model: "a", caller: "ann" }
    const hold = (yield* ledger.reserve(key, 4n * dollar)) as Hold
    const refused = yield* ledger.reserve(key, 2n * dollar)
    yield* hold.move({ ...key, model: "b" }, dollar)
    yield* hold.renew?.run ?? Effect.void
    const next = yield* ledger.reserve(key, 3n * dollar)
    yield* hold.commit({ ...key, model: "b" }, { cost: dollar / 2n, isExact: true })
    return [isExcess(refused), isExcess(next), yield* ledger.summary]
  })

const settings = { failures: 2, coolDownMillis: 60_000, rampMillis: 0, probeMillis: 5000 }

const broken = (name: string) =>
  Effect.gen(function* () {
    const breakers = yield* Breakers
    const before = yield* breakers.admit(name, settings)
    const failure = { type: "failure", waitMillis: 0 } as const
    const states = yield* Effect.replicateEffect(breakers.report(name, settings, failure), 2)
    return [before.type, ...states, (yield* breakers.admit(name, settings)).type]
  })

const cached = (name: string) =>
  Effect.gen(function* () {
    const cache = yield* ResponseCache
    const before = yield* cache.get(name)
    yield* cache.set(name, `answer to ${name}`, 60_000)
    return [before, yield* cache.get(name)]
  })

/** Twelve of each, so that every node has some of each. */
const story = Effect.forEach(
  Array.from({ length: 12 }, (_, index) => `name ${index}`),
  (name) => Effect.all({ a: rateLimited(name), b: spent(name), c: broken(name), d: cached(name) })
)

const scripts = [breakerScripts, ledgerScripts, rateLimitScripts].flatMap((module) =>
  Object.entries(module).flatMap(([name, value]) =>
    typeof value === "object" && "sha" in value ? [[name, value.sha]] : []
  )
)

it.scopedLive("every script of a policy gives on a cluster of three nodes what it gives in memory", () =>
  Effect.gen(function* () {
    const servers = yield* redisCluster
    const used = new Map<string, number>()
    const cluster = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new Cluster(
            servers.map(({ url }) => url),
            { enableOfflineQueue: true }
          )
      ),
      (client) => Effect.sync(() => client.disconnect())
    )
    const client: Redis.RedisClient = {
      evalsha: (sha, count, ...args) => {
        used.set(sha, (used.get(sha) ?? 0) + 1)
        return cluster.evalsha(sha, count, ...args)
      },
      eval: (lua, count, ...args) => cluster.eval(lua, count, ...args)
    }
    const state = yield* Layer.build(Redis.layer({ client, onUnavailable: "closed", commandTimeout: "5 seconds" }))
    const inCluster = yield* Effect.provide(story, state)
    expect(inCluster).toEqual(yield* Effect.provide(story, PolicyState.memory))
    const [first] = inCluster
    expect(first?.a).toEqual([true, true, true, true, true, false, true, false, false])
    expect(first?.b.slice(0, 2)).toEqual([true, false])
    expect(first?.c).toEqual(["admitted", "closed", "open", "rejected"])
    expect(first?.d).toEqual([undefined, "answer to name 0"])
    expect(scripts.length).toBe(10)
    expect(scripts.filter(([, sha = ""]) => (used.get(sha) ?? 0) < 12)).toEqual([])
    // Those of the cache are not exported.
    expect(used.size).toBe(scripts.length + 2)
    for (const { command } of servers) {
      const keys = (yield* Effect.promise(() => command("keys", "*"))).split("\n")
      for (const kind of ["rate", "budget", "breaker", "cache"]) {
        expect([kind, keys.some((key) => key.includes(`{${kind}`))]).toEqual([kind, true])
      }
    }
  })
)
