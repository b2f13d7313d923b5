/**
 * Many prompts with limited concurrency. Run it with `npx tsx examples/07-batch/batch.ts`: it prints a
 * progress bar, an answer, the failures and the total cost.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Arrays from "effect/Array"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient } from "llm-connectivity"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"
import { progressBar } from "./progressBar.js"
import { provider } from "./provider.js"

const prompts = Array.from({ length: 12 }, (_, index) => `Please count to ${index + 1} with words`)

const program = Effect.gen(function* () {
  const bar = progressBar(prompts.length)
  const ask = (prompt: string) =>
    LLMClient.chat({ messages: [{ role: "user", content: prompt }], maxTokens: 100 }).pipe(
      Effect.mapError((error) => ({ prompt, error })),
      Effect.either,
      Effect.tap(bar.advance)
    )
  const results = yield* Effect.forEach(prompts, ask, { concurrency: 4 }).pipe(Effect.ensuring(bar.finish))

  const [failures, answers] = Arrays.separate(results)
  yield* Console.log(`${answers.length} answers, such as: ${answers.at(-1)?.content}`)
  for (const { prompt, error } of failures) yield* Console.log(`failed: ${prompt}\n  ${error.message}`)
  const cost = answers.reduce((sum, answer) => sum + (answer.cost ?? 0), 0)
  yield* Console.log(`cost: ${dollars(cost)}`)
})

program.pipe(Effect.provide(provider), Effect.catchAll(printError), NodeRuntime.runMain)
