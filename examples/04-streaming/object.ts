/**
 * Streaming structured output. Run it with `npx tsx examples/04-streaming/object.ts`: it prints the partial object
 * each time it grows, and finally the decoded object.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const Trip = Schema.Struct({
  city: Schema.String,
  days: Schema.Int,
  pace: Schema.Literal("relaxed", "busy")
})

const messages = [{ role: "user", content: 'Plan a busy trip of 3 days to "San Miguel de Allende"' }] as const

const program = Stream.runForEach(LLMClient.chatObjectStream(Trip, { messages }), (step) =>
  step.isComplete
    ? Console.log(`${step.object.days} ${step.object.pace} days in ${step.object.city}`)
    : Console.log(JSON.stringify(step.object))
)

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
