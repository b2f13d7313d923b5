/**
 * Handling errors by name. Run it with `npx tsx examples/03-error-handling/catch.ts`: it prints a message for the user
 * for each error.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { LLMClient } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const ask = LLMClient.chat({ messages: [{ role: "user", content: "Say hello" }] }).pipe(
  Effect.map((response) => response.content),
  Effect.catchTags({
    RateLimitError: ({ retryAfter = Duration.minutes(1) }) =>
      Effect.succeed(`Busy just now. Please come back in ${Duration.format(retryAfter)}.`),
    NetworkError: ({ reason }) => Effect.succeed(`The model cannot be reached (${reason}).`),
    AuthenticationError: () => Effect.succeed("This service is not configured; contact its operator."),
    ContextWindowExceededError: () => Effect.succeed("That is too long for me. Could you shorten it?")
  }),
  // The error type here is the union of the four remaining errors.
  Effect.catchAll((error) => Effect.succeed(`That did not work: ${error.message}`))
)

const program = Effect.gen(function* () {
  yield* Simulator.script({ error: { kind: "rateLimit", retryAfter: "20 seconds" } }, { error: "server" })
  yield* Simulator.script({ error: "authentication" }, { error: "contextWindow" }, { error: "insufficientCredits" })
  for (let request = 1; request <= 6; request++) yield* Console.log(yield* ask)
})

program.pipe(Effect.provide(simulated({ policies: [] })), Effect.catchAll(printError), NodeRuntime.runMain)
