/** What a caller cannot do to a gateway: send more, faster or larger requests than it may, or fields without effect. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { LLMClient, ModelCatalog, Policy, ResponseCache, Spending } from "llm-connectivity"
import { Gateway } from "llm-connectivity/server"
import { Simulator } from "llm-connectivity/testing"
import { gateway, withSimulator } from "../../support/gateway.js"

const messages = [{ role: "user", content: "Count to 5 with words" }]
const chat = { model: "claude", messages }

const post = async (url: string, body: unknown, path = "chat/completions", key = "key-of-ada") => {
  const response = await fetch(`${url}/v1/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body)
  })
  return { response, status: response.status, json: response.status === 200 ? undefined : await response.json() }
}

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels)

/** Bodies, the status, and the code or the parameter of the error. */
const refused: ReadonlyArray<readonly [body: unknown, param: string | null, code?: string]> = [
  ["{", null],
  ["[]", null],
  [`{"model":"claude","messages":[],"x":${deep(300)}}`, null],
  [{}, "model"],
  [{ model: "claude" }, "messages"],
  [{ ...chat, store: true }, "store", "unsupported_value"],
  [{ ...chat, background: true }, "background", "unknown_parameter"],
  [{ ...chat, previous_response_id: "resp_1" }, "previous_response_id", "unknown_parameter"],
  [{ ...chat, n: 2 }, "n", "unsupported_value"],
  [{ ...chat, logprobs: true }, "logprobs", "unsupported_value"],
  [{ ...chat, temperature: 3 }, "temperature", "decimal_above_maximum"],
  [{ ...chat, temperature: "1" }, "temperature", "invalid_type"],
  [{ ...chat, no_such_field: 1 }, "no_such_field", "unknown_parameter"],
  [{ ...chat, messages: [{ role: "user", content: [{ type: "video" }] }] }, "messages[0].content[0].type"],
  [
    {
      ...chat,
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }] }]
    },
    "messages[0].content[0].image_url.url",
    "invalid_value"
  ],
  [{ ...chat, tools: [{ type: "web_search" }] }, "tools[0].type", "unsupported_value"],
  [{ ...chat, functions: [] }, "functions", "unsupported_parameter"]
]

describe("a request", () => {
  it.scopedLive("that is wrong, or has a field that cannot be honored, is a 400 that names the field", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway()
      for (const [body, param, code = expect.anything()] of refused) {
        const { status, json } = yield* Effect.promise(() => post(url, body))
        const error = { type: "invalid_request_error", param, code: param === null ? null : code }
        const { code: found, ...others } = json.error
        expect([body, status, { ...others, code: found ?? (param === null ? null : "none") }]).toMatchObject([
          body,
          400,
          error
        ])
      }
      expect(yield* Simulator.requests).toEqual([])
    }).pipe(withSimulator())
  )

  it.scopedLive("that is too large is a 413, and where its length is not stated it loses its connection", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway({ maxRequestSize: 1000 })
      const text = JSON.stringify({ ...chat, user: "x".repeat(2000) })
      yield* Effect.promise(async () => {
        expect((await post(url, text)).status).toBe(413)
        const body = new Blob([text]).stream()
        const init = { method: "POST", headers: { authorization: "Bearer key-of-ada" }, body, duplex: "half" }
        await expect(fetch(`${url}/v1/chat/completions`, init)).rejects.toThrow("fetch failed")
        expect((await post(url, chat)).status).toBe(200)
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("passes on every field that a provider can honor", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway()
      const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } }
      const body = {
        model: "claude",
        messages: [
          { role: "developer", content: "Be brief" },
          { role: "user", content: [{ type: "text", text: "Hi" }, image] }
        ],
        max_tokens: 50,
        temperature: 0.5,
        stop: ["END"],
        user: "somebody",
        store: false,
        n: 1
      }
      expect((yield* Effect.promise(() => post(url, body))).status).toBe(200)
      const [request] = yield* Simulator.requests
      expect(request?.body).toMatchObject({
        max_tokens: 50,
        temperature: 0.5,
        stop_sequences: ["END"],
        messages: [{ role: "user", content: [{ type: "text", text: "Hi" }, { type: "image" }] }]
      })
      expect(JSON.stringify(request)).not.toContain("somebody")
      expect(JSON.stringify(request)).not.toContain("ada")
    }).pipe(withSimulator())
  )
})

