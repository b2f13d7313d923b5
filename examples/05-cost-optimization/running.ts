/**
 * The cost of a stream so far. Run it with `npx tsx examples/05-cost-optimization/running.ts`: it prints a
 * story and stops at a cost of $0.00005.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type ChatRequest, Cost, LLMClient, ModelCatalog } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError, write } from "../support/terminal.js"

const request: ChatRequest = { messages: [{ role: "user", content: "Tell me a long story" }] }
const limit = 0.00005

const program = Effect.gen(function* () {
  const last = yield* LLMClient.chatStream(request).pipe(
    Cost.running(request, "openai/gpt-4o-mini"),
    Stream.takeUntil(({ spent }) => spent.dollars !== null && spent.dollars >= limit),
    Stream.tap(({ content }) => write(content)),
    Stream.runLast
  )
  const { counted, spent, finishReason } = Option.getOrThrow(last)
  const ending = finishReason === null ? "stopped" : "ended by itself"
  yield* Console.log(`\n… ${ending} after about ${counted.tokens} tokens and ${dollars(spent.dollars)}`)
})

program.pipe(Effect.provide([answering, ModelCatalog.layer]), Effect.catchAll(printError), NodeRuntime.runMain)
