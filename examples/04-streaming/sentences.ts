/**
 * A stream split into sentences, for speech or translation. Run it with
 * `npx tsx examples/04-streaming/sentences.ts`: it prints each complete sentence with its number.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { LLMClient, TextStream } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const speak = ([sentence, index]: readonly [string, number]) => Console.log(`${index + 1}. ${sentence.trim()}`)

const program = LLMClient.chatStream({ messages: [{ role: "user", content: "Write a story in 50 words" }] }).pipe(
  TextStream.sentences(),
  Stream.zipWithIndex,
  Stream.runForEach(speak)
)

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
