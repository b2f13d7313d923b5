/** One process that submits a batch and prints its results; killed at any time, it goes on when it is started again. */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { NodeFileSystem, NodePath } from "@effect/platform-node"
import { Effect, Either, Layer, Stream } from "effect"
import { ProviderBatch } from "llm-connectivity/batch"

const [folder = "", model = "", id = ""] = process.argv.slice(2)

const say = (line: unknown) => Effect.sync(() => process.stdout.write(`${JSON.stringify(line)}\n`))

const items = Array.from({ length: 6 }, (_, index) => ({
  id: `item-${index}`,
  request: { messages: [{ role: "user" as const, content: `${id}, question ${index}` }], maxTokens: 20 }
}))

const store = KeyValueStore.layerFileSystem(folder).pipe(
  Layer.provide(Layer.merge(NodeFileSystem.layer, NodePath.layer))
)

const program = Effect.gen(function* () {
  yield* say("ready")
  const batches = yield* ProviderBatch
  const handle = yield* batches.submit(id, items)
  yield* say({ submitted: handle.parts.length })
  yield* Stream.runForEach(batches.results(handle, { every: "5 millis" }), (item) =>
    say({
      id: item.id,
      content: Either.match(item.result, { onLeft: ({ _tag }) => _tag, onRight: ({ content }) => content })
    })
  )
  yield* say("done")
}).pipe(Effect.provide(ProviderBatch.layer({ model })), Effect.provide(store), Effect.provide(FetchHttpClient.layer))

Effect.runPromise(program).then(() => process.exit(0))