describe("a caller", () => {
  it.scopedLive("with too many requests in progress gets a 429, until one of them ends", () =>
    Effect.gen(function* () {
      const { url } = yield* gateway({ limits: { concurrency: 2 } })
      const abort = new AbortController()
      const stream = JSON.stringify({ ...chat, stream: true })
      const headers = { authorization: "Bearer key-of-ada" }
      yield* Effect.promise(async () => {
        const open = () =>
          fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body: stream, signal: abort.signal })
        await Promise.all([open(), open()])
        const { status, response, json } = await post(url, chat)
        expect(status).toBe(429)
        expect(json.error).toMatchObject({ code: "rate_limit_exceeded" })
        expect(response.headers.get("retry-after")).toBe("1")
        abort.abort()
      })
      const requests = yield* Simulator.requests
      yield* Effect.forEach(requests, ({ closed }) => closed)
      expect((yield* Effect.promise(() => post(url, chat))).status).toBe(200)
    }).pipe(
      withSimulator({
        script: [{ fault: { type: "stall", afterChunks: 1 } }, { fault: { type: "stall", afterChunks: 1 } }]
      })
    )
  )

  it.scopedLive("that is too fast gets a 429 with a wait, and does not slow down another one", () =>
    Effect.gen(function* () {
      const keys = ["ada", "eve"].map((name) => ({ key: Redacted.make(`key-of-${name}`), caller: { name } }))
      const { url } = yield* gateway({
        authorize: yield* Gateway.authorizeKeys(keys),
        limits: { requestsPerMinute: 20 }
      })
      yield* Effect.promise(async () => {
        const answers = [await post(url, chat), await post(url, chat), await post(url, chat)]
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
        expect(Number(answers[2]?.response.headers.get("retry-after"))).toBeGreaterThanOrEqual(1)
        expect((await post(url, chat, "chat/completions", "key-of-eve")).status).toBe(200)
      })
    }).pipe(withSimulator())
  )

  it.scopedLive("has its own limits, and its budget is a 429 without a retry", () =>
    Effect.gen(function* () {
      const spending = yield* Spending
      const guarded = LLMClient.layer({
        model: "anthropic/claude-sonnet-4-5",
        policies: [Policy.retry()],
        guards: [spending.policy]
      })
      const { url } = yield* gateway({
        models: { claude: guarded, gemini: guarded, vectors: guarded },
        authorize: () => Effect.succeed({ name: "ada", limits: { requestsPerMinute: 10_000 } }),
        limits: { requestsPerMinute: 1 }
      })
      yield* Effect.promise(async () => {
        const budget = { status: 429, json: { error: { type: "insufficient_quota", code: "insufficient_quota" } } }
        for (const stream of [true, false]) {
          const refused = await post(url, { ...chat, stream })
          expect(refused).toMatchObject(budget)
          expect(refused.response.headers.get("x-should-retry")).toBe("false")
        }
      })
      expect(yield* Simulator.requests).toEqual([])
    }).pipe(
      Effect.provide(Spending.layer({ budget: { total: 0.000001 } })),
      Effect.provide(ModelCatalog.layer),
      withSimulator()
    )
  )

  it.scopedLive("has a cache and a budget of its own, where these are by caller", () =>
    Effect.gen(function* () {
      const names = ["ada", "eve", "poor"]
      const keys = names.map((name) => ({ key: Redacted.make(`key-of-${name}`), caller: { name } }))
      const spending = yield* Spending
      const scoped = LLMClient.layer({
        model: "anthropic/claude-sonnet-4-5",
        policies: [yield* Policy.cache({ ttl: "1 hour", scope: (_, { caller }) => caller ?? "nobody" })],
        guards: [spending.policy]
      })
      const { url } = yield* gateway({
        models: { claude: scoped, gemini: scoped, vectors: scoped },
        authorize: yield* Gateway.authorizeKeys(keys)
      })
      yield* Effect.promise(async () => {
        const statuses: Array<number> = []
        for (const name of ["ada", "ada", "eve", "poor"]) {
          statuses.push((await post(url, chat, "chat/completions", `key-of-${name}`)).status)
        }
        expect(statuses).toEqual([200, 200, 200, 429])
      })
      expect(yield* Simulator.requests).toHaveLength(2)
    }).pipe(
      Effect.provide(Spending.layer({ budget: { callers: { poor: 0.000001 } } })),
      Effect.provide(ResponseCache.memory),
      Effect.provide(ModelCatalog.layer),
      withSimulator()
    )
  )
})
