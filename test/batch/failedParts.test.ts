/** Batches that the provider creates, and rejects as a whole later. */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Layer, Redacted, Stream } from "effect"
import { type BatchItem, ProviderBatch } from "llm-connectivity/batch"
import { type Handler, json, serve } from "../support/server.js"

const apiKey = Redacted.make("sk-test-0123456789")

const items: ReadonlyArray<BatchItem> = ["a", "b"].map((id) => ({
  id,
  request: { messages: [{ role: "user", content: `Question ${id}` }] }
}))

/** What a provider does with the batches that it creates. */
interface Account {
  /** Whether the batches that are created now will fail. */
  isFull: boolean
  /** Whether the provider says how its batches are. */
  isDown: boolean
  readonly batches: Array<{ readonly name: string; readonly isFailed: boolean }>
}

const create = ({ batches, isFull }: Account, name: unknown): number =>
  batches.push({ name: String(name), isFailed: isFull }) - 1

const openAI =
  (account: Account): Handler =>
  (response, { url, body }) => {
    const cardOf = (index: number) => ({
      id: `batch_${index}`,
      created_at: Math.floor(Date.now() / 1000),
      metadata: { "llm-connectivity": account.batches[index]?.name },
      ...(account.batches[index]?.isFailed
        ? {
            status: "failed",
            errors: { data: [{ code: "token_limit_exceeded", message: "too many enqueued tokens" }] }
          }
        : { status: "completed", output_file_id: "out" })
    })
    if (url === "/files") return json(response, 200, { id: "file-1" })
    if (body !== "") return json(response, 200, cardOf(create(account, JSON.parse(body).metadata["llm-connectivity"])))
    if (url.startsWith("/batches?")) {
      return json(response, 200, { data: account.batches.map((_, index) => cardOf(index)).reverse(), has_more: false })
    }
    const [, index] = /^\/batches\/batch_(\d+)$/.exec(url) ?? []
    if (index !== undefined) return json(response, account.isDown ? 500 : 200, cardOf(Number(index)))
    const choice = { message: { role: "assistant", content: "Answer" }, finish_reason: "stop" }
    const result = { status_code: 200, body: { choices: [choice] } }
    response.end(items.map(({ id }) => JSON.stringify({ custom_id: id, response: result })).join("\n"))
  }

const google =
  (account: Account): Handler =>
  (response, { url, body, headers }) => {
    const cardOf = (index: number) => ({
      name: `batches/${index}`,
      metadata: {
        displayName: account.batches[index]?.name,
        createTime: new Date().toISOString(),
        state: account.batches[index]?.isFailed ? "BATCH_STATE_FAILED" : "BATCH_STATE_SUCCEEDED"
      },
      ...(account.batches[index]?.isFailed
        ? { error: { code: 400, status: "INVALID_ARGUMENT", message: "the file cannot be read" } }
        : { response: { responsesFile: "files/out" } })
    })
    if (url === "/upload/files") {
      response.setHeader("x-goog-upload-url", `http://${headers.host}/uploads/1`)
      return json(response, 200, {})
    }
    if (url === "/uploads/1") return json(response, 200, { file: { name: "files/in" } })
    if (body !== "") return json(response, 200, cardOf(create(account, JSON.parse(body).batch.display_name)))
    if (url.startsWith("/batches?")) {
      return json(response, 200, { operations: account.batches.map((_, index) => cardOf(index)).reverse() })
    }
    const [, index] = /^\/batches\/(\d+)$/.exec(url) ?? []
    if (index !== undefined) return json(response, account.isDown ? 500 : 200, cardOf(Number(index)))
    const answer = { candidates: [{ content: { parts: [{ text: "Answer" }] }, finishReason: "STOP" }] }
    response.end(items.map(({ id }) => JSON.stringify({ key: id, response: answer })).join("\n"))
  }

const wires = [
  ["OpenAI", openAI, (baseUrl: string) => ProviderBatch.openAI({ apiKey, baseUrl, model: "gpt-4o-mini" })],
  ["Google", google, (baseUrl: string) => ProviderBatch.google({ apiKey, baseUrl, model: "gemini-2.5-flash" })]
] as const

describe.each(wires)("a batch that %s created and rejected as a whole", (_, handlerOf, layerOf) => {
  /** Submits a batch that fails. */
  const failed = Effect.gen(function* () {
    const account: Account = { isFull: true, isDown: false, batches: [] }
    const { url } = yield* serve(handlerOf(account))
    const batches = yield* Effect.provide(
      ProviderBatch,
      Layer.provide(layerOf(url), Layer.merge(FetchHttpClient.layer, KeyValueStore.layerMemory))
    )
    const handle = yield* batches.submit("night", items)
    account.isFull = false
    return { account, batches, handle }
  })

  const outcomes = (results: ReturnType<Effect.Effect.Success<typeof failed>["batches"]["results"]>) =>
    Effect.map(Stream.runCollect(results), (all) =>
      Chunk.toReadonlyArray(all).map(({ result }) =>
        Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: ({ content }) => content })
      )
    )

  it.scopedLive("is submitted again by the same call, once, and has its results then", () =>
    Effect.gen(function* () {
      const { account, batches, handle } = yield* failed
      expect(yield* outcomes(batches.results(handle))).toEqual(["ValidationError", "ValidationError"])
      const again = yield* batches.submit("night", items)
      expect(again.parts).not.toEqual(handle.parts)
      expect(yield* outcomes(batches.results(again))).toEqual(["Answer", "Answer"])
      expect(yield* batches.submit("night", items)).toEqual(again)
      expect(account.batches).toHaveLength(2)
    })
  )

  it.scopedLive("is not submitted again while its provider does not say that it failed", () =>
    Effect.gen(function* () {
      const { account, batches, handle } = yield* failed
      account.isDown = true
      expect(yield* batches.submit("night", items)).toEqual(handle)
      expect(account.batches).toHaveLength(1)
    })
  )
})
