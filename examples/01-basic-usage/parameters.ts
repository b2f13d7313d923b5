/**
 * Request parameters and their validation. Run it with `npx tsx examples/01-basic-usage/parameters.ts`: it prints a
 * complete list, one truncated by `maxTokens`, one ended by `stop`, and the error of an invalid parameter.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type ChatRequest, LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const ask = (parameters: Omit<ChatRequest, "messages">) =>
  Effect.gen(function* () {
    const messages = [{ role: "user", content: "List 4 colours" }] as const
    const { content, finishReason } = yield* LLMClient.chat({ messages, ...parameters })
    yield* Console.log(`${JSON.stringify(parameters)}\n${content}\n→ ${finishReason}\n`)
  })

const program = Effect.gen(function* () {
  yield* ask({ temperature: 0, seed: 7 })
  yield* ask({ maxTokens: 8 })
  yield* ask({ stop: "\n4." })
  yield* ask({ temperature: 3 }).pipe(
    Effect.catchTag("ValidationError", (error) => Console.log(`Not sent: ${error.message}`))
  )
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
