/**
 * A tool that asks the user before it runs. Run it with `npx tsx examples/08-tools/approve.ts` and type y or n: it
 * prints the question and the answer of the model. Without a terminal, the call is denied.
 */
import { createInterface } from "node:readline"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type LoopCall, Tool, ToolLoop } from "llm-connectivity/tools"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const remove = Tool.make("delete_file", {
  description: "Deletes a file",
  parameters: { path: Schema.String },
  needsApproval: ({ path }) => Effect.succeed(!path.startsWith("/tmp/")),
  execute: ({ path }) => Effect.succeed(`${path} is deleted`)
})

const ask = (question: string) =>
  Effect.async<string>((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout })
    lines.question(question, (answer) => resume(Effect.sync(() => lines.close()).pipe(Effect.as(answer))))
    lines.on("close", () => resume(Effect.succeed("")))
  })

const approve = (call: LoopCall) =>
  Effect.map(ask(`Run ${call.name}(${JSON.stringify(call.arguments)})? [y/N] `), (answer) =>
    answer === "y" ? "approve" : { deny: "the user said no" }
  )

const messages = [{ role: "user", content: 'Please delete the file "notes.txt"' }] as const

const program = ToolLoop.run({ messages }, { tools: [remove], approve }).pipe(
  Effect.flatMap(({ content }) => Console.log(`\n${content}`))
)

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
