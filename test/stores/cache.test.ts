import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { collect, Policy, Provider, StreamChunk } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { redisServer } from "./redisServer.js"

const makeProvider = () => {
  const seen = { requests: 0 }
  const provider = Provider.make({
    name: "mock",
    identity: Effect.succeed("mock account"),
    open: () =>
      Effect.sync(() => {
        seen.requests += 1
        const reads = [[StreamChunk.make({ content: "Hi", finishReason: "stop" })]]
        return Effect.sync(() => reads.shift() ?? [])
      })
  })
  return { provider, seen }
}

const ask = (provider: Provider) =>
  Effect.flatMap(Policy.cache({ ttl: "1 minute", scope: "shared" }), (policy) =>
    collect(policy(provider).chatStream({ model: "m", messages: [{ role: "user", content: "Hi" }] }))
  )

it.scopedLive(
  "clients share responses through Redis once they have read them, under keys that expire and contain no prompt",
  () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const { provider, seen } = makeProvider()
      const client = () =>
        Layer.fresh(Redis.layer({ url: server.url, onUnavailable: "closed", commandTimeout: "2 seconds" }))
      yield* Effect.provide(ask(provider), client())
      expect(yield* Effect.provide(ask(provider), client())).toMatchObject({ content: "Hi", fromCache: true, cost: 0 })
      expect(seen.requests).toBe(1)
      const key = yield* Effect.promise(() => server.command("keys", "*"))
      expect(key).toMatch(/^llm:\{cache:[0-9a-f]{64}\}$/)
      const left = Number(yield* Effect.promise(() => server.command("pttl", key)))
      expect(left).toBeGreaterThan(0)
      expect(left).toBeLessThanOrEqual(60_000)
    })
)

const outcomes = { open: ["Hi", 2], closed: ["NetworkError", 0], local: ["Hi", 1] } as const

for (const onUnavailable of ["open", "closed", "local"] as const) {
  it.scopedLive(`without Redis, a cache does what "${onUnavailable}" says`, () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      yield* Effect.promise(server.stop)
      const { provider, seen } = makeProvider()
      const answer = Effect.match(ask(provider), { onSuccess: ({ content }) => content, onFailure: ({ _tag }) => _tag })
      const twice = Effect.zipRight(answer, Effect.zipRight(Effect.sleep("1 second"), answer))
      const [content, requests] = outcomes[onUnavailable]
      expect(yield* Effect.provide(twice, Redis.layer({ url: server.url, onUnavailable }))).toBe(content)
      expect(seen.requests).toBe(requests)
    })
  )
}
