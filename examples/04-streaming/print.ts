/**
 * Printing a stream. Run it with `npx tsx examples/04-streaming/print.ts`: it prints five numbers as they
 * arrive.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { LLMClient, Message, print } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const stream = LLMClient.chatStream({ messages: [Message.user("Count to 5 with words")], maxTokens: 50 })

print(stream).pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
