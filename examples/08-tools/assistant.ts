/**
 * An assistant with one tool. Run it with `npx tsx examples/08-tools/assistant.ts`: it prints the answer of the
 * model, which has called the tool.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { print } from "llm-connectivity"
import { Tool, ToolLoop } from "llm-connectivity/tools"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const weather = Tool.make("weather", {
  description: "Returns the weather of a city",
  parameters: { city: Schema.String },
  success: Schema.Struct({ celsius: Schema.Number, sky: Schema.String }),
  execute: ({ city }) => Effect.succeed({ celsius: 20 + city.length, sky: "clear" })
})

const messages = [{ role: "user", content: "What is the weather in Lisbon?" }] as const

const program = print(ToolLoop.chatStream({ messages }, { tools: [weather] }))

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
