/** One of the four processes of `npx tsx examples/fleet/fleet.ts`: it asks fifteen times at once. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { LLMClient, Policy } from "llm-connectivity"
import { DirectHttpClient } from "llm-connectivity/node"
import { Redis } from "llm-connectivity/redis"

const client = LLMClient.layer({
  model: "openai/gpt-4o-mini",
  limits: [Policy.rateLimit({ requests: 30, per: "3 seconds", maxWait: "1 minute" })]
}).pipe(
  Layer.provide(Redis.layerConfig({ keyPrefix: "example:", onUnavailable: "closed" })),
  Layer.provide(DirectHttpClient.layer)
)

const ask = LLMClient.chat({ messages: [{ role: "user", content: "Hi" }] })

const program = Effect.gen(function* () {
  const results = yield* Effect.forEach(Array(15).keys(), () => Effect.either(ask), { concurrency: "unbounded" })
  const answers = results.filter(({ _tag }) => _tag === "Right").length
  yield* Console.log(`process ${process.argv[2]}: ${answers} answers, ${results.length - answers} failures`)
})

program.pipe(Effect.provide(client), NodeRuntime.runMain)
