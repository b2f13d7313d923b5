/** The mapping of error responses to errors, their messages, and the secrets that errors never contain. */
import { inspect } from "node:util"
import { brotliCompressSync } from "node:zlib"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Deferred, Duration, Effect, Layer, Logger, Redacted, Stream, Tracer } from "effect"
import { collect, isTransient, LLMClient, type LLMError, OpenAI, type Timeouts } from "llm-connectivity"
import { atAnySpeed } from "../support/atAnySpeed.js"
import { clients } from "../support/contract.js"
import { clientOf, done, finish, hello, key, say } from "../support/openai.js"
import { type Handler, json, serve, sse } from "../support/server.js"

const failure = (
  handler: Handler,
  options: Parameters<typeof clientOf>[1] = {},
  http = clients.Fetch
): Effect.Effect<LLMError, unknown> =>
  Effect.gen(function* () {
    const server = yield* serve(handler)
    return yield* collect(LLMClient.chatStream(hello)).pipe(
      Effect.flip,
      Effect.provide(clientOf(server.url, options, http))
    )
  }).pipe(Effect.scoped)

const error = (message: string, code?: string, type?: string) => ({ error: { message, code, type } })

const completion = { choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }] }

const table: ReadonlyArray<readonly [string, number, unknown, Record<string, string>, object]> = [
  [
    "an invalid key",
    401,
    error("Incorrect API key provided: sk-no", "invalid_api_key"),
    {},
    { _tag: "AuthenticationError", status: 401 }
  ],
  ["a missing right", 403, error("not allowed"), {}, { _tag: "AuthenticationError" }],
  ["an empty account", 402, error("pay"), {}, { _tag: "InsufficientCreditsError" }],
  [
    "an exhausted quota, which is not a rate limit",
    429,
    error("You exceeded your current quota", "insufficient_quota"),
    {},
    { _tag: "InsufficientCreditsError" }
  ],
  [
    "a rate limit",
    429,
    error("Rate limit reached. Please try again in 20s.", "rate_limit_exceeded"),
    { "x-request-id": "req_1" },
    { _tag: "RateLimitError", reason: "RateLimit", retryAfter: Duration.seconds(20), requestId: "req_1" }
  ],
  [
    "a single request above the tokens per minute, which no retry can fix",
    429,
    error("Request too large for gpt-4o on tokens per min (TPM): Limit 30000"),
    {},
    { _tag: "ContextWindowExceededError" }
  ],
  [
    "an unknown model",
    404,
    error("The model `x` does not exist", "model_not_found"),
    {},
    { _tag: "ModelNotFoundError" }
  ],
  ["an unknown model as a bad request", 400, error("no", "model_not_found"), {}, { _tag: "ModelNotFoundError" }],
  [
    "an overloaded model, which is not a missing one",
    503,
    error("The model is overloaded"),
    {},
    { _tag: "RateLimitError", reason: "Overloaded" }
  ],
  [
    "a prompt above the context window",
    400,
    error("This model's maximum context length is 8192 tokens", "context_length_exceeded"),
    {},
    { _tag: "ContextWindowExceededError" }
  ],
  ["too large a body", 413, "", {}, { _tag: "ContextWindowExceededError" }],
  ["a bad request", 400, error("bad", undefined, "invalid_request_error"), {}, { _tag: "ValidationError" }],
  [
    "a bad request that the provider marks as retryable",
    400,
    error("odd"),
    { "x-should-retry": "true" },
    { _tag: "NetworkError", reason: "Server", retryable: true }
  ],
  ["a conflict", 409, error("busy"), {}, { _tag: "NetworkError", reason: "Server" }],
  [
    "a server error",
    500,
    error("oops", undefined, "server_error"),
    {},
    { _tag: "NetworkError", reason: "Server", retryable: true }
  ],
  [
    "a server error that the provider marks as not retryable",
    500,
    error("oops"),
    { "x-should-retry": "false" },
    { _tag: "NetworkError", retryable: false }
  ],
  ["a gateway's page", 502, "<html>bad gateway</html>", {}, { _tag: "NetworkError", reason: "Server", status: 502 }],
  [
    "xAI's flat error",
    400,
    { code: "Client specified an invalid argument", error: "Incorrect API key provided" },
    {},
    { _tag: "AuthenticationError" }
  ],
  [
    "Mistral's flat error",
    422,
    { object: "error", message: { detail: [{ msg: "bad" }] } },
    {},
    { _tag: "ValidationError" }
  ],
  ["a list, as Google's compatible endpoint sends", 429, [error("slow down")], {}, { _tag: "RateLimitError" }],
  ["nothing at all", 500, "", {}, { _tag: "NetworkError", reason: "Server" }],
  ["a teapot", 418, "", {}, { _tag: "ProviderError", status: 418 }]
]

