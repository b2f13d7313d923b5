/**
 * The chunks of a stream. Run it with `npx tsx examples/04-streaming/chunks.ts`: it prints each chunk with its text, finish
 * reason and tokens, and the provider's own JSON.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

/** The end of a long JSON text. */
const shortened = (json: string): string => (json.length <= 90 ? json : `…${json.slice(-90)}`)

const program = LLMClient.chatStream({ messages: [{ role: "user", content: "Say hello" }] }).pipe(
  Stream.runForEach(({ content, finishReason, usage, rawChunk }) =>
    Console.log(
      [
        `content:       ${JSON.stringify(content)}`,
        `finish reason: ${finishReason}`,
        `tokens:        ${usage?.totalTokens ?? null}`,
        `raw chunk:     ${shortened(JSON.stringify(rawChunk))}\n`
      ].join("\n")
    )
  )
)

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
