/**
 * A stream of prompts mapped to a stream of answers. Run it with `npx tsx examples/07-batch/pipeline.ts`: it
 * prints a line of JSON for each prompt, in their order.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { LLMClient } from "llm-connectivity"
import { printError } from "../support/terminal.js"
import { provider } from "./provider.js"

const prompts = Stream.map(Stream.range(6, 9), (number) => `Please count to ${number} with words`)

const answer = (prompt: string) =>
  LLMClient.chat({ messages: [{ role: "user", content: prompt }] }).pipe(
    Effect.match({
      onSuccess: ({ content, usage }) => ({ prompt, content, tokens: usage?.totalTokens }),
      onFailure: ({ _tag, message }) => ({ prompt, failure: _tag, message })
    })
  )

const program = prompts.pipe(
  Stream.mapEffect(answer, { concurrency: 4 }),
  Stream.runForEach((line) => Console.log(JSON.stringify(line)))
)

program.pipe(Effect.provide(provider), Effect.catchAll(printError), NodeRuntime.runMain)
