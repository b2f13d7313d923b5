/** Authentication: rotating keys, refreshed tokens, and errors without secrets. */
import type { HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Redacted, Schedule } from "effect"
import {
  type Auth,
  AuthenticationError,
  type Credentials,
  collect,
  type FromProviderOptions,
  LLMClient,
  NetworkError,
  OpenAI,
  Policy
} from "llm-connectivity"
import { clients } from "../support/contract.js"
import { done, finish, hello, say } from "../support/openai.js"
import { type Handler, json, type SeenRequest, serve, sse } from "../support/server.js"

const retry = Policy.retry({ network: Schedule.recurs(3), rateLimit: Schedule.recurs(3) })

const clientOf = (
  url: string,
  apiKey: Credentials,
  options: Partial<FromProviderOptions> = {},
  http: Layer.Layer<HttpClient.HttpClient> = clients.Fetch
) =>
  LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini", policies: [], ...options }).pipe(
    Layer.provide(OpenAI.layer({ apiKey, baseUrl: `${url}/v1` })),
    Layer.provide(http),
    Layer.orDie
  )

const keyOf = ({ headers }: SeenRequest): string => headers.authorization?.replace("Bearer ", "") ?? ""

const answer: Handler = (response) => void sse(response, say("ok"), finish(), done).end()

const refuse = (response: Parameters<Handler>[0], message: string): void =>
  json(response, 401, { error: { message, code: "invalid_api_key" } })

const chat = collect(LLMClient.chatStream(hello))

/** A token that a refresh replaces: `token-0`, then `token-1`. */
const refreshing = () => {
  let refreshes = 0
  const token = () => `canary-token-${refreshes}`
  const auth: Auth = {
    sign: () => Effect.sync(() => ({ headers: { authorization: `Bearer ${token()}` }, secrets: [token()] })),
    onUnauthorized: Effect.sync(() => {
      refreshes++
    })
  }
  return { auth, count: () => refreshes }
}

const at = { provider: "openai", model: "gpt-4o-mini", message: "the token service is down" }

describe("an API key that is an effect", () => {
  const rotating = () => {
    let reads = 0
    return Effect.sync(() => Redacted.make(`sk-canary-${reads++}`))
  }

  it.live("is read for each call", () =>
    Effect.gen(function* () {
      const server = yield* serve(answer)
      yield* Effect.provide(
        Effect.zip(chat, LLMClient.chat(hello).pipe(Effect.ignore)),
        clientOf(server.url, rotating())
      )
      expect(server.requests.map(keyOf)).toEqual(["sk-canary-0", "sk-canary-1"])
    }).pipe(Effect.scoped)
  )

  it.live("is read for each retry of a call", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, request, index) =>
        index < 2 ? json(response, 503, {}) : answer(response, request, index)
      )
      const response = yield* Effect.provide(chat, clientOf(server.url, rotating(), { policies: [retry] }))
      expect(response.content).toBe("ok")
      expect(server.requests.map(keyOf)).toEqual(["sk-canary-0", "sk-canary-1", "sk-canary-2"])
    }).pipe(Effect.scoped)
  )

  it.live("is read for embeddings too", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => json(response, 200, { data: [{ embedding: [1] }] }))
      const embed = LLMClient.embed({ model: "e", input: "text" })
      yield* Effect.provide(Effect.zip(embed, embed), clientOf(server.url, rotating()))
      expect(server.requests.map(keyOf)).toEqual(["sk-canary-0", "sk-canary-1"])
    }).pipe(Effect.scoped)
  )

  it.live("never appears in an error, even when the provider echoes it after a rotation", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, request) => refuse(response, `cannot use ${keyOf(request)} here`))
      const client = yield* Layer.build(clientOf(server.url, rotating()))
      for (let call = 0; call < 2; call++) {
        const error = yield* Effect.flip(Effect.provide(chat, client))
        expect(error.message).toContain("cannot use […] here")
      }
      expect(server.requests.map(keyOf)).toEqual(["sk-canary-0", "sk-canary-1"])
    }).pipe(Effect.scoped)
  )

  it.live.each(["", "sk-canary\r\nx-admin: 1", "sk canary", "sk-cänary"])(
    "fails the call with an AuthenticationError that does not quote it, when it is malformed: %j",
    (key) =>
      Effect.gen(function* () {
        const server = yield* serve(answer)
        const error = yield* Effect.flip(
          Effect.provide(chat, clientOf(server.url, Effect.succeed(key), { policies: [retry] }))
        )
        expect(error).toMatchObject({ _tag: "AuthenticationError", provider: "openai", attempts: 1 })
        expect(error.message).toMatch(/^openai: the API key (?:is empty|contains)/)
        expect(error.message).not.toMatch(/canary|cänary/)
        expect(server.requests).toEqual([])
      }).pipe(Effect.scoped)
  )
})

