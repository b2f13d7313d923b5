/**
 * A live token count. Run it with `npx tsx examples/04-streaming/tokens.ts`: it prints the number of tokens
 * so far, updated in place, and then the answer.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { collect, LLMClient, TokenCounter } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError, write } from "../support/terminal.js"

const program = Effect.gen(function* () {
  const response = yield* LLMClient.chatStream({
    messages: [{ role: "user", content: "List 3 programming languages" }]
  }).pipe(
    TokenCounter.counting("openai/gpt-4o-mini"),
    Stream.tap(({ counted }) =>
      write(`\rTokens so far: ${counted.tokens}${counted.isExact ? ", as the provider counts" : ""}`)
    ),
    collect
  )
  yield* Console.log(`\n${response.content}`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
