/** Batches of which the provider rejects a part after it has created others. */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Layer, Redacted, Schema, Stream } from "effect"
import { BatchHandle, type BatchItem, ProviderBatch } from "llm-connectivity/batch"
import { type Handler, json, type SeenRequest, serve } from "../support/server.js"

const prompt = "My unusual diagnosis is hereditary"

const itemOf = (id: string, model: string): BatchItem => ({
  id,
  request: { model, messages: [{ role: "user", content: `${prompt} ${id}` }] }
})

const items = [itemOf("a", "gpt-missing"), itemOf("b", "gpt-4o-mini"), itemOf("c", "gpt-missing")]

const idOfItem = (line: string): string => (JSON.parse(line) as { readonly custom_id: string }).custom_id

/** OpenAI's batches, of which those of rejected models are not created. */
const openAI = (isRejected: (file: string) => boolean) => {
  const files: Array<string> = []
  const created: Array<string> = []
  const resultOf = (id: string): string => {
    const choice = { message: { role: "assistant", content: `Answer ${id}` }, finish_reason: "stop" }
    return JSON.stringify({ custom_id: id, response: { status_code: 200, body: { choices: [choice] } } })
  }
  const handler: Handler = (response, { url, body }) => {
    if (url === "/files") return json(response, 200, { id: `file-${files.push(body) - 1}` })
    if (url === "/batches") {
      const file = files[Number(/file-(\d+)/.exec(body)?.[1])] ?? ""
      const message = `the model of "${prompt}" does not exist`
      if (isRejected(file)) return json(response, 404, { error: { message, code: "model_not_found" } })
      return json(response, 200, { id: `batch_${created.push(file) - 1}`, status: "validating" })
    }
    if (url.startsWith("/batches?")) return json(response, 200, { data: [], has_more: false })
    const [, batch] = /^\/batches\/batch_(\d+)$/.exec(url) ?? []
    if (batch !== undefined)
      return json(response, 200, {
        id: `batch_${batch}`,
        status: "completed",
        output_file_id: `out-${batch}`,
        request_counts: { total: 1, completed: 1, failed: 0 }
      })
    const lines = (created[Number(/out-(\d+)/.exec(url)?.[1])] ?? "").split("\n").filter((line) => line[0] === "{")
    response.end(lines.map((line) => resultOf(idOfItem(line))).join("\n"))
  }
  return handler
}

const within = (url: string) =>
  Effect.provide(
    ProviderBatch.openAI({ apiKey: Redacted.make("sk-test-0123456789"), baseUrl: url, model: "gpt-4o-mini" }).pipe(
      Layer.provide(Layer.merge(FetchHttpClient.layer, KeyValueStore.layerMemory))
    )
  )

const creations = (requests: ReadonlyArray<SeenRequest>) => requests.filter(({ url }) => url === "/batches").length