describe.each(Object.entries(clients))("an auth that refreshes, over the %s client", (_, http) => {
  it.live("refreshes once after a 401 and sends the request again with a new signature", () =>
    Effect.gen(function* () {
      const { auth, count } = refreshing()
      const server = yield* serve((response, request, index) =>
        index === 0 ? refuse(response, "expired") : answer(response, request, index)
      )
      const response = yield* Effect.provide(chat, clientOf(server.url, auth, {}, http))
      expect(response.content).toBe("ok")
      expect(count()).toBe(1)
      expect(server.requests.map(keyOf)).toEqual(["canary-token-0", "canary-token-1"])
      expect(server.requests[1]?.body).toBe(server.requests[0]?.body)
    }).pipe(Effect.scoped)
  )

  it.live("fails with an AuthenticationError on the second 401, without a third request", () =>
    Effect.gen(function* () {
      const { auth, count } = refreshing()
      const server = yield* serve((response) => refuse(response, "expired"))
      const error = yield* Effect.flip(Effect.provide(chat, clientOf(server.url, auth, { policies: [retry] }, http)))
      expect(error).toMatchObject({ _tag: "AuthenticationError", status: 401, attempts: 1 })
      expect(count()).toBe(1)
      expect(server.requests).toHaveLength(2)
    }).pipe(Effect.scoped)
  )

  it.live("reads the body of the first 401, so that its socket serves the second request", () =>
    Effect.gen(function* () {
      let socketsAtSecond = 0
      const server = yield* serve((response, request, index) => {
        if (index === 0) return refuse(response, "x".repeat(32 * 1024))
        socketsAtSecond = server.sockets.size
        return answer(response, request, index)
      })
      // A client returns a socket to its pool a moment after the end of the body.
      const auth: Auth = { ...refreshing().auth, onUnauthorized: Effect.sleep("20 millis") }
      yield* Effect.provide(chat, clientOf(server.url, auth, {}, http))
      expect(socketsAtSecond).toBe(1)
    }).pipe(Effect.scoped)
  )
})

