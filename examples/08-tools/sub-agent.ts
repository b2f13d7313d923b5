/**
 * A model that works for another one: a tool whose execute is a loop of its own. Run it with
 * `npx tsx examples/08-tools/sub-agent.ts`: it prints what the inner model found, and the answer of the outer one.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Tool, ToolLoop } from "llm-connectivity/tools"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const population = Tool.make("population", {
  description: "Returns the population of a city",
  parameters: { city: Schema.String },
  execute: ({ city }) => Effect.succeed(`${city} has ${city.length}00,000 people`)
})

// Its errors and its client are those of the outer loop, whose type has them already.
const research = Tool.make("research", {
  description: "Answers a question about a city by research",
  parameters: { city: Schema.String },
  timeout: "1 minute",
  execute: ({ city }) =>
    ToolLoop.run(
      { messages: [{ role: "user", content: `What is the population in ${city}?` }] },
      { tools: [population], stopWhen: { steps: 4, dollars: 0.05 } }
    ).pipe(
      Effect.map(({ content }) => content),
      Effect.tap((found) => Console.log(`Found: ${found}`))
    )
})

const messages = [{ role: "user", content: "Research the life in Lisbon, please" }] as const

const program = Effect.flatMap(ToolLoop.run({ messages }, { tools: [research] }), ({ content }) => Console.log(content))

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
