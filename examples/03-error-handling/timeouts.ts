/**
 * The four timeouts. Run it with `npx tsx examples/03-error-handling/timeouts.ts`: it prints which timeout expired
 * while the provider sent no headers, no content, no further content, and no end.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { collect, LLMClient, LLMError, type Timeouts } from "llm-connectivity"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const cases: ReadonlyArray<readonly [Timeouts, SimulatedReply]> = [
  [{ headers: "300 millis" }, { fault: { type: "slowHeaders", delay: "1 minute" } }],
  [{ firstContent: "300 millis" }, { fault: { type: "slowFirstContent", delay: "1 minute" }, keepAlive: "50 millis" }],
  [{ idle: "500 millis" }, { fault: { type: "stall", afterChunks: 4 } }],
  [{ total: "500 millis" }, { fault: { type: "endlessStream" }, chunks: ["more ", "and "] }]
]

const messages = [{ role: "user", content: "Count to 9 with words" }] as const

const explain = (error: LLMError) => {
  const timeout = error._tag === "NetworkError" ? error.timeout : undefined
  const partial = LLMError.partial(error)?.content.slice(0, 8)
  return Console.log(`${timeout}: ${error.message}; what had arrived: ${JSON.stringify(partial)}`)
}

const program = Effect.forEach(cases, ([timeouts, reply]) =>
  Simulator.script(reply).pipe(
    Effect.zipRight(collect(LLMClient.chatStream({ messages }, { timeouts }))),
    Effect.catchAll(explain)
  )
)

program.pipe(Effect.provide(simulated({ policies: [] })), Effect.catchAll(printError), NodeRuntime.runMain)
