/** Batches when the provider's connections break: a creation without a response, a download that is cut. */
import { KeyValueStore } from "@effect/platform"
import { expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Layer, Option, Redacted, Stream } from "effect"
import { Cost, ModelCatalog } from "llm-connectivity"
import { type BatchHandle, ProviderBatch } from "llm-connectivity/batch"
import { clients } from "../support/contract.js"
import { type Handler, json, serve } from "../support/server.js"

const key = "sk-canary-key-0123456789abcdef"

const within = (url: string, http = clients.Fetch) =>
  Effect.provide(
    ProviderBatch.anthropic({ apiKey: Redacted.make(key), baseUrl: url, model: "claude-haiku-4-5" }).pipe(
      Layer.provide(Layer.merge(http, KeyValueStore.layerMemory))
    )
  )

const clientList = Object.entries(clients)

const ids = ["a", "b", "c", "d"]

const lineOf = (id: string): string => {
  const usage = { input_tokens: 1000, output_tokens: 500 }
  const message = {
    id: "1",
    model: "claude-haiku-4-5",
    role: "assistant",
    content: [{ type: "text", text: `é ${id}` }],
    stop_reason: "end_turn",
    usage
  }
  return `${JSON.stringify({ custom_id: id, result: { type: "succeeded", message } })}\n`
}

const handle: BatchHandle = {
  version: 1,
  id: "night",
  provider: "anthropic",
  api: "messages",
  parts: [{ providerId: "msgbatch_1", model: null, ids }]
}

const ended = { id: "msgbatch_1", processing_status: "ended", request_counts: { succeeded: ids.length } }

/** Answers the status, and each download with what the function does. */
const serving = (download: (response: Parameters<Handler>[0], downloads: number) => void): Handler => {
  let downloads = 0
  return (response, { url }) =>
    url.endsWith("/results") ? download(response, downloads++) : json(response, 200, ended)
}

const read = Stream.unwrap(Effect.map(ProviderBatch, (batches) => batches.results(handle))).pipe(
  Stream.runCollect,
  Effect.map(Chunk.toReadonlyArray)
)

it.scopedLive.each(clientList)("over %s: a download that is cut is read again, and repeats no result", ([, http]) =>
  Effect.gen(function* () {
    const all = ids.map(lineOf).join("")
    const half = Math.floor(Buffer.byteLength(all) / 2)
    const { url, requests } = yield* serve(
      serving((response, downloads) => {
        response.writeHead(200)
        if (downloads > 0) return response.end(all)
        response.write(Buffer.from(all).subarray(0, half), () => setImmediate(() => response.destroy()))
      })
    )
    const results = yield* read.pipe(within(url, http))
    expect(results.map(({ id }) => id).sort()).toEqual(ids)
    expect(requests.filter((request) => request.url.endsWith("/results"))).toHaveLength(2)
  })
)

it.scopedLive.each(clientList)("over %s: every byte of the results may be a read of its own", ([, http]) =>
  Effect.gen(function* () {
    const all = Buffer.from(ids.map(lineOf).join(""))
    const { url } = yield* serve(
      serving((response) => {
        response.writeHead(200)
        for (const byte of all) response.write(Buffer.from([byte]))
        response.end()
      })
    )
    const results = yield* read.pipe(within(url, http))
    expect(results.map(({ id, result }) => [id, Either.getOrThrow(result).content])).toEqual(
      ids.map((id) => [id, `é ${id}`])
    )
  })
)

it.scopedLive("a response costs half of what it would cost alone", () =>
  Effect.gen(function* () {
    const { url } = yield* serve(serving((response) => response.end(ids.map(lineOf).join(""))))
    const [first] = yield* read.pipe(within(url))
    const { cost, usage } = yield* first?.result ?? Effect.dieMessage("there is no result")
    const catalog = yield* ModelCatalog.snapshot
    const model = Option.getOrUndefined(catalog.find("anthropic", "claude-haiku-4-5"))
    const alone = usage === null ? null : Cost.of(usage, model)
    expect(alone).toBeGreaterThan(0)
    expect(cost).toBe((alone ?? 0) / 2)
  })
)

