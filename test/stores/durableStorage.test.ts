import { describe, expect, it } from "@effect/vitest"
import { Chunk, type Duration, Effect, Fiber, Layer, Stream } from "effect"
import { Durable, DurableBatch } from "llm-connectivity/durable"
import { MockLLM } from "llm-connectivity/testing"
import { temporaryFile } from "./durable/processes.js"

const batch = DurableBatch.make("test")

const answers = Effect.map(Stream.runCollect(batch.run("night", ["one", "two"])), (results) =>
  Chunk.toReadonlyArray(results).map(({ result }) => (result._tag === "Right" ? result.right.content : "failed"))
)

/** Answers the prompts in a runner of its own, and gives how many requests the model got. */
const life = (path: string, retention: Duration.DurationInput) =>
  Effect.zipRight(
    answers,
    Effect.map(MockLLM.requests, ({ length }) => length)
  ).pipe(
    Effect.provide(Layer.provideMerge(batch.layer, Durable.sqlite(path, { retention }))),
    Effect.provide(MockLLM.layer(["an answer", "an answer"]))
  )

describe("the storage of durable work", () => {
  it.scopedLive("keeps what ended before its retention, and deletes it after", () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      expect(yield* life(path, "1 hour")).toBe(2)
      expect(yield* life(path, "1 hour")).toBe(0)
      yield* Effect.sleep("20 millis")
      expect(yield* life(path, "10 millis")).toBe(2)
    })
  )

  it.scopedLive("lets another process start work that the runner answers", () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      const runner = Layer.provide(batch.layer, Durable.sqlite(path)).pipe(
        Layer.provide(MockLLM.layer(["an answer", "an answer"]))
      )
      const running = yield* Effect.fork(Layer.launch(runner))
      expect(yield* Effect.provide(answers, Durable.sqliteClient(path))).toEqual(["an answer", "an answer"])
      yield* Fiber.interrupt(running)
    })
  )

  it.scopedLive("reports a file that cannot be opened as a typed error", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.build(Durable.sqlite("/no/such/folder/work.db")))
      expect(error).toMatchObject({ _tag: "DurableError", reason: "Unavailable" })
      const other = yield* Effect.flip(Layer.build(Durable.sqliteClient("/no/such/folder/work.db")))
      expect(other).toMatchObject({ _tag: "DurableError", reason: "Unavailable" })
    })
  )
})
