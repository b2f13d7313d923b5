/**
 * Errors before and during a stream. Run it with `npx tsx examples/04-streaming/errors.ts`: it prints a rejected
 * request, a truncated response and a complete one.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { collect, LLMClient, tapPrint } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const safeStream = (content: string) =>
  LLMClient.chatStream({ messages: [{ role: "user", content }], maxTokens: 100 }).pipe(
    tapPrint(),
    collect,
    Effect.flatMap((response) => Console.log(`\n✓ ${response.content.length} characters received\n`)),
    Effect.catchTags({
      RateLimitError: (error) => Console.log(`✗ Too many requests: ${error.message}\n`),
      NetworkError: (error) => Console.log(`\n✗ The answer did not arrive as a whole: ${error.message}\n`)
    })
  )

const program = Effect.gen(function* () {
  yield* Simulator.script({ error: "rateLimit" }, { fault: { type: "truncate", afterChunks: 5 } }, {})
  yield* safeStream("Hello")
  yield* safeStream("Count to 5 with words")
  yield* safeStream("Count to 5 with words")
})

program.pipe(Effect.provide(simulated({ policies: [] })), Effect.catchAll(printError), NodeRuntime.runMain)
