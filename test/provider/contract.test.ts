/** The contract of every provider over real HTTP: text, reasoning, usage and finish reasons. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Console, Effect, Stream } from "effect"
import { type ChatResponse, collect, type FinishReason, LLMClient } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { answer, asking, sampleRequest, subjects, weather } from "../support/contract.js"

/** The fields that are equal for streaming and non-streaming responses; the raw JSON and the place of signatures differ. */
const essence = ({ rawResponse: _, ...response }: ChatResponse) => response

const bothWays = (request = sampleRequest) =>
  Effect.all([collect(LLMClient.chatStream(request)), LLMClient.chat(request)] as const)

describe.each(subjects)("%s", (_, subject) => {
  it.live("streams text in pieces, and only the last chunk has the finish reason, with the usage", () =>
    Effect.gen(function* () {
      const chunks = Chunk.toReadonlyArray(yield* Stream.runCollect(LLMClient.chatStream(sampleRequest)))
      expect(chunks.map((chunk) => chunk.content).join("")).toBe(answer)
      expect(chunks.filter((chunk) => chunk.content !== "").length).toBe(10)
      expect(chunks.map((chunk) => chunk.finishReason).filter((reason) => reason !== null)).toEqual(["stop"])
      expect(chunks.at(-1)).toMatchObject({
        finishReason: "stop",
        usage: { inputTokens: 5, outputTokens: 10, totalTokens: 15 },
        origin: { provider: subject.provider, model: subject.model }
      })
      expect(chunks.every((chunk) => typeof chunk.rawChunk === "object" && chunk.rawChunk !== null)).toBe(true)
    }).pipe(asking(subject))
  )

  it.live("returns the same streaming and non-streaming response", () =>
    Effect.gen(function* () {
      const [streamed, complete] = yield* bothWays()
      expect(essence(streamed)).toEqual(essence(complete))
      expect(complete).toMatchObject({
        content: answer,
        reasoning: "",
        toolCalls: [],
        finishReason: "stop",
        provider: subject.provider,
        model: subject.model,
        message: {
          role: "assistant",
          content: subject.signature === "thoughtSignature" ? [{ type: "text", text: answer }] : answer
        }
      })
    }).pipe(asking(subject))
  )

  it.live("separates reasoning from text, and counts it in the output tokens", () =>
    Effect.gen(function* () {
      const [streamed, complete] = yield* bothWays({ ...sampleRequest, reasoning: { effort: "low" } })
      expect(essence(streamed)).toEqual(essence(complete))
      expect(complete.reasoning).toMatch(/^The user asks: “Count to 5 with words”/)
      expect(complete.content).toBe(answer)
      const { reasoningTokens = 0, outputTokens } = complete.usage ?? {}
      expect(reasoningTokens).toBeGreaterThan(10)
      expect(outputTokens).toBe(reasoningTokens + 10)
    }).pipe(asking(subject))
  )

  it.live("respects maxTokens, and finishes with length", () =>
    Effect.gen(function* () {
      const responses = yield* bothWays({ ...sampleRequest, maxTokens: 3 })
      expect(responses.map(({ content, finishReason }) => [content, finishReason])).toEqual([
        ["One, two", "length"],
        ["One, two", "length"]
      ])
    }).pipe(asking(subject))
  )

  const counts = { inputTokens: 100, outputTokens: 40, cacheReadTokens: 30, reasoningTokens: 15 }

  it.live("reports usage with cached tokens in the input and reasoning tokens in the output", () =>
    Effect.gen(function* () {
      const responses = yield* bothWays()
      for (const { usage } of responses) expect(usage).toEqual({ ...counts, cacheWriteTokens: 0, totalTokens: 140 })
    }).pipe(asking(subject, () => ({ usage: counts })))
  )

  const reasons: ReadonlyArray<FinishReason> = ["stop", "length", "tool_calls", "content_filter", "other"]

  it.live.each(reasons)("reports the finish reason %s", (finishReason) =>
    Effect.gen(function* () {
      const responses = yield* bothWays(finishReason === "tool_calls" ? weather : sampleRequest)
      expect(responses.map((response) => response.finishReason)).toEqual([finishReason, finishReason])
    }).pipe(asking(subject, () => (finishReason === "tool_calls" ? {} : { finishReason })))
  )

  it.live("ignores pings, comments, unknown events and a repeated finish reason", () =>
    Effect.gen(function* () {
      const streamed = yield* collect(LLMClient.chatStream(sampleRequest))
      expect(streamed).toMatchObject({ content: answer, finishReason: "stop", usage: { totalTokens: 15 } })
    }).pipe(asking(subject, [{ fault: [{ type: "noise" }, { type: "duplicateFinish" }] }]))
  )
})

describe("the same program", () => {
  const program = Effect.gen(function* () {
    const response = yield* collect(
      LLMClient.chatStream({
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Count to 5 with words" }
        ],
        maxTokens: 50,
        temperature: 0.5
      })
    )
    yield* Console.log(response.content, response.finishReason, response.usage)
  })

  const printedWith = (model: string) =>
    Effect.gen(function* () {
      const printed: Array<unknown> = []
      const recorder: Pick<Console.UnsafeConsole, "log"> = { log: (...line) => printed.push(line) }
      const recording = Effect.map(Effect.console, (real) => ({
        ...real,
        log: (...line: ReadonlyArray<unknown>) => Effect.sync(() => recorder.log(...line))
      }))
      yield* Effect.flatMap(recording, (console) => Effect.withConsole(program, console)).pipe(
        Effect.provide(LLMClient.layer({ model })),
        Effect.provide(FetchHttpClient.layer)
      )
      return printed
    })

  it.live("prints the same answer, finish reason and usage with only the model string changed", () =>
    Effect.gen(function* () {
      const models = ["openai/gpt-4o-mini", "anthropic/claude-sonnet-5", "google/gemini-2.5-flash", "groq/qwen3-32b"]
      const usage = { inputTokens: 8, outputTokens: 10, totalTokens: 18 }
      for (const model of models) {
        expect(yield* printedWith(model)).toEqual([
          [answer, "stop", { ...usage, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }]
        ])
      }
      expect((yield* Simulator.requests).map((request) => request.protocol)).toEqual([
        "openai-chat",
        "anthropic-messages",
        "google-gemini",
        "openai-chat"
      ])
    }).pipe(Effect.provide(Simulator.layerConfig({ pace: 0 })))
  )
})
