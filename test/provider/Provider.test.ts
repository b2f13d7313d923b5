/** `Provider.make` derives chat and streaming from `open` and `complete`; `ChatStream.open` reads any stream of chunks. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Either, Fiber, Stream } from "effect"
import {
  type ChatResponse,
  ChatStream,
  collect,
  type LLMError,
  NetworkError,
  type OpenOptions,
  Provider,
  RateLimitError,
  Secrets,
  StreamChunk
} from "llm-connectivity"
import { hello } from "../support/openai.js"

const request = { ...hello, model: "large" }
const origin = { provider: "own", model: "large" }
const usage = {
  inputTokens: 5,
  outputTokens: 9,
  totalTokens: 14,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 3
}

const chunks: ReadonlyArray<StreamChunk> = [
  StreamChunk.make({
    reasoning: "Let me see",
    part: { index: 0, type: "reasoning", providerMetadata: { own: { signature: "s" } } }
  }),
  StreamChunk.make({ content: "It is ", part: { index: 1, type: "text" } }),
  StreamChunk.make({ content: "sunny." }),
  StreamChunk.make({
    toolCalls: [{ index: 0, id: "call-1", name: "weather", arguments: '{"city":"Paris"}' }],
    part: { index: 2, type: "tool-call" }
  }),
  StreamChunk.make({ finishReason: "tool_calls", usage, origin, rawChunk: { id: "raw" } })
]

/** A provider that streams chunks, one per read, and records how it was opened. */
const streaming = (all: ReadonlyArray<StreamChunk>, opened: Array<OpenOptions | undefined> = []) =>
  Provider.make({
    name: "own",
    open: (_, options) =>
      Effect.sync(() => {
        opened.push(options)
        const reads = all.map((chunk) => [chunk])
        return Effect.sync(() => reads.shift() ?? [])
      })
  })

describe("a provider without complete", () => {
  it.effect("reads the stream of open to its end for chat, and requests a non-streaming response", () =>
    Effect.gen(function* () {
      const opened: Array<OpenOptions | undefined> = []
      const provider = streaming(chunks, opened)
      const timeouts = { total: "1 minute" } as const
      const response = yield* provider.chat(request, { timeouts })
      expect(response).toMatchObject({ content: "It is sunny.", reasoning: "Let me see", finishReason: "tool_calls" })
      expect(opened).toEqual([{ timeouts, stream: false, secrets: expect.any(Secrets) }])
      expect(yield* collect(provider.chatStream(request))).toEqual(response)
    })
  )

  it.effect("fails with a NetworkError when the pull ends without a finish reason", () =>
    Effect.gen(function* () {
      const provider = streaming(chunks.slice(0, 2))
      for (const failing of [provider.chat(request), collect(provider.chatStream(request))]) {
        expect(yield* Effect.flip(failing)).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
      }
    })
  )

  it.effect("releases what open acquired when the response ends, fails or is interrupted", () =>
    Effect.gen(function* () {
      let isOpen = false
      const acquiring = (all: ReadonlyArray<StreamChunk>, last: Effect.Effect<never, LLMError>) =>
        Provider.make({
          name: "own",
          open: () =>
            Effect.gen(function* () {
              yield* Effect.acquireRelease(
                Effect.sync(() => {
                  isOpen = true
                }),
                () =>
                  Effect.sync(() => {
                    isOpen = false
                  })
              )
              const reads = [...all]
              return Effect.suspend(() => {
                const next = reads.shift()
                return next === undefined ? last : Effect.succeed([next])
              })
            })
        })
      const broken = Effect.fail(new NetworkError({ ...origin, reason: "Truncated", message: "cut" }))
      const failing = acquiring(chunks.slice(0, 2), broken)
      yield* Effect.flip(failing.chat(request))
      expect(isOpen).toBe(false)
      yield* Effect.flip(Stream.runDrain(failing.chatStream(request)))
      expect(isOpen).toBe(false)
      yield* Stream.runDrain(Stream.take(failing.chatStream(request), 1))
      expect(isOpen).toBe(false)
      const started = yield* Deferred.make<void>()
      const fiber = yield* acquiring(chunks.slice(0, 2), Effect.never)
        .chatStream(request)
        .pipe(
          Stream.runForEach(() => Deferred.succeed(started, undefined)),
          Effect.fork
        )
      yield* Deferred.await(started)
      expect(isOpen).toBe(true)
      yield* Fiber.interrupt(fiber)
      expect(isOpen).toBe(false)
    })
  )
})

