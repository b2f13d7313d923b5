/**
 * Texts as vectors, to find the one that is nearest to a question. Run it with
 * `npx tsx examples/01-basic-usage/embeddings.ts`: it prints how near each note is.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { complain } from "../support/terminal.js"

const question = "when does the ferry to the island leave"
const notes = ["The bakery opens at seven", "The ferry to the island goes at nine", "Bring a coat for the evening"]

const product = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)

const program = Effect.gen(function* () {
  const { embeddings, usage } = yield* LLMClient.embed({ model: "text-embedding-3-small", input: [question, ...notes] })
  const [asked = [], ...others] = embeddings
  yield* Console.log(`${question}? (${embeddings.length} vectors of ${asked.length}, ${usage?.totalTokens} tokens)`)
  const found = notes.map((note, index) => ({ note, nearness: product(asked, others[index] ?? []) }))
  for (const { note, nearness } of found.sort((one, other) => other.nearness - one.nearness)) {
    yield* Console.log(`${nearness.toFixed(2)}  ${note}`)
  }
})

program.pipe(Effect.provide(answering), Effect.catchAll(complain), NodeRuntime.runMain)
