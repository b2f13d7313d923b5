/**
 * The latency of streaming and non-streaming requests. Run it with `npx tsx examples/04-streaming/latency.ts`: it prints the
 * time to the first output for both.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { compareLatency } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const seconds = (duration: Duration.Duration | null): string =>
  duration === null ? "never" : `${Duration.toSeconds(duration).toFixed(2)} s`

const program = Effect.gen(function* () {
  const { nonStreaming, streamed, timesSooner } = yield* compareLatency({
    messages: [{ role: "user", content: "Explain backpressure in one sentence" }],
    maxTokens: 100
  })
  yield* Console.log("As a whole:")
  yield* Console.log(`  first output after ${seconds(nonStreaming)}`)
  yield* Console.log("Streamed:")
  yield* Console.log(`  first output after ${seconds(streamed.timeToFirstContent)}`)
  yield* Console.log(`  everything after ${seconds(streamed.total)}, in ${streamed.chunks} chunks`)
  yield* Console.log(`  at most ${seconds(streamed.betweenChunks?.max ?? null)} between two of them`)
  yield* Console.log(`  ${streamed.tokensPerSecond?.toFixed()} tokens/s`)
  yield* Console.log(`The stream shows something ${timesSooner?.toFixed(1)} times sooner.`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