describe("a provider with complete", () => {
  const complete = (response: ChatResponse) => {
    const calls = { open: 0, complete: 0 }
    const provider = Provider.make({
      name: "own",
      open: (chat, options) => {
        calls.open++
        return streaming(chunks).open(chat, options)
      },
      complete: () => {
        calls.complete++
        return Effect.succeed(response)
      }
    })
    return { provider, calls }
  }

  it.effect("uses it for chat alone, and its chunks fold to the same response", () =>
    Effect.gen(function* () {
      const response = yield* streaming(chunks).chat(request)
      const { provider, calls } = complete({ ...response, cost: 0.25 })
      expect(yield* provider.chat(request)).toEqual({ ...response, cost: 0.25 })
      expect(calls).toEqual({ open: 0, complete: 1 })
      yield* collect(provider.chatStream(request))
      expect(calls).toEqual({ open: 1, complete: 1 })
    })
  )

  it.effect("fails chat with the error of complete", () =>
    Effect.gen(function* () {
      const limited = new RateLimitError({ ...origin, reason: "RateLimit", message: "slow" })
      const provider = Provider.make({
        name: "own",
        open: streaming(chunks).open,
        complete: () => Effect.fail(limited)
      })
      expect(yield* Effect.flip(provider.chat(request))).toBe(limited)
    })
  )
})

describe("ChatStream.open", () => {
  /** Reads a stream by its pull, to its end or its failure. */
  const readsOf = <E>(stream: Stream.Stream<StreamChunk, E>) =>
    Effect.gen(function* () {
      const pull = yield* ChatStream.open(stream)
      const reads: Array<ReadonlyArray<string>> = []
      for (;;) {
        const next = yield* Effect.either(pull)
        if (Either.isLeft(next)) return { reads, error: next.left }
        if (next.right.length === 0) return { reads, error: undefined }
        reads.push(next.right.map(({ content }) => content))
      }
    }).pipe(Effect.scoped)

  const texts = (...all: ReadonlyArray<string>) => all.map((content) => StreamChunk.make({ content }))

  it.effect("reads a plain stream, past the empty chunks that a filter leaves", () =>
    Effect.gen(function* () {
      const stream = Stream.concat(
        Stream.rechunk(Stream.fromIterable(texts("a", "drop", "b")), 1),
        Stream.fromIterable(texts("c", "d"))
      ).pipe(Stream.filter(({ content }) => content !== "drop"))
      expect(yield* readsOf(stream)).toEqual({ reads: [["a"], ["b"], ["c", "d"]], error: undefined })
    })
  )

  it.effect("fails like a plain stream, after the chunks before the failure", () =>
    Effect.gen(function* () {
      const stream = Stream.concat(Stream.fromIterable(texts("a")), Stream.fail("enough" as const))
      expect(yield* readsOf(stream)).toEqual({ reads: [["a"]], error: "enough" })
    })
  )

  it.effect("gives the pull of a provider's stream itself, without a channel", () =>
    Effect.gen(function* () {
      const pull = Effect.succeed<ReadonlyArray<StreamChunk>>([])
      const provider = Provider.make({ name: "own", open: () => Effect.succeed(pull) })
      expect(yield* ChatStream.open(provider.chatStream(request))).toBe(pull)
    }).pipe(Effect.scoped)
  )

  it.effect("releases a plain stream when its scope closes", () =>
    Effect.gen(function* () {
      let isReleased = false
      const stream = Stream.ensuring(
        Stream.fromIterable(texts("a", "b")),
        Effect.sync(() => {
          isReleased = true
        })
      )
      yield* Effect.scoped(Effect.flatten(ChatStream.open(stream)))
      expect(isReleased).toBe(true)
    })
  )
})
