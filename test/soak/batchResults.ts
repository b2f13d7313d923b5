/** The results of a batch of 100,000 requests are read in memory that does not grow with their texts. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { expect, it } from "@effect/vitest"
import { Effect, Either, Layer, Redacted, Stream } from "effect"
import { ProviderBatch } from "llm-connectivity/batch"
import { report } from "../support/report.js"

const count = 100_000
const text = "x".repeat(4000)

const lineOf = (index: number): string => {
  const message = { role: "assistant", content: text }
  const body = {
    id: "1",
    model: "claude-haiku-4-5",
    type: "message",
    role: "assistant",
    content: [{ type: "text", text: message.content }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 }
  }
  return `${JSON.stringify({ custom_id: `item-${index}`, result: { type: "succeeded", message: body } })}\n`
}

/** An Anthropic whose batch has ended, and which writes its results as fast as they are read. */
const provider = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly close: () => void }>((resume) => {
    const card = { id: "msgbatch_1", processing_status: "ended", request_counts: { succeeded: count } }
    const server = createServer(async (request, response) => {
      if (!request.url?.endsWith("/results")) return response.end(JSON.stringify(card))
      for (let index = 0; index < count; index++) {
        if (!response.write(lineOf(index))) await new Promise((resolve) => response.once("drain", resolve))
      }
      return response.end()
    })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${address.port}`, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

it.scopedLive("100,000 results of 4 KB each are read in flat memory", () =>
  Effect.gen(function* () {
    const { url } = yield* provider
    const part = {
      providerId: "msgbatch_1",
      model: null,
      ids: Array.from({ length: count }, (_, index) => `item-${index}`)
    }
    const handle = { version: 1 as const, id: "big", provider: "anthropic", api: "messages", parts: [part] }
    const layer = ProviderBatch.anthropic({
      apiKey: Redacted.make("test-key"),
      baseUrl: url,
      model: "claude-haiku-4-5"
    }).pipe(Layer.provide(Layer.merge(FetchHttpClient.layer, KeyValueStore.layerMemory)))
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    let [read, most] = [0, 0]
    const results = Stream.unwrap(Effect.map(ProviderBatch, (batches) => batches.results(handle)))
    yield* results.pipe(
      Stream.runForEach(({ result }) =>
        Effect.sync(() => {
          if (Either.isRight(result) && result.right.content.length === text.length) read++
          if (read % 5000 !== 0) return
          globalThis.gc?.()
          most = Math.max(most, process.memoryUsage().heapUsed - before)
        })
      ),
      Effect.provide(layer)
    )
    report("results of a batch", read)
    report("MiB of heap at most, for 400 MB of results", most / 2 ** 20)
    expect(read).toBe(count)
    expect(most).toBeLessThan(48 * 2 ** 20)
  })
)
