import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Redacted, Schedule } from "effect"
import { Redis } from "llm-connectivity/redis"
import { Approvals } from "llm-connectivity/tools"
import { redisCluster, redisServer } from "./redisServer.js"

const open = (address: Redis.ApprovalStoreOptions) => Redis.approvalStore({ commandTimeout: "5 seconds", ...address })

const inAnHour = () => Date.now() + 3_600_000

describe("approvals in Redis", () => {
  it.scopedLive("are used once, by forty callers over two connections and after the store was opened again", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const stores = [yield* open({ url: server.url }), yield* open({ url: server.url })]
      const expiresAt = inAnHour()
      const uses = yield* Effect.forEach(
        Array.from({ length: 20 }).flatMap(() => stores),
        (store) => store.consume("approval", expiresAt),
        { concurrency: "unbounded" }
      )
      expect(uses.filter((isFirst) => isFirst)).toHaveLength(1)
      const again = yield* open({ url: server.url })
      expect(yield* again.consume("approval", expiresAt)).toBe(false)
      expect(yield* again.consume("another", expiresAt)).toBe(true)
    })
  )

  it.scopedLive("are used once in a cluster", () =>
    Effect.gen(function* () {
      const nodes = yield* redisCluster
      const store = yield* open({ cluster: nodes.map(({ url }) => url) })
      const ids = Array.from({ length: 30 }, (_, index) => `approval ${index}`)
      const use = Effect.forEach(ids, (id) => store.consume(id, inAnHour()))
      expect(new Set(yield* use)).toEqual(new Set([true]))
      expect(new Set(yield* use)).toEqual(new Set([false]))
    })
  )

  it.scopedLive("are forgotten a day after they expire, and not before", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const store = yield* open({ url: server.url })
      yield* store.consume("approval", inAnHour())
      yield* store.consume("expired", 0)
      const left = (id: string) => Effect.promise(() => server.command("pttl", `llm:{approval:${id}}`))
      const day = 86_400_000
      expect(Number(yield* left("approval")) / day).toBeCloseTo(1 + 1 / 24, 2)
      expect(Number(yield* left("expired")) / day).toBeCloseTo(1, 2)
    })
  )

  it.scopedLive("are refused while Redis is down, and accepted when it is back", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const store = yield* Redis.approvalStore({ url: server.url, commandTimeout: "500 millis" })
      yield* Effect.promise(() => server.stop())
      const refused = yield* Effect.exit(store.consume("approval", inAnHour()))
      expect(Exit.isFailure(refused)).toBe(true)
      yield* Effect.promise(() => server.start())
      const used = yield* store
        .consume("approval", inAnHour())
        .pipe(Effect.retry({ times: 100, schedule: Schedule.spaced("100 millis") }))
      expect(used).toBe(true)
    })
  )

  it.scopedLive("belong to a layer that closes their connection", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const clients = Effect.map(
        Effect.promise(() => server.command("client", "list")),
        (list) => list.trim().split("\n").length
      )
      // The server hears of a closed connection a moment later.
      const alone = Effect.repeat(clients, {
        until: (count) => count === 1,
        schedule: Schedule.spaced("10 millis")
      }).pipe(Effect.timeout("5 seconds"))
      yield* alone
      const secret = Redacted.make("s".repeat(32))
      const layer = Approvals.layer({ secret, store: open({ url: server.url }) })
      const during = yield* Effect.provide(Effect.zipRight(Approvals, clients), layer)
      expect(during).toBeGreaterThan(1)
      yield* alone
    })
  )
})