describe("an error response", () => {
  it.live.each(table)("is classified by code and message before status: %s", ([, status, body, headers, expected]) =>
    Effect.gen(function* () {
      expect(yield* failure((response) => json(response, status, body, headers))).toMatchObject(expected)
    })
  )

  it.live("says in one line what to do", () =>
    Effect.gen(function* () {
      const limited = yield* failure((response) => json(response, 429, error("Too many"), { "retry-after": "20" }))
      expect(limited.message).toBe("openai/gpt-4o-mini is rate limited; try again in 20s (it says: Too many)")
    })
  )

  it.live.each(Object.entries(clients))(
    "over %s: fails on a redirect, and sends nothing to the other host",
    ([, http]) =>
      Effect.gen(function* () {
        const other = yield* serve((response) => json(response, 200, {}))
        const refused = yield* failure(
          (response) => {
            response.writeHead(307, { location: `${other.url}/v1/chat/completions` }).end()
          },
          {},
          http
        )
        expect(refused._tag).toBe("ProviderError")
        expect(refused.message).toContain("redirects to another address")
        expect(other.requests).toEqual([])
      }).pipe(Effect.scoped)
  )

  it.live.each(Object.entries(clients))(
    "over %s: is not quoted where it is compressed with Brotli and the client does not decompress it",
    ([, http]) =>
      Effect.gen(function* () {
        const headers = { "content-type": "application/json", "content-encoding": "br" }
        const server = yield* serve((response, _, index) =>
          response
            .writeHead(index === 0 ? 200 : 429, headers)
            .end(brotliCompressSync(JSON.stringify(index === 0 ? completion : error("slow down"))))
        )
        const ask = Effect.either(Effect.provide(LLMClient.chat(hello), clientOf(server.url, {}, http)))
        const [whole, rejected] = [yield* ask, yield* ask]
        const isDecompressed = http === clients.Fetch
        expect(whole).toMatchObject(
          isDecompressed
            ? { right: { content: "Hello" } }
            : { left: { _tag: "ProviderError", message: expect.stringContaining("sent a compressed response") } }
        )
        expect(rejected).toMatchObject({
          left: {
            _tag: "RateLimitError",
            message: `openai/gpt-4o-mini is rate limited; try again later${isDecompressed ? " (it says: slow down)" : ""}`
          }
        })
      }).pipe(Effect.scoped)
  )

  it.live.each(Object.entries(clients))(
    "over %s: says so of a stream that is compressed with Brotli, if the client does not decompress it",
    ([, http]) =>
      Effect.gen(function* () {
        const event = { choices: [{ index: 0, delta: { content: "Hello" }, finish_reason: "stop" }] }
        const server = yield* serve((response) =>
          response
            .writeHead(200, { "content-type": "text/event-stream", "content-encoding": "br" })
            .end(brotliCompressSync(`data: ${JSON.stringify(event)}\n\ndata: [DONE]\n\n`))
        )
        const read = collect(LLMClient.chatStream(hello)).pipe(Effect.provide(clientOf(server.url, {}, http)))
        expect(yield* Effect.either(read)).toMatchObject(
          http === clients.Fetch
            ? { right: { content: "Hello" } }
            : { left: { _tag: "ProviderError", message: expect.stringContaining("sent a compressed response") } }
        )
      }).pipe(Effect.scoped)
  )

  it.live("says that the server redirects where a browser shows only the status 0", () =>
    Effect.gen(function* () {
      const redirecting = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, Response.error()))
      )
      const client = clientOf("https://a.com", {}, Layer.succeed(HttpClient.HttpClient, redirecting))
      const refused = yield* Effect.flip(Effect.provide(LLMClient.chat(hello), client))
      expect(refused).toMatchObject({ _tag: "ProviderError", status: 0 })
      expect(refused.message).toContain("redirects to another address")
    })
  )

  it.live("is read up to 64 KiB, then its connection is closed", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const error = yield* failure((response) => {
        response.writeHead(500)
        const timer = setInterval(() => response.write("x".repeat(16 * 1024)), 1)
        response.on("close", () => {
          clearInterval(timer)
          Deferred.unsafeDone(closed, Effect.void)
        })
      })
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Server" })
      expect(error.message.length).toBeLessThan(400)
      yield* Effect.timeoutFail(Deferred.await(closed), { duration: "15 seconds", onTimeout: () => "left open" })
    })
  )

  it.live("is a NetworkError when no server listens at the address", () =>
    Effect.gen(function* () {
      const unreachable = yield* collect(LLMClient.chatStream(hello)).pipe(
        Effect.flip,
        Effect.provide(clientOf("http://127.0.0.1:1"))
      )
      expect(unreachable).toMatchObject({ _tag: "NetworkError", reason: "Connection" })
    })
  )

  it.live(
    "asks whether a server runs at the base URL where this machine refuses the connection, and nowhere else",
    () =>
      Effect.gen(function* () {
        const messageOf = (url: string, code: string) => {
          const broken = HttpClient.make((request) =>
            Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: { code } }))
          )
          const client = clientOf(url, {}, Layer.succeed(HttpClient.HttpClient, broken))
          return Effect.map(Effect.flip(Effect.provide(LLMClient.chat(hello), client)), ({ message }) => message)
        }
        for (const origin of ["http://localhost:11434", "http://127.0.0.1:8080", "http://[::1]:1"]) {
          expect(yield* messageOf(origin, "ECONNREFUSED")).toBe(
            `openai could not be reached (ECONNREFUSED); is a server running at ${origin}?`
          )
          expect(yield* messageOf(origin, "ECONNRESET")).toContain("check the network and the base URL")
        }
        expect(yield* messageOf("https://localhost.example.com", "ECONNREFUSED")).toContain("check the network")
      })
  )
})