describe("an auth", () => {
  it.live("does not refresh after other failures, or without onUnauthorized", () =>
    Effect.gen(function* () {
      const { auth, count } = refreshing()
      const forbidden = yield* serve((response) => json(response, 403, {}))
      yield* Effect.flip(Effect.provide(chat, clientOf(forbidden.url, auth)))
      expect(count()).toBe(0)
      const unauthorized = yield* serve((response) => refuse(response, "wrong"))
      yield* Effect.flip(Effect.provide(chat, clientOf(unauthorized.url, "sk-constant")))
      expect([forbidden.requests.length, unauthorized.requests.length]).toEqual([1, 1])
    }).pipe(Effect.scoped)
  )

  it.live("fails the call with the error of its refresh", () =>
    Effect.gen(function* () {
      const server = yield* serve((response) => refuse(response, "expired"))
      const auth: Auth = { ...refreshing().auth, onUnauthorized: Effect.fail(new AuthenticationError(at)) }
      const error = yield* Effect.flip(Effect.provide(chat, clientOf(server.url, auth)))
      expect(error).toMatchObject({ _tag: "AuthenticationError", message: at.message })
      expect(server.requests).toHaveLength(1)
    }).pipe(Effect.scoped)
  )

  it.live("keeps the secrets of both requests out of errors that echo them", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, request) =>
        refuse(
          response,
          `canary-token-0 was revoked, ${keyOf(request)} is unknown, x-extra ${request.headers["x-extra"]}`
        )
      )
      const { auth } = refreshing()
      const sign: Auth["sign"] = (request) =>
        Effect.map(auth.sign(request), ({ headers, secrets }) => ({
          headers: { ...headers, "x-extra": "canary-extra" },
          secrets: [...secrets, "canary-extra"]
        }))
      const error = yield* Effect.flip(Effect.provide(chat, clientOf(server.url, { ...auth, sign })))
      expect(error.message).toContain("[…] was revoked, […] is unknown, x-extra […]")
      expect(`${JSON.stringify(error)}${error.stack}`).not.toContain("canary")
    }).pipe(Effect.scoped)
  )

  it.live("keeps its secrets out of an error inside a stream", () =>
    Effect.gen(function* () {
      const server = yield* serve(
        (response, request) =>
          void sse(response, say("a"), `data: {"error":{"message":"key ${keyOf(request)} ended"}}\n\n`).end()
      )
      const error = yield* Effect.flip(Effect.provide(chat, clientOf(server.url, refreshing().auth)))
      expect(error.message).toContain("key […] ended")
    }).pipe(Effect.scoped)
  )

  it.live("signs the bytes, the URL and the headers that are sent", () =>
    Effect.gen(function* () {
      const signed: Array<unknown> = []
      const server = yield* serve(answer)
      const auth: Auth = {
        sign: ({ method, url, headers, body }) =>
          Effect.sync(() => {
            signed.push([method, url, headers["content-type"], new TextDecoder().decode(body)])
            return { headers: { "x-signature": "s" }, secrets: [] }
          })
      }
      yield* Effect.provide(chat, clientOf(server.url, auth))
      const [request] = server.requests
      expect(signed).toEqual([
        ["POST", `${server.url}${request?.url}`, request?.headers["content-type"], request?.body]
      ])
      expect(request?.headers["x-signature"]).toBe("s")
    }).pipe(Effect.scoped)
  )

  const failing = (error: AuthenticationError | NetworkError) => {
    let signatures = 0
    const auth: Auth = {
      sign: () =>
        Effect.suspend(() =>
          signatures++ === 0
            ? Effect.fail(error)
            : Effect.succeed({ headers: { authorization: "Bearer later" }, secrets: ["later"] })
        )
    }
    return auth
  }

  it.live.each(Object.entries(clients))(
    "fails the call without a retry and without quoting it, when it signs with a line end: the %s client",
    ([, http]) =>
      Effect.gen(function* () {
        const server = yield* serve(answer)
        const headers = { authorization: "Bearer canary-token\r\nx-admin: 1" }
        const auth: Auth = { sign: () => Effect.succeed({ headers, secrets: [] }) }
        const error = yield* Effect.flip(Effect.provide(chat, clientOf(server.url, auth, { policies: [retry] }, http)))
        expect(error).toMatchObject({ _tag: "AuthenticationError", provider: "openai", attempts: 1 })
        expect(error.message).toContain('header "authorization" contains a character that headers must not have')
        expect(error.message).not.toContain("canary")
        expect(server.requests).toEqual([])
      }).pipe(Effect.scoped)
  )

  it.live("fails the call when signing fails, and retries transient failures", () =>
    Effect.gen(function* () {
      const server = yield* serve(answer)
      const down = failing(new NetworkError({ ...at, reason: "Connection" }))
      const response = yield* Effect.provide(chat, clientOf(server.url, down, { policies: [retry] }))
      expect(response.content).toBe("ok")
      expect(server.requests.map(keyOf)).toEqual(["later"])
    }).pipe(Effect.scoped)
  )

  it.live("fails the call without a retry when signing fails permanently", () =>
    Effect.gen(function* () {
      const server = yield* serve(answer)
      const error = yield* Effect.flip(
        Effect.provide(chat, clientOf(server.url, failing(new AuthenticationError(at)), { policies: [retry] }))
      )
      expect(error).toMatchObject({ _tag: "AuthenticationError", message: at.message, attempts: 1 })
      expect(server.requests).toEqual([])
    }).pipe(Effect.scoped)
  )

  const timeouts = { headers: "60 millis", idle: "10 seconds" } as const
  const expired = { _tag: "NetworkError", reason: "Timeout", timeout: "headers" }

  it.live("is interrupted by the header timeout while it signs", () =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const server = yield* serve(answer)
      const auth: Auth = {
        sign: () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      }
      const error = yield* Effect.flip(Effect.provide(chat, clientOf(server.url, auth, { timeouts })))
      expect(error).toMatchObject(expired)
      yield* Effect.timeoutFail(Deferred.await(interrupted), {
        duration: "15 seconds",
        onTimeout: () => "still signing"
      })
      expect(server.requests).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.live("is interrupted by the header timeout while it refreshes, and so is the second request", () =>
    Effect.gen(function* () {
      const server = yield* serve((response, _, index) => {
        if (index !== 2) refuse(response, "expired")
      })
      const auth: Auth = { ...refreshing().auth, onUnauthorized: Effect.never }
      const refreshes = Effect.provide(chat, clientOf(server.url, auth, { timeouts }))
      expect(yield* Effect.flip(Effect.timeout(refreshes, "5 seconds"))).toMatchObject(expired)
      const sends = Effect.provide(chat, clientOf(server.url, refreshing().auth, { timeouts }))
      expect(yield* Effect.flip(Effect.timeout(sends, "5 seconds"))).toMatchObject(expired)
    }).pipe(Effect.scoped)
  )
})
