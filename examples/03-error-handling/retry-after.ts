/**
 * Retry hints and `maxRetryDelay`. Run it with `npx tsx examples/03-error-handling/retry-after.ts`: it prints a
 * response that arrived after the requested delay, and an error that is immediate because its delay exceeds the limit.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { LLMClient, Policy } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

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

program.pipe(Effect.provide(client), Effect.catchAll(printError), NodeRuntime.runMain)
