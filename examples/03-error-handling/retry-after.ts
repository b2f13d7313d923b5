/**
 * Waiting as long as the provider asks, but not for ever. Run it with
 * `npx tsx examples/03-error-handling/retry-after.ts`: it prints an answer that came after the wait that was asked for,
 * and a failure that came at once because the wait would have been too long.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Duration, Effect } from "effect"
import { LLMClient, Policy } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { complain } from "../support/terminal.js"

const ask = LLMClient.chat({ messages: [{ role: "user", content: "Say hello" }] })

const program = Effect.gen(function* () {
  yield* Simulator.script({ error: { kind: "rateLimit", retryAfter: "500 millis" } })
  const [waited, response] = yield* Effect.timed(ask)
  const isPolite = Duration.greaterThanOrEqualTo(waited, "500 millis")
  yield* Console.log(`${response.content} (${isPolite ? "after" : "before"} the half second that was asked for)`)

  yield* Simulator.script({ error: { kind: "rateLimit", retryAfter: "1 hour" } })
  yield* Effect.catchTag(ask, "RateLimitError", ({ message, attempts, retryAfter = Duration.zero }) =>
    Console.log(`${message}\nGiven up after request ${attempts}; put it off for ${Duration.format(retryAfter)}.`)
  )
})

const client = simulated({ policies: [Policy.retry({ maxRetryDelay: "30 seconds" })] })

program.pipe(Effect.provide(client), Effect.catchAll(complain), NodeRuntime.runMain)