describe("an expired timeout", () => {
  it.live.each([
    ["headers", { headers: "40 millis" }, (): void => {}],
    ["firstContent", { firstContent: "40 millis" }, (): void => {}],
    ["firstContent", { firstContent: "40 millis" }, (response) => void sse(response)],
    [
      "firstContent",
      { firstContent: "120 millis", idle: "90 millis" },
      (response) => {
        sse(response)
        const timer = setInterval(() => response.write(": keep-alive\n\n"), 20)
        response.on("close", () => clearInterval(timer))
      }
    ],
    ["idle", { idle: "40 millis" }, (response) => void sse(response, say("a"))],
    [
      "total",
      { total: "60 millis" },
      (response) => {
        const timer = setInterval(() => response.write(say("a")), 10)
        sse(response)
        response.on("close", () => clearInterval(timer))
      }
    ]
  ] satisfies ReadonlyArray<readonly [string, Timeouts, Handler]>)(
    "is named in the error: %s",
    ([timeout, timeouts, handler]) =>
      Effect.gen(function* () {
        const error = yield* failure(handler, { timeouts })
        expect(error).toMatchObject({ _tag: "NetworkError", reason: "Timeout", timeout })
        expect(error.message).toMatch(/(?:within|for) \d+ms; try again, or raise the \w+ timeout/)
      })
  )

  it.live("does not end events that arrive under the content type of JSON", () =>
    atAnySpeed(
      Effect.fnUntraced(function* (factor) {
        const rest = [say("b"), say("c"), `${say("d")}${finish()}${done}`]
        const server = yield* serve((reply) => {
          reply.writeHead(200, { "content-type": "application/json" }).write(say("a"))
          const timer = setInterval(
            () => void (rest.length === 0 ? reply.end() : reply.write(rest.shift())),
            30 * factor
          )
          reply.on("close", () => clearInterval(timer))
        })
        const stream = LLMClient.chatStream(hello, { timeouts: { firstContent: 60 * factor } })
        const { content } = yield* Effect.provide(collect(stream), clientOf(server.url))
        expect(content).toBe("abcd")
      }, Effect.scoped)
    )
  )

  it.live("expires the total while the library is busy with a stream that never waits", () =>
    Effect.gen(function* () {
      const read = new TextEncoder().encode(say("a").repeat(500))
      const endless = HttpClient.make((request) =>
        Effect.succeed(
          HttpClientResponse.fromWeb(
            request,
            new Response(new ReadableStream({ pull: (controller) => controller.enqueue(read) }), {
              headers: { "content-type": "text/event-stream" }
            })
          )
        )
      )
      const client = clientOf("http://127.0.0.1:1", {}, Layer.succeed(HttpClient.HttpClient, endless))
      const stream = LLMClient.chatStream(hello, { timeouts: { total: "100 millis" } })
      const error = yield* Effect.flip(Effect.provide(Stream.runDrain(stream), client))
      expect(error).toMatchObject({ _tag: "NetworkError", reason: "Timeout", timeout: "total" })
    })
  )

  it.live("does not count the time in which the consumer is busy", () =>
    atAnySpeed(
      Effect.fnUntraced(function* (factor) {
        const server = yield* serve((response) =>
          sse(response, say("a"), say("b")).end(`${say("c")}${finish()}${done}`)
        )
        const slow = yield* LLMClient.chatStream(hello, { timeouts: { idle: 50 * factor, total: 100 * factor } }).pipe(
          Stream.mapEffect((chunk) => Effect.as(Effect.sleep(80 * factor), chunk.content)),
          Stream.mkString,
          Effect.provide(clientOf(server.url))
        )
        expect(slow).toBe("abc")
      }, Effect.scoped)
    )
  )
})

