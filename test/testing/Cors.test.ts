/** The Simulator lets pages of other origins in as the providers do. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Anthropic, LLMClient } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { sampleRequest } from "../support/contract.js"

const origin = "https://page.example"
const consent = "anthropic-dangerous-direct-browser-access"

const send = (path: string, init: RequestInit) =>
  Effect.flatMap(Simulator, ({ url }) => Effect.promise(() => fetch(`${url}${path}`, init)))

/** Asks as a browser does before it sends what the page wants to send. */
const ask = (path: string, wanted: string) =>
  send(path, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": wanted }
  })

const allowed = (response: Response, name: string) => response.headers.get(`access-control-${name}`)

describe("Simulator", () => {
  it.live("answers a preflight with the requested headers, and does not record it", () =>
    Effect.gen(function* () {
      const response = yield* ask("/v1/chat/completions", "authorization,content-type")
      expect(response.status).toBe(204)
      expect(allowed(response, "allow-origin")).toBe("*")
      expect(allowed(response, "allow-headers")).toBe("authorization,content-type")
      expect(yield* Simulator.requests).toEqual([])
      yield* send("/v1/chat/completions", { method: "POST", body: "{}" })
      expect(yield* Simulator.requests).toHaveLength(1)
    }).pipe(Effect.provide(Simulator.layer()))
  )

  it.live("lets a page read every response, including errors and their headers", () =>
    Effect.gen(function* () {
      const asked = yield* send("/v1/chat/completions", { method: "POST", body: "{}", headers: { origin } })
      expect(asked.status).toBe(401)
      expect(allowed(asked, "allow-origin")).toBe("*")
      expect(allowed(asked, "expose-headers")).toBe("*")
      const elsewhere = yield* send("/v1/chat/completions", { method: "POST", body: "{}" })
      expect(allowed(elsewhere, "allow-origin")).toBeNull()
    }).pipe(Effect.provide(Simulator.layer()))
  )

  it.live("rejects browser requests to Anthropic without the opt-in header", () =>
    Effect.gen(function* () {
      expect(allowed(yield* ask("/v1/messages", "x-api-key"), "allow-origin")).toBeNull()
      expect(allowed(yield* ask("/v1/messages", `x-api-key, ${consent}`), "allow-origin")).toBe("*")
      const post = (headers: Record<string, string>) =>
        send("/v1/messages", { method: "POST", body: "{}", headers: { origin, ...headers } })
      expect(allowed(yield* post({}), "allow-origin")).toBeNull()
      expect(allowed(yield* post({ [consent]: "true" }), "allow-origin")).toBe("*")
    }).pipe(Effect.provide(Simulator.layer()))
  )
})

describe("Anthropic", () => {
  it.live("sends the opt-in header exactly if dangerouslyAllowBrowser is set", () =>
    Effect.gen(function* () {
      const { apiKey, baseUrls } = yield* Simulator
      const chat = (dangerouslyAllowBrowser: boolean) =>
        Effect.provide(
          LLMClient.chat(sampleRequest),
          LLMClient.fromProvider(Anthropic, { model: "claude-sonnet-5" }).pipe(
            Layer.provide(Anthropic.layer({ apiKey, baseUrl: baseUrls.anthropic, dangerouslyAllowBrowser })),
            Layer.provide(FetchHttpClient.layer)
          )
        )
      yield* chat(false)
      yield* chat(true)
      const requests = yield* Simulator.requests
      expect(requests.map(({ headers }) => headers[consent])).toEqual([undefined, "true"])
    }).pipe(Effect.provide(Simulator.layer({ pace: 0 })))
  )
})
