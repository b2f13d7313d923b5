/**
 * Structured output: a response decoded by a schema. Run it with `npx tsx examples/01-basic-usage/object.ts`: it prints
 * the fields of the decoded object.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const Trip = Schema.Struct({
  city: Schema.String,
  days: Schema.Int.pipe(Schema.between(1, 30)),
  pace: Schema.Literal("relaxed", "busy")
})

const program = Effect.gen(function* () {
  const { object, cost } = yield* LLMClient.chatObject(Trip, {
    messages: [{ role: "user", content: "Plan a busy trip of 3 days to Kyoto" }]
  })
  yield* Console.log(`${object.days} ${object.pace} days in ${object.city}, planned for ${dollars(cost)}`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