describe("the key and the prompt", () => {
  const canary = "canary-prompt: the treasure lies under the third oak"
  const echo: Handler = (response, { headers, body }, index) => {
    const [, status = 400, reply = ""] = table[index] ?? []
    const words = typeof reply === "string" ? reply : JSON.stringify(reply).slice(0, -2)
    json(response, status, error(`${words} ${headers["authorization"]} ${key} ${JSON.parse(body).messages[0].content}`))
  }
  const kinds: ReadonlyArray<readonly [string, Handler]> = [
    ...table.map(([name], index): readonly [string, Handler] => [
      name,
      (response, request) => echo(response, request, index)
    ]),
    ["a reset", (response) => void response.socket?.resetAndDestroy()],
    ["a cut", (response) => void sse(response, say(canary)).end()],
    ["garbage", (response) => void sse(response, `data: {"choices":"${key} ${canary}"}\n\n`).end()],
    ["a refused certificate of sorts", (response) => void response.socket?.end("HTTP/1.1 nonsense\r\n\r\n")]
  ]

  it.live.each(kinds)("never appear in an error, even when the provider echoes them: %s", ([, handler]) =>
    Effect.gen(function* () {
      const server = yield* serve(handler)
      const printed: Array<string> = []
      const look = (value: unknown) => printed.push(inspect(value, { depth: 20, showHidden: true, getters: true }))
      const tracer = Tracer.make({
        span: (name, parent, context, links, startTime, kind) => {
          const span: Tracer.Span = {
            _tag: "Span",
            name,
            spanId: "s",
            traceId: "t",
            parent,
            context,
            links,
            kind,
            sampled: true,
            status: { _tag: "Started", startTime },
            attributes: new Map(),
            addLinks: () => {},
            end: (_, exit) => look(exit),
            attribute: (name, value) => look([name, value]),
            event: (name, _, attributes) => look([name, attributes])
          }
          look(span)
          return span
        },
        context: (run) => run()
      })
      const logger = Logger.make(({ cause, message }) => {
        look(message)
        look(Cause.pretty(cause))
      })
      const request = { messages: [{ role: "user", content: canary } as const] }
      const program = Effect.gen(function* () {
        const error = yield* Effect.flip(collect(LLMClient.chatStream(request)).pipe(Effect.withSpan("app")))
        yield* Effect.logError("failed", error, Cause.fail(error))
        look(yield* LLMClient)
        look(
          yield* Layer.build(OpenAI.layer({ apiKey: Redacted.make(key), baseUrl: server.url })).pipe(
            Effect.provide(FetchHttpClient.layer)
          )
        )
        return error
      })
      const failed = yield* program.pipe(
        Effect.withTracer(tracer),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Effect.provide(clientOf(server.url)),
        Effect.scoped
      )
      for (const log of [Logger.jsonLogger, Logger.logfmtLogger, Logger.stringLogger]) {
        yield* Effect.logError("failed", failed).pipe(
          Effect.provide(Logger.replace(Logger.defaultLogger, Logger.map(log, look)))
        )
      }
      look(failed)
      printed.push(
        JSON.stringify(failed),
        String(failed),
        failed.message,
        failed.stack ?? "",
        Cause.pretty(Cause.fail(failed))
      )
      expect(printed.length).toBeGreaterThan(8)
      for (const text of printed) {
        expect(text).not.toContain("canary-key")
        expect(text).not.toContain("treasure lies")
      }
      expect(failed.attempts).toBe(1)
      expect(isTransient(failed) || failed.message.length > 0).toBe(true)
    }).pipe(Effect.scoped)
  )
})
