/**
 * Two tools that run at the same time; one of them fails, and the model is told. Run it with
 * `npx tsx examples/08-tools/parallel.ts`: it prints what happens to each call, and the answer.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Tool, ToolLoop, type ToolLoopEvent } from "llm-connectivity/tools"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

class NoClock extends Schema.TaggedError<NoClock>()("NoClock", { city: Schema.String }) {}

const parameters = { city: Schema.String }

const weather = Tool.make("weather", { parameters, execute: ({ city }) => Effect.succeed(`sunny in ${city}`) })

// Without `failureMode`, the loop would fail with the NoClock, and its type would say so.
const time = Tool.make("time", {
  parameters,
  failure: NoClock,
  failureMode: "return",
  execute: ({ city }) => Effect.fail(new NoClock({ city }))
})

const show = (event: ToolLoopEvent): Effect.Effect<void> => {
  if (event.type === "tool-finished") return Console.log(`${event.call.name}: ${JSON.stringify(event.content)}`)
  if (event.type === "tool-failed") return Console.log(`${event.call.name} failed: ${JSON.stringify(event.error)}`)
  return event.type === "end" ? Console.log(`\n${event.response.content}`) : Effect.void
}

const messages = [{ role: "user", content: "What are the weather and the time in Rome?" }] as const

const program = Stream.runForEach(ToolLoop.stream({ messages }, { tools: [weather, time] }), show)

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
