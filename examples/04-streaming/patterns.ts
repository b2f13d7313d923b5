/**
 * The three things that one does with a stream. Run it with `npx tsx examples/04-streaming/patterns.ts`: it prints an
 * answer as it arrives, one that was read to its end first, and one that was announced by dots.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { collect, LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { complain, write } from "../support/terminal.js"

const stream = LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 3 with words" }] })

const program = Effect.gen(function* () {
  // Print as it arrives.
  yield* Stream.runForEach(stream, ({ content }) => write(content))

  // Read it to its end, then work with the whole.
  const whole = yield* collect(stream)
  yield* Console.log(`\n${whole.content.toUpperCase()}`)

  // Show that something happens, and keep the text.
  const dotted = Stream.tap(stream, ({ content }) => write(content === "" ? "" : "."))
  const { content } = yield* collect(dotted)
  yield* Console.log(` ${content}`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(complain), NodeRuntime.runMain)