describe("a batch of which the provider rejects a part", () => {
  it.scopedLive("has the results of the other parts, and the error for each item of that part", () =>
    Effect.gen(function* () {
      const { url } = yield* serve(openAI((file) => file.includes("gpt-missing")))
      yield* Effect.gen(function* () {
        const batches = yield* ProviderBatch
        const handle = yield* batches.submit("night", items)
        const codec = Schema.parseJson(BatchHandle)
        const stored = yield* Schema.encode(codec)(handle)
        const results = yield* Stream.runCollect(batches.results(yield* Schema.decode(codec)(stored)))
        const outcomes = Chunk.toReadonlyArray(results).map(({ id, result }) => [
          id,
          Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: ({ content }) => content })
        ])
        expect(Object.fromEntries(outcomes)).toEqual({
          a: "ModelNotFoundError",
          b: "Answer b",
          c: "ModelNotFoundError"
        })
        expect(outcomes).toHaveLength(3)
        expect(stored + JSON.stringify(Chunk.toReadonlyArray(results))).not.toContain("diagnosis")
        const { counts, state } = yield* batches.status(handle)
        expect([state, counts]).toEqual(["ended", { total: 3, succeeded: 1, failed: 2, expired: 0, cancelled: 0 }])
      }).pipe(within(url))
    })
  )

  it.scopedLive("submits only that part again, and has results for all once the cause is mended", () =>
    Effect.gen(function* () {
      let isMended = false
      const { url, requests } = yield* serve(openAI((file) => !isMended && file.includes("gpt-missing")))
      yield* Effect.gen(function* () {
        const batches = yield* ProviderBatch
        const first = yield* batches.submit("night", items)
        expect(yield* batches.submit("night", items)).toEqual(first)
        expect(creations(requests)).toBe(3)
        isMended = true
        const mended = yield* batches.submit("night", items)
        expect([mended.parts.length, mended.rejected, creations(requests)]).toEqual([2, undefined, 4])
        expect(mended.parts).toContainEqual(first.parts[0])
        const results = Chunk.toReadonlyArray(yield* Stream.runCollect(batches.results(mended)))
        expect(results.map(({ id, result }) => `${id} ${Either.isRight(result)}`).sort()).toEqual([
          "a true",
          "b true",
          "c true"
        ])
        expect(yield* batches.submit("night", items)).toEqual(mended)
        expect(creations(requests)).toBe(4)
      }).pipe(within(url))
    })
  )

  it.scopedLive("fails, and can be submitted again, if the provider rejects all parts", () =>
    Effect.gen(function* () {
      let isClosed = true
      const { url } = yield* serve(openAI(() => isClosed))
      yield* Effect.gen(function* () {
        const batches = yield* ProviderBatch
        const error = yield* Effect.flip(batches.submit("night", items))
        expect(error).toMatchObject({ _tag: "ModelNotFoundError", status: 404 })
        isClosed = false
        const handle = yield* batches.submit("night", items)
        expect([handle.parts.length, handle.rejected]).toEqual([2, undefined])
      }).pipe(within(url))
    })
  )

  it.scopedLive.each([
    [401, "AuthenticationError", "invalid_api_key"],
    [403, "AuthenticationError", null],
    [402, "InsufficientCreditsError", null],
    [429, "InsufficientCreditsError", "insufficient_quota"]
  ] as const)("is not rejected by what the account lacks (%s %s): the same call goes on later", ([status, tag, code]) =>
    Effect.gen(function* () {
      let isRefused = true
      const healthy = openAI(() => false)
      const { url, requests } = yield* serve((response, request, index) =>
        isRefused && request.url === "/batches" && request.body.includes("file-1")
          ? json(response, status, { error: { message: "no", code } })
          : healthy(response, request, index)
      )
      const three = ["gpt-4o-mini", "gpt-4o", "gpt-5"].map((model, index) => itemOf(`${index}`, model))
      yield* Effect.gen(function* () {
        const batches = yield* ProviderBatch
        expect(yield* Effect.flip(batches.submit("night", three))).toMatchObject({ _tag: tag, status })
        expect(creations(requests)).toBe(2)
        isRefused = false
        const handle = yield* batches.submit("night", three)
        expect([handle.parts.length, handle.rejected, creations(requests)]).toEqual([3, undefined, 4])
      }).pipe(within(url))
    })
  )

  it.scopedLive("is not rejected by a response that says nothing certain: the same call goes on later", () =>
    Effect.gen(function* () {
      let isBroken = true
      const rejecting = openAI((file) => file.includes("gpt-missing"))
      const { url, requests } = yield* serve((response, request, index) =>
        isBroken && request.url === "/batches" && request.body.includes("file-1")
          ? json(response, 200, { status: "validating" })
          : rejecting(response, request, index)
      )
      yield* Effect.gen(function* () {
        const batches = yield* ProviderBatch
        const error = yield* Effect.flip(batches.submit("night", [itemOf("a", "gpt-4o-mini"), itemOf("b", "gpt-4o")]))
        expect(error._tag).toBe("ProviderError")
        isBroken = false
        const handle = yield* batches.submit("night", [itemOf("a", "gpt-4o-mini"), itemOf("b", "gpt-4o")])
        expect([handle.parts.length, handle.rejected, creations(requests)]).toEqual([2, undefined, 3])
      }).pipe(within(url))
    })
  )
})
