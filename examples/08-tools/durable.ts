/**
 * An approval that can wait for days. Run it with `npx tsx examples/08-tools/durable.ts`: it prints which call waits,
 * and the answer after the approval.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Durable, DurableLoop } from "llm-connectivity/durable"
import { Tool } from "llm-connectivity/tools"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const refund = Tool.make("refund", { needsApproval: true, execute: () => Effect.succeed("the order is refunded") })

const loop = DurableLoop.make("support", { tools: [refund] })

const untilItWaits = Effect.gen(function* () {
  yield* loop.start("ticket-17", [{ role: "user", content: "Please refund the order" }])
  const status = Effect.delay(loop.status("ticket-17"), "20 millis")
  const { waiting } = yield* Effect.repeat(status, { until: ({ state }) => state === "waiting" })
  yield* Console.log(`Waiting for an approval: ${waiting[0]?.name}`)
})

const afterTheApproval = Effect.gen(function* () {
  const { waiting } = yield* loop.status("ticket-17")
  yield* loop.decide("ticket-17", waiting[0]?.id ?? "", "approve")
  const { content } = yield* loop.run("ticket-17", [])
  yield* Console.log(content)
})

// With `Durable.sqlite("work.db")`, the process can end between the two.
const program = Effect.zipRight(untilItWaits, afterTheApproval).pipe(
  Effect.provide(Layer.provideMerge(loop.layer, Durable.memory))
)

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
