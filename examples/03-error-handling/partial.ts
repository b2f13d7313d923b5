/**
 * What had arrived before an answer broke off. Run it with `npx tsx examples/03-error-handling/partial.ts`: it prints half
 * an answer, what is known of it, and how it goes on in a second request.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { collect, LLMClient, LLMError, type Message, tapPrint } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { complain } from "../support/terminal.js"

const messages: ReadonlyArray<Message> = [{ role: "user", content: "Count to 8 with words" }]

const program = Effect.gen(function* () {
  yield* Simulator.script({ fault: { type: "reset", afterChunks: 6 } }, " four, five, six, seven, eight.")
  const ask = collect(tapPrint()(LLMClient.chatStream({ messages })))
  const whole = yield* ask.pipe(
    Effect.map((response) => response.content),
    Effect.catchTag("NetworkError", (error) =>
      Effect.gen(function* () {
        const begun = LLMError.partial(error)?.content ?? ""
        yield* Console.log(`\n${error.message}\nKept: ${JSON.stringify(begun)}. Asking for the rest …`)
        const again = [...messages, { role: "assistant", content: begun }, { role: "user", content: "Go on" }] as const
        const rest = yield* LLMClient.chat({ messages: again })
        return begun + rest.content
      })
    )
  )
  yield* Console.log(`Whole: ${whole}`)
})

program.pipe(Effect.provide(simulated()), Effect.catchAll(complain), NodeRuntime.runMain)
