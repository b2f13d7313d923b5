/** One process of a durable batch that its provider runs: prints a line when it is ready and one for each result. */
import { FetchHttpClient } from "@effect/platform"
import { Effect, Either, Layer, Logger, Redacted, Stream } from "effect"
import { ProviderBatch } from "llm-connectivity/batch"
import { Durable, DurableBatch } from "llm-connectivity/durable"

const [storage = "", model = "", id = "", count = "0", port = "0"] = process.argv.slice(2)

const engine = storage.startsWith("postgres:")
  ? Durable.postgres({ url: Redacted.make(storage), port: Number(port) })
  : Durable.sqlite(storage)

const say = (line: unknown) => Effect.sync(() => process.stdout.write(`${JSON.stringify(line)}\n`))

const batch = DurableBatch.make("test", {
  path: ProviderBatch.layer({ model: model }),
  every: "5 millis",
  maxTokens: 20
})
const prompts = Array.from({ length: Number(count) }, (_, index) => `${id}, question ${index}`)

const results = Stream.runForEach(batch.run(id, prompts), ({ index, result }) =>
  say({ index, content: Either.match(result, { onLeft: ({ message }) => message, onRight: ({ content }) => content }) })
)

const program = Effect.zipRight(say("ready"), Effect.zipRight(results, say("done"))).pipe(
  Effect.provide(batch.layer.pipe(Layer.provideMerge(engine), Layer.provide(FetchHttpClient.layer))),
  // Standard output has only the lines that the test reads.
  Effect.provide(Logger.replace(Logger.defaultLogger, Logger.none))
)

Effect.runPromise(program).then(() => process.exit(0))
