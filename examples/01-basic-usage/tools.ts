/**
 * Tool calling. Run it with `npx tsx examples/01-basic-usage/tools.ts`: it prints the tool call that the
 * model requests, and its answer after it receives the result.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { decodeToolArguments, LLMClient, type ToolCall } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const Place = Schema.Struct({ city: Schema.String })
const tools = [{ name: "get_weather", description: "Tells the weather in a city", parameters: Place }]

const lookUp = (call: ToolCall): string =>
  Either.match(decodeToolArguments(call, Place), {
    onLeft: (error) => error.message,
    onRight: ({ city }) => `sunny in ${city}, 24 degrees`
  })

const program = Effect.gen(function* () {
  const messages = [{ role: "user", content: "What is the weather in Lisbon?" }] as const
  const first = yield* LLMClient.chat({ messages, tools })
  yield* Effect.forEach(first.toolCalls, (call) => Console.log(`The model calls ${call.name}(${call.arguments})`))
  const results = first.toolCalls.map((call) => {
    return { role: "tool", toolCallId: call.id, content: lookUp(call) } as const
  })
  const answer = yield* LLMClient.chat({ messages: [...messages, first.message, ...results], tools })
  yield* Console.log(answer.content)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
