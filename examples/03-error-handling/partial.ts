/**
 * Partial responses. Run it with `npx tsx examples/03-error-handling/partial.ts`: it prints a response that is
 * interrupted, its error, and the rest from a second request.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient, LLMError, type Message, print } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const messages: ReadonlyArray<Message> = [{ role: "user", content: "Count to 8 with words" }]

const program = Effect.gen(function* () {
  yield* Simulator.script({ fault: { type: "reset", afterChunks: 6 } }, " four, five, six, seven, eight.")
  const ask = print(LLMClient.chatStream({ messages }))
  const complete = yield* ask.pipe(
    Effect.map((response) => response.content),
    Effect.catchTag("NetworkError", (error) =>
      Effect.gen(function* () {
        const partial = LLMError.partial(error)?.content ?? ""
        yield* Console.log(`${error.message}\nKept: ${JSON.stringify(partial)}. Requesting the rest …`)
        const again = [
          ...messages,
          { role: "assistant", content: partial },
          { role: "user", content: "Go on" }
        ] as const
        const rest = yield* LLMClient.chat({ messages: again })
        return partial + rest.content
      })
    )
  )
  yield* Console.log(`Complete: ${complete}`)
})

program.pipe(Effect.provide(simulated()), Effect.catchAll(printError), NodeRuntime.runMain)
