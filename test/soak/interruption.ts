/** Interrupts calls a thousand times in every state, and ten thousand streams halfway: nothing is late, nothing is left. */
import { expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { LLMClient } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { clientNames, protocolNames } from "../resilience/ask.js"
import { interrupted, states } from "../resilience/interruption.js"
import { percentile } from "../support/atAnySpeed.js"
import { clients, protocols, sampleRequest } from "../support/contract.js"
import { report } from "../support/report.js"

it.live.each(states)("1,000 calls are over within 25 ms when they are interrupted %s", (state) =>
  Effect.gen(function* () {
    const rounds = yield* Effect.forEach(clientNames, (client) => interrupted(state, client, 334))
    const millis = rounds.flatMap((round) => round.millis)
    report(`interrupted ${state}: milliseconds, median`, percentile(millis, 0.5))
    report(`interrupted ${state}: milliseconds, 99 in 100`, percentile(millis, 0.99))
    expect(millis.length).toBeGreaterThanOrEqual(1000)
    expect(percentile(millis, 0.99)).toBeLessThanOrEqual(25)
    for (const { left } of rounds) {
      expect(Math.max(left.timers, left.fibers)).toBeLessThanOrEqual(0)
      expect(left.sockets).toBeLessThanOrEqual(2)
    }
  })
)

/** The heap without garbage, in megabytes. */
const heap = Effect.gen(function* () {
  for (let round = 0; round < 5; round++) {
    yield* Effect.sleep("20 millis")
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed / 2 ** 20
})

it.live.each(clientNames)("10,000 streams, half of them interrupted, leave less than 5 MB: %s", (client) =>
  Effect.gen(function* () {
    const read = Effect.gen(function* () {
      const simulator = yield* Simulator
      const layers = protocolNames.map((protocol) => protocols[protocol].client(simulator, { http: clients[client] }))
      const asked = yield* Effect.forEach(layers, (layer) => Effect.map(Layer.build(layer), Context.get(LLMClient)))
      const one = (index: number) => {
        const stream = (asked[index % asked.length] ?? asked[0])?.chatStream(sampleRequest) ?? Stream.empty
        return Stream.runDrain(index % 2 === 0 ? stream : Stream.take(stream, 3))
      }
      const many = (count: number) =>
        Effect.forEach(
          Array.from({ length: count }, (_, index) => index),
          one,
          { concurrency: 8, discard: true }
        )
      yield* many(2000)
      const before = yield* heap
      yield* many(10_000)
      return (yield* heap) - before
    })
    const grown = yield* Effect.provide(Effect.scoped(read), Simulator.layer({ pace: 0, remembers: 10 }))
    report(`10,000 streams over ${client}, half interrupted: megabytes grown`, grown)
    expect(globalThis.gc).toBeDefined()
    expect(grown).toBeLessThan(5)
  })
)
