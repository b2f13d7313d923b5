/**
 * Streaming, from the first token to the last error. Run it with `npm start`: it prints an answer as it arrives, every
 * chunk on a line, progress dots with the whole answer after them, and what a failure looks like.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Stream } from "effect"
import { type ChatRequest, collect, LLMClient } from "llm-connectivity"
import { answering } from "./support/answering.js"
import { complain, title, write } from "./support/terminal.js"

const ask = (content: string, options?: Partial<ChatRequest>) =>
  LLMClient.chatStream({ messages: [{ role: "user", content }], maxTokens: 100, ...options })

const program = Effect.gen(function* () {
  yield* title("Print as it arrives")
  yield* Stream.runForEach(ask("Count to 5 with words"), (chunk) => write(chunk.content))

  yield* title("Look at every chunk")
  yield* Stream.runForEach(Stream.zipWithIndex(ask("Say hello")), ([{ content, finishReason }, index]) =>
    write(`chunk ${index + 1}: ${JSON.stringify(content)}, finish reason: ${finishReason}\n`)
  )

  yield* title("Show progress, then the whole answer")
  yield* write("Generating ")
  const dots = Stream.tap(ask("Explain what you are in one sentence"), ({ content }) =>
    write(content === "" ? "" : ".")
  )
  const response = yield* collect(dots)
  yield* write(`\n${response.content}\n(${response.finishReason}, ${response.usage?.totalTokens} tokens)\n`)

  yield* title("Handle what can go wrong")
  yield* collect(ask("Are you there?", { model: "unknown-model" })).pipe(
    Effect.catchTags({
      RateLimitError: (error) => write(`Wait and come back: ${error.message}\n`),
      NetworkError: (error) => write(`Try again: ${error.message}\n`),
      ModelNotFoundError: (error) => write(`Choose another model: ${error.message}\n`)
    })
  )
})

program.pipe(Effect.provide(answering), Effect.catchAll(complain), NodeRuntime.runMain)
