/** Failures reach programs of @effect/ai as its own errors; a truncated response is never complete. */
import { type AiError, LanguageModel } from "@effect/ai"
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Stream } from "effect"
import { isRetryable, type LLMError } from "llm-connectivity"
import { EffectAi } from "llm-connectivity/effect-ai"
import { type ErrorKind, MockLLM, type SimulatedReply } from "llm-connectivity/testing"
import { asking, protocols, reached, subjects } from "../support/contract.js"
import { event, say } from "../support/openai.js"
import { serve, sse } from "../support/server.js"
import * as program from "./program.js"

/** The error of @effect/ai for each kind, its status, and the tag of the LLMError that is its cause. */
const kinds: ReadonlyArray<readonly [ErrorKind, AiError.AiError["_tag"], LLMError["_tag"], number?]> = [
  ["rateLimit", "HttpResponseError", "RateLimitError", 429],
  ["server", "HttpResponseError", "NetworkError", 500],
  ["authentication", "HttpResponseError", "AuthenticationError"],
  ["permission", "HttpResponseError", "AuthenticationError", 403],
  ["insufficientCredits", "HttpResponseError", "InsufficientCreditsError"],
  ["modelNotFound", "HttpResponseError", "ModelNotFoundError"],
  ["contextWindow", "MalformedInput", "ContextWindowExceededError"],
  ["invalidRequest", "MalformedInput", "ValidationError"]
]

/** The cause of a failure, which must be an LLMError. */
const llmErrorOf = (error: AiError.AiError): LLMError => {
  const llmError = EffectAi.errorOf(error)
  if (llmError === undefined) throw new Error(`no cause: ${error.message}`)
  return llmError
}

const failing = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.flip(Stream.runDrain(stream))

describe.each(subjects)("%s", (_, subject) => {
  it.live.each(kinds)("maps %s to %s, with %s as its cause", ([kind, tag, cause, status]) =>
    Effect.gen(function* () {
      for (const failure of [Effect.flip(program.text), failing(program.streamed), Effect.flip(program.object)]) {
        const error = yield* failure
        expect(error._tag).toBe(tag)
        const llmError = llmErrorOf(error)
        expect(llmError._tag).toBe(cause)
        expect(error.message).toContain(llmError.message)
        if (error._tag !== "HttpResponseError") continue
        expect(error.response.status).toBe(llmError.status)
        if (status !== undefined) expect(error.response.status).toBe(status)
        expect(isRetryable(llmError)).toBe(["rateLimit", "server"].includes(kind))
      }
    }).pipe(
      Effect.provide(EffectAi.layer()),
      asking(subject, () => ({ error: kind }))
    )
  )

  const truncations: ReadonlyArray<readonly [string, SimulatedReply]> = [
    ["truncated", { fault: { type: "truncate", afterChunks: 2 } }],
    ["reset", { fault: { type: "reset", afterChunks: 2 } }]
  ]

  it.live.each(truncations)(
    "fails a stream that is %s, after its partial content, without running its tools",
    ([_, reply]) => {
      const seen: Array<string> = []
      return Effect.gen(function* () {
        const received: Array<string> = []
        const error = yield* Effect.flip(
          Stream.runForEach(program.streamed, (part) =>
            Effect.sync(() => received.push(part.type === "text-delta" ? part.delta : ""))
          )
        )
        expect(error).toMatchObject({ _tag: "HttpRequestError", reason: "Transport" })
        expect(llmErrorOf(error)).toMatchObject({ _tag: "NetworkError", reason: "Truncated", retryable: true })
        expect(received.join("")).not.toBe("")
        expect(yield* failing(program.streamedCall)).toMatchObject({ _tag: "HttpRequestError" })
        expect(seen).toEqual([])
      }).pipe(
        Effect.provide(EffectAi.layer()),
        Effect.provide(program.handlers(seen)),
        asking(subject, () => reply)
      )
    }
  )
})

