/** Anthropic's messages over a binary framing and a signature: the seams carry what Bedrock needs. */
import { readFileSync } from "node:fs"
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Stream } from "effect"
import { Anthropic, type ChatResponse, collect, LLMClient, LLMError, type Provider } from "llm-connectivity"
import { ChatFold } from "../../../src/domain/ChatResponse.js"
import { decoders } from "../../../src/provider/engine/ResponseDecoder.js"
import { hello } from "../../support/openai.js"
import { type Handler, json, resetAfter, serve, sse } from "../../support/server.js"
import * as bedrock from "./bedrock.js"
import { encodeChunk, encodeException, encodeMessage } from "./encodeMessage.js"
import { canonicalRequestOf, problemOf } from "./verifySigV4.js"

const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "canary-secret/access+key/0123456789",
  sessionToken: "canary-session-token//0123456789=="
}
const model = "anthropic.claude-sonnet-4-5-20250929-v1:0"

class Bedrock extends Context.Tag("test/Bedrock")<Bedrock, Provider>() {}

const clientOf = (baseUrl: string, secretAccessKey = credentials.secretAccessKey) =>
  LLMClient.fromProvider(Bedrock, { model, policies: [] }).pipe(
    Layer.provide(
      Layer.effect(
        Bedrock,
        bedrock.make({
          baseUrl,
          region: "us-east-1",
          credentials: Effect.succeed({ ...credentials, secretAccessKey }),
          query: { tier: "a/b", Alpha: "1" }
        })
      )
    ),
    Layer.provide(FetchHttpClient.layer),
    Layer.orDie
  )

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/anthropic-messages/${name}.sse`, import.meta.url), "utf8")

const eventsOf = (name: string): ReadonlyArray<{ readonly type: string }> =>
  fixture(name)
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)))

const join = (...all: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(Buffer.concat(all))

const bytesOf = (name: string): Uint8Array => join(...eventsOf(name).map(encodeChunk))

/** Writes a stream, each write in a network read of its own as far as the network allows. */
const write = (response: Parameters<Handler>[0], ...writes: ReadonlyArray<Uint8Array>) => {
  response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" })
  for (const bytes of writes) response.write(bytes)
  return response
}

/** Refuses what is not signed as AWS does, with the canonical request in the error. */
const verified =
  (handler: Handler): Handler =>
  (response, request, index) => {
    const problem = problemOf(request, credentials.secretAccessKey)
    if (problem === undefined) return handler(response, request, index)
    const message = `The request signature we calculated does not match: ${problem}. The Canonical String should have been '${canonicalRequestOf(request)}'`
    json(
      response,
      403,
      { message },
      {
        "x-amzn-errortype": "InvalidSignatureException",
        "x-amzn-requestid": "aws-request-1"
      }
    )
  }

const answering = (handler: Handler, secretAccessKey?: string) =>
  Effect.gen(function* () {
    const server = yield* serve(verified(handler))
    const result = yield* Effect.either(
      Effect.provide(collect(LLMClient.chatStream(hello)), clientOf(server.url, secretAccessKey))
    )
    return { result, requests: server.requests }
  }).pipe(Effect.scoped)

/** What does not depend on the name of the provider. */
const essence = (response: ChatResponse): unknown =>
  JSON.parse(JSON.stringify({ ...response, rawResponse: null }).replaceAll('"anthropic"', '"bedrock"'))

/** What Anthropic's own provider reads from the same events as server-sent events. */
const overServerSentEvents = (name: string) =>
  Effect.gen(function* () {
    const server = yield* serve((response) => sse(response, fixture(name)).end())
    const layer = LLMClient.fromProvider(Anthropic, { model, policies: [] }).pipe(
      Layer.provide(Anthropic.layer({ apiKey: "key", baseUrl: server.url })),
      Layer.provide(FetchHttpClient.layer)
    )
    return yield* Effect.provide(collect(LLMClient.chatStream(hello)), layer)
  }).pipe(Effect.scoped)

describe("a provider with a binary framing and a signature", () => {
  it.live("sends a request whose signature an independent server accepts, to the path of the model", () =>
    Effect.gen(function* () {
      const { requests, result } = yield* answering((response) => write(response, bytesOf("text")).end())
      expect(result._tag).toBe("Right")
      const [request] = requests
      expect(request?.url).toBe(
        "/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream?tier=a%2Fb&Alpha=1"
      )
      const { model: sentModel, stream, anthropic_version } = JSON.parse(request?.body ?? "{}")
      expect([sentModel, stream, anthropic_version]).toEqual([undefined, undefined, "bedrock-2023-05-31"])
      expect(request?.headers["x-amz-security-token"]).toBe(credentials.sessionToken)
    })
  )

  it.live.each(["text", "thinking-and-tools", "server-tools"])("reads what server-sent events carry: %s", (name) =>
    Effect.gen(function* () {
      const { result } = yield* answering((response) => write(response, bytesOf(name)).end())
      const expected = essence(yield* overServerSentEvents(name))
      expect(result._tag === "Right" && essence(result.right)).toEqual(expected)
    })
  )

  it.live("reads the same response when the server writes byte by byte", () =>
    Effect.gen(function* () {
      const { result } = yield* answering((response) => {
        response.socket?.setNoDelay(true)
        write(response, ...Array.from(bytesOf("text"), (byte) => Uint8Array.of(byte))).end()
      })
      expect(result).toMatchObject({ _tag: "Right", right: { content: "Grüß Gott", finishReason: "stop" } })
    })
  )

  it.live("requests a response in one piece as JSON, signed too", () =>
    Effect.gen(function* () {
      const server = yield* serve(
        verified((response) =>
          json(response, 200, { model, content: [{ type: "text", text: "Hi" }], stop_reason: "end_turn" })
        )
      )
      const response = yield* Effect.provide(LLMClient.chat(hello), clientOf(server.url))
      expect(response).toMatchObject({ content: "Hi", finishReason: "stop", provider: "bedrock" })
      expect(server.requests[0]?.url).toContain("-v1%3A0/invoke?")
    }).pipe(Effect.scoped)
  )

  it.live("fails with an AuthenticationError on a wrong secret, and repeats no credential that AWS echoes", () =>
    Effect.gen(function* () {
      const { result, requests } = yield* answering(() => {}, "another-secret/access+key/0123456789")
      expect(result).toMatchObject({
        _tag: "Left",
        left: { _tag: "AuthenticationError", status: 403, requestId: "aws-request-1" }
      })
      const message = result._tag === "Left" ? result.left.message : ""
      expect(message).toContain("The request signature we calculated does not match")
      const signature = /Signature=(\w+)/.exec(requests[0]?.headers.authorization ?? "")?.[1] ?? "missing"
      for (const secret of ["another-secret", "canary-session-token", signature]) expect(message).not.toContain(secret)
    })
  )

  it.live.each([
    ["throttlingException", { _tag: "RateLimitError", reason: "RateLimit" }],
    ["serviceUnavailableException", { _tag: "RateLimitError", reason: "Overloaded" }],
    ["internalServerException", { _tag: "NetworkError", reason: "Server" }],
    ["modelStreamErrorException", { _tag: "NetworkError", reason: "Server" }],
    ["validationException", { _tag: "ValidationError" }],
    ["somethingNewException", { _tag: "ProviderError" }]
  ] as const)(
    "fails with the error of an exception inside a stream, and keeps the partial response: %s",
    ([type, expected]) =>
      Effect.gen(function* () {
        const events = eventsOf("text").slice(0, 4).map(encodeChunk)
        const { result } = yield* answering((response) =>
          write(response, ...events, encodeException(type, "Too much at once")).end()
        )
        const error = result._tag === "Left" ? result.left : undefined
        expect(error).toMatchObject({ ...expected, status: 200, provider: "bedrock", model })
        expect(error?.message).toContain("Too much at once")
        expect(error && LLMError.partial(error)?.content).toBe("Grüß ")
      })
  )

  it.live("fails on an event that has no bytes, as malformed", () =>
    Effect.gen(function* () {
      const empty = encodeMessage({ ":event-type": "chunk", ":message-type": "event" }, '{"bytes":7}')
      const { result } = yield* answering((response) => write(response, empty).end())
      expect(result).toMatchObject({ left: { _tag: "ProviderError" } })
    })
  )

  it.live("fails as truncated when the socket is reset or the body ends inside a message", () =>
    Effect.gen(function* () {
      const bytes = bytesOf("text")
      for (const isReset of [true, false]) {
        const { result } = yield* answering((response) => {
          write(response, bytes.slice(0, bytes.length / 2))
          if (isReset) resetAfter(response, 30)
          else response.end()
        })
        expect(result).toMatchObject({ left: { _tag: "NetworkError", reason: "Truncated" } })
      }
    })
  )

  it.live("fails on a message with a damaged checksum, after the content before it", () =>
    Effect.gen(function* () {
      const events = eventsOf("text").map(encodeChunk)
      const [damaged = new Uint8Array()] = events.splice(4, 1)
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
      const { result } = yield* answering((response) =>
        write(response, ...events.slice(0, 4), damaged, ...events.slice(4)).end()
      )
      const error = result._tag === "Left" ? result.left : undefined
      expect(error).toMatchObject({ _tag: "ProviderError" })
      expect(error?.message).toContain("the checksum of a message is wrong")
      expect(error && LLMError.partial(error)?.content).toBe("Grüß ")
    })
  )

  it.live("closes the socket when its consumer is interrupted", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const started = yield* Deferred.make<void>()
      const server = yield* serve((response) => {
        response.on("close", () => Deferred.unsafeDone(closed, Effect.void))
        write(response, ...eventsOf("text").slice(0, 4).map(encodeChunk))
      })
      const fiber = yield* LLMClient.chatStream(hello).pipe(
        Stream.runForEach(() => Deferred.succeed(started, undefined)),
        Effect.provide(clientOf(server.url)),
        Effect.fork
      )
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      yield* Effect.timeoutFail(Deferred.await(closed), { duration: "15 seconds", onTimeout: () => "left open" })
    }).pipe(Effect.scoped)
  )
})

describe("the decoder of that provider", () => {
  const newDecoder = decoders(bedrock.protocol, { maxEventSize: 64 * 1024, maxResponseBytes: 1024 ** 2 })
  const context = { provider: "bedrock", model, headers: {}, secrets: [], sentTexts: () => [] }

  /** Reads a body that ends cleanly after the given network reads. */
  const decode = (...reads: ReadonlyArray<Uint8Array>) => {
    const decoder = newDecoder(context)
    const fold = new ChatFold()
    for (const bytes of reads) for (const chunk of decoder.push(bytes)) fold.add(chunk)
    for (const chunk of decoder.end()) fold.add(chunk)
    const { outcome } = decoder
    const response = fold.response()
    return outcome === "complete" && response !== undefined ? essence(response) : outcome
  }

  // Every byte of the shortest recording that is complete: the framing knows nothing of what the events say.
  const bytes = bytesOf("text")
  const complete = decode(bytes)
  const events = eventsOf("text")
  const endsOf = events.map((_, index) => join(...events.slice(0, index + 1).map(encodeChunk)).length)
  const finishEnds = endsOf[events.findIndex(({ type }) => type === "message_delta")] ?? 0

  it("gives the same response wherever a read is split, and byte by byte", () => {
    expect(complete).toMatchObject({ finishReason: "stop" })
    const expected = JSON.stringify(complete)
    for (let at = 0; at <= bytes.length; at++) {
      expect(JSON.stringify(decode(bytes.slice(0, at), bytes.slice(at)))).toBe(expected)
    }
    expect(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(complete)
  })

  it("is complete only after the finish reason and between messages, wherever the body is cut", () => {
    for (let at = 0; at < bytes.length; at++) {
      const outcome = decode(bytes.slice(0, at))
      if (at === finishEnds) expect(outcome).toMatchObject({ finishReason: "stop" })
      else expect(outcome).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    }
  })

  it("fails whichever byte is damaged", () => {
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice()
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      expect(decode(damaged)).toMatchObject({ _tag: "ProviderError" })
    }
  })
})
