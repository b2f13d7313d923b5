/**
 * Functions that are called while an answer arrives. Run it with `npx tsx examples/04-streaming/callbacks.ts`: it prints a
 * line of a log for each piece of text, and one at the end.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { LLMClient, onToken, tap } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const log = (token: string) => Console.log(`[log] received ${JSON.stringify(token)}`)

const ask = (content: string) => LLMClient.chatStream({ messages: [{ role: "user", content }], maxTokens: 100 })

const program = Effect.gen(function* () {
  // One callback for the text …
  yield* ask("Say hello").pipe(onToken(log), Stream.runDrain)

  // … or several, of which any may return an effect, a promise or nothing.
  const words: Array<string> = []
  const watched = tap({
    onToken: (token) => words.push(token.trim()),
    onFinish: ({ finishReason, usage }) => Console.log(`[log] ${finishReason} after ${usage?.outputTokens} tokens`),
    onInterrupt: () => Console.log("[log] left before its end")
  })
  yield* ask("Count to 3 with words").pipe(watched, Stream.runDrain)
  yield* Console.log(words.join("|"))
  yield* ask("Count to 3 with words").pipe(watched, Stream.take(2), Stream.runDrain)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