it.scopedLive("a creation whose response was lost is looked for, and not repeated", () =>
  Effect.gen(function* () {
    let created = 0
    const card = { ...ended, created_at: new Date().toISOString(), request_counts: { processing: 1 } }
    const { url } = yield* serve((response, { url: path }, index) => {
      if (path.includes("?limit")) return json(response, 200, { data: created === 0 ? [] : [card], has_more: false })
      created++
      // The provider has made the batch, and the connection breaks.
      if (index === 0) return response.destroy()
      json(response, 200, card)
    })
    const item = { id: "a", request: { messages: [{ role: "user" as const, content: "Hi" }] } }
    const submitted = yield* Effect.flatMap(ProviderBatch, (batches) => batches.submit("night", [item])).pipe(
      within(url)
    )
    expect([created, submitted.parts[0]?.providerId]).toEqual([1, "msgbatch_1"])
  })
)

it.scopedLive("a creation that the provider limits is repeated no sooner than it asks, and not at all after long", () =>
  Effect.gen(function* () {
    const limit = { type: "error", error: { type: "rate_limit_error", message: "too many batches" } }
    const times: Array<number> = []
    const limiting = (hint: { readonly [name: string]: string }) =>
      serve((response, { url: path }) => {
        if (path.includes("?limit")) return json(response, 200, { data: [], has_more: false })
        if (times.push(performance.now()) === 1) return json(response, 429, limit, hint)
        json(response, 200, ended)
      })
    const submitting = Effect.flatMap(ProviderBatch, (batches) =>
      batches.submit("night", [{ id: "a", request: { messages: [{ role: "user", content: "Hi" }] } }])
    )
    const soon = yield* limiting({ "retry-after-ms": "1500" })
    yield* submitting.pipe(within(soon.url))
    const [first = 0, second = 0] = times.splice(0)
    expect(second - first).toBeGreaterThanOrEqual(1490)
    const late = yield* limiting({ "retry-after": "600" })
    const error = yield* submitting.pipe(within(late.url), Effect.flip)
    expect([error._tag, times.length]).toEqual(["RateLimitError", 1])
  })
)

it.scopedLive("no key is in an error, in a handle or in the store", () =>
  Effect.gen(function* () {
    const echo = { type: "error", error: { type: "authentication_error", message: `wrong key ${key}` } }
    const { url } = yield* serve((response) => json(response, 401, echo))
    const error = yield* Effect.flatMap(ProviderBatch, (batches) => batches.status(handle)).pipe(
      within(url),
      Effect.flip
    )
    expect(error._tag).toBe("AuthenticationError")
    expect(JSON.stringify(error) + String(error)).not.toContain("canary")
  })
)

it.scopedLive("results without an end are read until each request has one, and a bounded number of other lines", () =>
  Effect.gen(function* () {
    const foreign = lineOf("foreign")
    for (const [junk, found] of [
      ["\n".repeat(4096), ids],
      [foreign.repeat(100), ids],
      ["nonsense\n".repeat(500), ids.slice(0, 2)]
    ] as const) {
      const { url } = yield* serve(
        serving((response) => {
          response.writeHead(200)
          response.write(found.map(lineOf).join(""))
          const write = (): void => void (response.destroyed || response.write(junk, () => setImmediate(write)))
          write()
        })
      )
      const results = yield* Effect.timeoutFail(read.pipe(within(url)), {
        duration: "5 seconds",
        onTimeout: () => junk
      })
      const whole = results.filter(({ result }) => Either.isRight(result)).map(({ id }) => id)
      expect([whole, results.map(({ id }) => id).sort()]).toEqual([found, ids])
      const lost = results.flatMap(({ result }) => (Either.isLeft(result) ? [result.left] : []))
      for (const error of lost) expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    }
  })
)

it.scopedLive.each([
  "../files/file-1",
  "msgbatch_1/../../models",
  "..",
  "msgbatch_1?limit=1",
  "//example.com/a",
  "%2e%2e"
])("a handle whose id was changed to %s sends nothing", (providerId) =>
  Effect.gen(function* () {
    const { url, requests } = yield* serve((response) => json(response, 200, ended))
    const changed: BatchHandle = { ...handle, parts: [{ providerId, model: null, ids }] }
    const calls = Effect.flatMap(ProviderBatch, (batches) =>
      Effect.all([
        Effect.flip(batches.status(changed)),
        Effect.flip(batches.cancel(changed)),
        Effect.flip(Stream.runDrain(batches.results(changed)))
      ])
    )
    for (const error of yield* calls.pipe(within(url))) {
      expect(error).toMatchObject({
        _tag: "ValidationError",
        message: expect.stringContaining("use the handle that submit gave")
      })
    }
    expect(requests).toEqual([])
  })
)
