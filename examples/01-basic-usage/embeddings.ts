/**
 * Finds the text most similar to a question with embeddings. Run it with
 * `npx tsx examples/01-basic-usage/embeddings.ts`: it prints the similarity of each note.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const question = "when does the ferry to the island leave"
const notes = ["The bakery opens at seven", "The ferry to the island goes at nine", "Bring a coat for the evening"]

const dotProduct = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

const program = Effect.gen(function* () {
  const { embeddings, usage } = yield* LLMClient.embed({ model: "text-embedding-3-small", input: [question, ...notes] })
  const [query = [], ...others] = embeddings
  yield* Console.log(`${question}? (${embeddings.length} vectors of ${query.length}, ${usage?.totalTokens} tokens)`)
  const found = notes.map((note, index) => ({ note, similarity: dotProduct(query, others[index] ?? []) }))
  for (const { note, similarity } of found.sort((a, b) => b.similarity - a.similarity)) {
    yield* Console.log(`${similarity.toFixed(2)}  ${note}`)
  }
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
