/**
 * A retry policy with a schedule for each kind of error. Run it with
 * `npx tsx examples/03-error-handling/retry.ts`: it prints how many requests each call needed.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { LLMClient, Policy } from "llm-connectivity"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const policy = Policy.retry({
  rateLimit: Schedule.intersect(Schedule.exponential("50 millis"), Schedule.recurs(2)),
  network: Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(5))
})

const ask = (name: string, ...replies: ReadonlyArray<SimulatedReply>) =>
  Effect.gen(function* () {
    yield* Simulator.script(...replies)
    const before = (yield* Simulator.requests).length
    const outcome = yield* LLMClient.chat({ messages: [{ role: "user", content: "Say hello" }] }).pipe(
      Effect.match({ onSuccess: (response) => response.content, onFailure: (error) => error._tag })
    )
    yield* Console.log(`${name}: ${outcome} after ${(yield* Simulator.requests).length - before} request(s)`)
  })

const program = Effect.gen(function* () {
  yield* ask("limited twice", { error: "rateLimit" }, { error: "rateLimit" })
  yield* ask("limited three times", { error: "rateLimit" }, { error: "rateLimit" }, { error: "overloaded" })
  yield* ask("in trouble four times", ...Array.from({ length: 4 }, () => ({ error: "server" }) as const))
  yield* ask("the wrong key", { error: "authentication" })
})

program.pipe(Effect.provide(simulated({ policies: [policy] })), Effect.catchAll(printError), NodeRuntime.runMain)
