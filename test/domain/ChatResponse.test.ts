import { Effect, Stream } from "effect"
import {
  type AssistantMessage,
  type ChatResponse,
  chunksOf,
  collect,
  LLMError,
  Message,
  NetworkError,
  StreamChunk
} from "llm-connectivity"
import { describe, expect, it } from "vitest"
import { cpuMillis, slack } from "../support/atAnySpeed.js"

const origin = { provider: "openai", model: "m" }
const chunk = StreamChunk.make
const collected = (...chunks: ReadonlyArray<StreamChunk>) => Effect.runSync(collect(Stream.fromIterable(chunks)))

describe("the fold of chunks", () => {
  it("joins text, reasoning and the deltas of interleaved tool calls", () => {
    const response = collected(
      chunk({ reasoning: "hm" }),
      chunk({ content: "a" }),
      chunk({ toolCalls: [{ index: 0, id: "x", name: "f", arguments: "{" }] }),
      chunk({ toolCalls: [{ index: 1, id: "y", name: "g", arguments: "" }] }),
      chunk({ toolCalls: [{ index: 0, arguments: "}" }], content: "b" }),
      chunk({ finishReason: "tool_calls", origin, rawChunk: { last: true } })
    )
    expect(response).toMatchObject({
      content: "ab",
      reasoning: "hm",
      finishReason: "tool_calls",
      cost: null,
      ...origin
    })
    expect(response.toolCalls).toEqual([
      { id: "x", name: "f", arguments: "{}" },
      { id: "y", name: "g", arguments: "" }
    ])
    expect(response.message).toEqual({
      role: "assistant",
      content: [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "a" },
        { type: "tool-call", id: "x", name: "f", arguments: "{}" },
        { type: "tool-call", id: "y", name: "g", arguments: "" },
        { type: "text", text: "b" }
      ]
    })
    expect(response.rawResponse).toEqual({ last: true })
  })

  it("takes tool calls with any index at once, in the order of their indexes", () => {
    const indexes = [2 ** 31, 1e9, 7, 0, -1]
    const startedAt = cpuMillis()
    const response = collected(
      ...indexes.map((index) => chunk({ toolCalls: [{ index, id: `c${index}`, name: "f", arguments: "{}" }] })),
      chunk({ finishReason: "tool_calls", origin })
    )
    expect(response.toolCalls.map(({ id }) => id)).toEqual(indexes.map((index) => `c${index}`).reverse())
    // A list with as many holes takes half a minute.
    expect(cpuMillis() - startedAt).toBeLessThan(2000 * slack)
  })

  it("sums the usage and the cost of responses that a stream concatenates, and keeps their parts apart", () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      cacheReadTokens: 1,
      cacheWriteTokens: 0,
      reasoningTokens: 0
    }
    const call = { index: 0, id: "x", name: "f", arguments: "{}" }
    const round = (finishReason: "tool_calls" | "stop", cost: number | undefined) => [
      chunk({ usage: { ...usage, outputTokens: 1, totalTokens: 11 } }),
      chunk({ content: "text", part: { index: 0, type: "text" } }),
      chunk({ toolCalls: [call], part: { index: 1, type: "tool-call" } }),
      chunk({ finishReason, usage, origin, ...(cost === undefined ? {} : { cost }) })
    ]
    const response = collected(...round("tool_calls", 0.25), ...round("tool_calls", 0.5), ...round("stop", 0.125))
    expect(response).toMatchObject({ finishReason: "stop", cost: 0.875, content: "texttexttext" })
    expect(response.usage).toEqual({ ...usage, inputTokens: 30, outputTokens: 15, totalTokens: 45, cacheReadTokens: 3 })
    expect(response.toolCalls).toEqual(Array.from({ length: 3 }, () => ({ id: "x", name: "f", arguments: "{}" })))
    expect(response.message.content).toHaveLength(6)
    expect(collected(...round("tool_calls", undefined), ...round("stop", 0.5)).cost).toBeNull()
    const late = collected(...round("stop", 0.5), chunk({ usage: { ...usage, outputTokens: 7, totalTokens: 17 } }))
    expect([late.finishReason, late.usage?.totalTokens]).toEqual(["stop", 17])
  })

  it("does not take half a response for a complete one because a complete one came before it", () => {
    const first = chunk({ content: "one", finishReason: "stop", origin })
    const result = Effect.runSync(Effect.flip(collect(Stream.make(first, chunk({ content: "tw" })))))
    expect(result).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
  })

  it("keeps a provider's metadata with its part", () => {
    const response = collected(
      chunk({ reasoning: "hmm", part: { index: 0, type: "reasoning" } }),
      chunk({ part: { index: 0, type: "reasoning", providerMetadata: { openai: { signature: "s1" } } } }),
      chunk({ content: "ok" }),
      chunk({ finishReason: "stop", origin })
    )
    expect(response.message.content).toEqual([
      { type: "reasoning", text: "hmm", providerMetadata: { openai: { signature: "s1" } } },
      { type: "text", text: "ok" }
    ])
  })

  it("folds the chunks of a response to the same response, with every type of part in order", () => {
    const message: AssistantMessage = {
      role: "assistant",
      content: [
        { type: "reasoning", text: "hm", providerMetadata: { a: { signature: "s" } } },
        { type: "provider", provider: "a", data: { type: "redacted" } },
        { type: "text", text: "one" },
        { type: "text", text: "two", providerMetadata: { a: { id: 2 } } },
        { type: "tool-call", id: "x", name: "f", arguments: "{}", providerMetadata: { a: { signature: "t" } } },
        { type: "refusal", text: "no" },
        { type: "tool-call", id: "y", name: "g", arguments: "" }
      ]
    }
    const response: ChatResponse = {
      content: "onetwono",
      reasoning: "hm",
      toolCalls: [
        { id: "x", name: "f", arguments: "{}" },
        { id: "y", name: "g", arguments: "" }
      ],
      finishReason: "content_filter",
      usage: null,
      cost: 0.5,
      ...origin,
      requestedModel: "alias",
      message,
      rawResponse: { raw: true }
    }
    expect(collected(...chunksOf(response))).toEqual(response)
    const plain: ChatResponse = {
      ...response,
      content: "Hi",
      reasoning: "",
      toolCalls: [],
      message: Message.assistant("Hi")
    }
    expect(collected(...chunksOf(plain))).toEqual(plain)
  })

  it("returns the partial response of a failure", () => {
    const failure = new NetworkError({ ...origin, message: "…", reason: "Truncated" })
    const stream = Stream.concat(Stream.make(chunk({ content: "half" })), Stream.fail(failure))
    const error = Effect.runSync(Effect.flip(collect(stream)))
    expect(error).toBe(failure)
    expect(LLMError.partial(error)).toEqual({
      content: "half",
      reasoning: "",
      toolCalls: [],
      usage: null,
      message: { role: "assistant", content: "half" }
    })
  })

  it("returns no response before a finish reason", () => {
    const error = Effect.runSync(Effect.flip(collect(Stream.make(chunk({ content: "half" })))))
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
  })
})
