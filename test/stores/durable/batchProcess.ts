/** One process of a durable batch: prints a line when it is ready and one for each result. */
import { FetchHttpClient } from "@effect/platform"
import { Effect, Either, Layer, Logger, Redacted, Stream } from "effect"
import { LLMClient } from "llm-connectivity"
import { Durable, DurableBatch } from "llm-connectivity/durable"

const [storage = "", count = "0", concurrency = "8", port = "0"] = process.argv.slice(2)

const engine = storage.startsWith("postgres:")
  ? Durable.postgres({ url: Redacted.make(storage), port: Number(port) })
  : Durable.sqlite(storage)

const say = (line: unknown) => Effect.sync(() => process.stdout.write(`${JSON.stringify(line)}\n`))

const batch = DurableBatch.make("test", { concurrency: Number(concurrency) })
const prompts = Array.from({ length: Number(count) }, (_, index) => `prompt ${index}`)

const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(FetchHttpClient.layer))

const results = Stream.runForEach(batch.run("night", prompts), ({ index, result }) =>
  say({ index, content: Either.match(result, { onLeft: (error) => error._tag, onRight: ({ content }) => content }) })
)

const program = Effect.zipRight(say("ready"), Effect.zipRight(results, say("done"))).pipe(
  Effect.provide(Layer.provideMerge(batch.layer, Layer.merge(engine, client))),
  // Standard output has only the lines that the test reads.
  Effect.provide(Logger.replace(Logger.defaultLogger, Logger.none)),
  Effect.catchTag("DurableError", ({ reason }) => say({ error: reason }))
)

Effect.runPromise(program).then(() => process.exit(0))
