/**
 * Stopping a stream early. Run it with `npx tsx examples/04-streaming/stop.ts`: it prints the first sentence of an endless
 * story, and which side closed the connection.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { LLMClient, tapPrint } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const program = Effect.gen(function* () {
  yield* Simulator.script({ fault: { type: "endlessStream" } })
  const endless = LLMClient.chatStream({ messages: [{ role: "user", content: "Tell me a long story" }] })
  yield* endless.pipe(
    Stream.takeUntil(({ content }) => content.includes(".")),
    tapPrint(),
    Stream.runDrain
  )

  const [request] = yield* Simulator.requests
  const closed = request && (yield* request.closed)
  yield* Console.log(`\n\nThe ${closed?.closedBy} closed the connection.`)
})

program.pipe(Effect.provide(simulated()), Effect.catchAll(printError), NodeRuntime.runMain)
