/**
 * An approval that can wait for days. Run it with `npx tsx examples/08-tools/durable.ts`: it prints which call waits when
 * the first runner stops, and the answer that the second one gives after the approval.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
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

const program = Effect.gen(function* () {
  const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const runner = Layer.provideMerge(loop.layer, Durable.sqlite(`${folder}/work.db`))
  yield* Effect.provide(untilItWaits, runner)
  yield* Effect.provide(afterTheApproval, runner)
}).pipe(Effect.scoped, Effect.provide([answering, NodeContext.layer]))

program.pipe(Effect.catchAll(printError), NodeRuntime.runMain)
