/** One process of a durable loop: runs it, or only decides about the call that waits. Prints what happens. */
import { appendFileSync } from "node:fs"
import { FetchHttpClient } from "@effect/platform"
import { Effect, Layer, Logger, Schema } from "effect"
import { LLMClient } from "llm-connectivity"
import { Durable, DurableLoop } from "llm-connectivity/durable"
import { Tool } from "llm-connectivity/tools"

const [path = "", mode = "run", log = ""] = process.argv.slice(2)

const say = (line: unknown) => Effect.sync(() => process.stdout.write(`${JSON.stringify(line)}\n`))

const loop = DurableLoop.make("test", {
  stopWhen: { steps: 100 },
  concurrency: 1,
  onApproval: ({ id }) => say({ waiting: id }),
  tools: [
    Tool.make("count", {
      parameters: { to: Schema.Number },
      execute: ({ to }, { id }) =>
        Effect.sync(() => appendFileSync(log, `${id}\n`)).pipe(Effect.delay("10 millis"), Effect.as(`counted to ${to}`))
    }),
    Tool.make("refund", {
      needsApproval: true,
      execute: (_, { id }) => Effect.sync(() => appendFileSync(log, `${id}\n`)).pipe(Effect.as("refunded"))
    })
  ]
})

const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(FetchHttpClient.layer))

const messages = [{ role: "user", content: "Begin" }] as const

const run = Effect.zipRight(say("ready"), loop.run("ticket-17", messages)).pipe(
  Effect.tap(({ content, endReason, steps }) => say({ content, endReason, steps: steps.length })),
  Effect.provide(Layer.provideMerge(loop.layer, Layer.merge(Durable.sqlite(path), client)))
)

const decide = Effect.gen(function* () {
  const { state, waiting } = yield* loop.status("ticket-17")
  yield* say({ state, waiting: waiting.map(({ id }) => id) })
  yield* Effect.forEach(waiting, ({ id }) => loop.decide("ticket-17", id, "approve"))
}).pipe(Effect.provide(Durable.sqliteClient(path)))

const program: Effect.Effect<unknown, unknown> = mode === "run" ? run : decide

// Standard output has only the lines that the test reads.
Effect.runPromise(Effect.provide(program, Logger.replace(Logger.defaultLogger, Logger.none))).then(() =>
  process.exit(0)
)
