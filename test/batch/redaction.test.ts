/** Errors inside the results of a batch, which can repeat the prompt of their item. */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Layer, Redacted, Stream } from "effect"
import { type BatchHandle, type BatchItem, ProviderBatch } from "llm-connectivity/batch"
import { json, serve } from "../support/server.js"

const prompt = "My unusual diagnosis is hereditary"

const lookUp = {
  name: "look_up",
  description: "Finds records of the clandestine registry",
  parameters: { type: "object", properties: { name: { type: "string" } } }
}

const items: ReadonlyArray<BatchItem> = [
  { id: "a", request: { messages: [{ role: "user", content: prompt }], tools: [lookUp] } }
]

const handle: BatchHandle = {
  version: 1,
  id: "night",
  provider: "anthropic",
  api: "messages",
  parts: [{ providerId: "msgbatch_1", model: "claude-haiku-4-5", ids: ["a"] }]
}

const errorEvent = (message: string) => ({ type: "error", error: { type: "invalid_request_error", message } })

const echo = `content ${prompt} is not allowed with clandestine registry, use plain text`

const results = (known: ReadonlyArray<BatchItem> | undefined, line: unknown) =>
  Effect.gen(function* () {
    const { url } = yield* serve((response, { url: path }) =>
      path.endsWith("/results")
        ? response.end(`${JSON.stringify(line)}\n`)
        : json(response, 200, { id: "msgbatch_1", processing_status: "ended", request_counts: { errored: 1 } })
    )
    const layer = ProviderBatch.anthropic({
      apiKey: Redacted.make("sk-ant-test-0123456789"),
      baseUrl: url,
      model: "claude-haiku-4-5"
    }).pipe(Layer.provide(Layer.merge(FetchHttpClient.layer, KeyValueStore.layerMemory)))
    const batches = yield* Effect.provide(ProviderBatch, layer)
    const all = Chunk.toReadonlyArray(yield* Stream.runCollect(batches.results(handle, { items: known })))
    return all.map(({ result }) => Either.getOrThrow(Either.flip(result)))
  })

const errored = { custom_id: "a", result: { type: "errored", error: errorEvent(echo) } }

describe("an error in the results of a batch", () => {
  it.scopedLive("says what the provider says without the prompt and the tools, where the items are given", () =>
    Effect.gen(function* () {
      const [error] = yield* results(items, errored)
      expect(error?._tag).toBe("ValidationError")
      expect(error?.message).toContain("use plain text")
      expect(error?.message).not.toMatch(/diagnosis|hereditary|clandestine/)
    })
  )

  it.scopedLive("says only the provider's code where the prompt is not known", () =>
    Effect.gen(function* () {
      const [error] = yield* results(undefined, errored)
      expect(error?.message).toBe(
        "anthropic/claude-haiku-4-5 rejected the request as invalid; check its fields " +
          "(its code is invalid_request_error; its message is left out, because it may repeat the prompt)"
      )
    })
  )

  it.scopedLive("repeats no prompt as a code", () =>
    Effect.gen(function* () {
      const error = { type: "error", error: { type: prompt, message: "no" } }
      const [left] = yield* results(undefined, { custom_id: "a", result: { type: "errored", error } })
      expect(left?.message).not.toContain("diagnosis")
    })
  )
})

it.scopedLive("an error of a submission repeats no prompt of its items", () =>
  Effect.gen(function* () {
    const { url } = yield* serve((response) => json(response, 400, errorEvent(echo)))
    const layer = ProviderBatch.anthropic({
      apiKey: Redacted.make("sk-ant-test-0123456789"),
      baseUrl: url,
      model: "claude-haiku-4-5"
    }).pipe(Layer.provide(Layer.merge(FetchHttpClient.layer, KeyValueStore.layerMemory)))
    const batches = yield* Effect.provide(ProviderBatch, layer)
    const error = yield* Effect.flip(batches.submit("night", items))
    expect(error.message).toContain("use plain text")
    expect(error.message).not.toMatch(/diagnosis|hereditary|clandestine/)
  })
)
