/**
 * The three common uses of a stream. Run it with `npx tsx examples/04-streaming/patterns.ts`: it prints an answer as
 * it arrives, one after it is complete, and one after progress dots.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { collect, LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError, write } from "../support/terminal.js"

const stream = LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 3 with words" }] })

const program = Effect.gen(function* () {
  // Print as it arrives.
  yield* Stream.runForEach(stream, ({ content }) => write(content))

  // Collect the complete response.
  const response = yield* collect(stream)
  yield* Console.log(`\n${response.content.toUpperCase()}`)

  // Show progress and collect the response.
  const dotted = Stream.tap(stream, ({ content }) => write(content === "" ? "" : "."))
  const { content } = yield* collect(dotted)
  yield* Console.log(` ${content}`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