describe("a failure", () => {
  const anthropic = protocols["anthropic-messages"]

  it.live("that is transient has retry-after and the request id", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(program.text)
      expect(error).toMatchObject({
        _tag: "HttpResponseError",
        reason: "StatusCode",
        request: { method: "POST", url: "anthropic/claude-sonnet-5" },
        response: { status: 429, headers: { "retry-after": "7" } }
      })
      const { requestId } = llmErrorOf(error)
      expect(requestId).toMatch(/\w/)
      expect(error).toMatchObject({ response: { headers: { "x-request-id": requestId } } })
    }).pipe(
      Effect.provide(EffectAi.layer()),
      asking(anthropic, [{ error: { kind: "rateLimit", retryAfter: "6500 millis" } }])
    )
  )

  it.live("inside a stream has the status of the same error response", () =>
    Effect.gen(function* () {
      const error = yield* failing(program.streamed)
      expect(error).toMatchObject({ _tag: "HttpResponseError", response: { status: 503 } })
      expect(llmErrorOf(error)).toMatchObject({ _tag: "RateLimitError", reason: "Overloaded", retryable: true })
    }).pipe(
      Effect.provide(EffectAi.layer()),
      asking(anthropic, [{ fault: { type: "errorEvent", error: "overloaded", afterChunks: 1 } }])
    )
  )

  it.live("to connect is a transport error", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(program.text)
      expect(error).toMatchObject({ _tag: "HttpRequestError", reason: "Transport" })
      expect(llmErrorOf(error)).toMatchObject({ _tag: "NetworkError", reason: "Connection" })
    }).pipe(Effect.provide(EffectAi.layer()), Effect.provide(anthropic.client(reached("http://127.0.0.1:1"), {})))
  )

  const broken: SimulatedReply = {
    toolCalls: [{ name: "get_weather", arguments: '{"city":"Par' }],
    finishReason: "length"
  }

  it.live("to complete the arguments of a call is malformed output, after the partial content", () => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const complete = yield* Effect.flip(program.called)
      const parts: Array<string> = []
      const streamed = yield* Effect.flip(
        Stream.runForEach(program.streamedCall, (part) => Effect.sync(() => parts.push(part.type)))
      )
      for (const error of [complete, streamed]) {
        expect(error).toMatchObject({ _tag: "MalformedOutput" })
        expect(error).toMatchObject({
          description: expect.stringContaining("get_weather with arguments that are not JSON (it finished with length)")
        })
      }
      expect(parts.at(-1)).toBe("tool-params-end")
      expect(seen).toEqual([])
    }).pipe(
      Effect.provide(EffectAi.layer()),
      Effect.provide(program.handlers(seen)),
      asking(protocols["openai-chat"], [broken, broken])
    )
  })

  it.live("to return an object is malformed output", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(program.object)).toMatchObject({ _tag: "MalformedOutput" })
    }).pipe(Effect.provide(EffectAi.layer()), asking(anthropic, ["not JSON"]))
  )
})

describe("a consumer that stops reading", () => {
  const weather = (args: string) =>
    event({ tool_calls: [{ index: 0, id: "call_x", function: { name: "get_time", arguments: args } }] })

  it.live.each([
    ["a text", program.streamed, say("word")],
    ["a call", program.streamedCall, weather("{")]
  ] as const)("closes the socket of %s", ([_, stream, first]) =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* serve((response) => {
        response.on("close", () => Deferred.unsafeDone(closed, Exit.void))
        sse(response, first)
      })
      const started = yield* Deferred.make<void>()
      const reading = Stream.runForEach(stream, () => Deferred.succeed(started, undefined)).pipe(
        Effect.provide(EffectAi.layer()),
        Effect.provide(program.handlers()),
        Effect.provide(protocols["openai-chat"].client(reached(server.url), {}))
      )
      const fiber = yield* Effect.fork(reading)
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      yield* Effect.timeoutFail(Deferred.await(closed), { duration: "15 seconds", onTimeout: () => "left open" })
    }).pipe(Effect.scoped)
  )

  it.live("closes the socket before the response has started", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const requested = yield* Deferred.make<void>()
      const server = yield* serve((response) => {
        response.on("close", () => Deferred.unsafeDone(closed, Exit.void))
        Deferred.unsafeDone(requested, Exit.void)
      })
      const fiber = yield* Stream.runDrain(LanguageModel.streamText({ prompt: program.count })).pipe(
        Effect.provide(EffectAi.layer()),
        Effect.provide(protocols["openai-chat"].client(reached(server.url), {})),
        Effect.fork
      )
      yield* Deferred.await(requested)
      yield* Fiber.interrupt(fiber)
      yield* Effect.timeoutFail(Deferred.await(closed), { duration: "15 seconds", onTimeout: () => "left open" })
    }).pipe(Effect.scoped)
  )
})

describe("an answer that starts again after a part was given", () => {
  it.effect("fails, as its parts cannot be taken back", () =>
    Effect.gen(function* () {
      const texts: Array<string> = []
      const error = yield* LanguageModel.streamText({ prompt: program.count }).pipe(
        Stream.runForEach((part) => Effect.sync(() => part.type === "text-delta" && texts.push(part.delta))),
        Effect.flip
      )
      expect([llmErrorOf(error)._tag, error.message, texts]).toEqual([
        "NetworkError",
        expect.stringContaining("@effect/ai cannot take back what came before"),
        ["One"]
      ])
    }).pipe(
      Effect.provide(EffectAi.layer()),
      Effect.provide(MockLLM.layer([["One", { content: "One, two", reset: true }]]))
    )
  )
})
