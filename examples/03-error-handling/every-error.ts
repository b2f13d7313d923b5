/**
 * Every error, caused on purpose. Run it with `npx tsx examples/03-error-handling/every-error.ts`: it prints the name of
 * each error, whether a retry can help, and the message.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { collect, isRetryable, LLMClient, type LLMError } from "llm-connectivity"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const replies: ReadonlyArray<SimulatedReply> = [
  { error: { kind: "rateLimit", retryAfter: "20 seconds" } },
  { error: "overloaded" },
  { fault: { type: "resetBeforeHeaders" } },
  { error: "server" },
  { fault: { type: "truncate", afterChunks: 3 } },
  { error: "authentication" },
  { error: "insufficientCredits" },
  { error: "modelNotFound" },
  { error: "contextWindow" },
  { error: "invalidRequest" },
  { fault: { type: "malformedEvent", afterChunks: 3 } }
]

const ask = collect(LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 5" }] }))

const explain = (error: LLMError) => {
  const name = "reason" in error ? `${error._tag} (${error.reason})` : error._tag
  return Console.log(`${name}: ${isRetryable(error) ? "try again" : "do not try again"}\n  ${error.message}`)
}

const program = Effect.forEach(replies, (reply) =>
  Effect.catchAll(Simulator.script(reply).pipe(Effect.zipRight(ask)), explain)
)

program.pipe(Effect.provide(simulated({ policies: [] })), Effect.catchAll(printError), NodeRuntime.runMain)
