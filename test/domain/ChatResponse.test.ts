import { Effect, Stream } from "effect"
import { collect, LLMError, NetworkError, StreamChunk } from "llm-connectivity"
import { describe, expect, it } from "vitest"

const origin = { provider: "openai", model: "m" }
const chunk = StreamChunk.make
const collected = (...chunks: ReadonlyArray<StreamChunk>) => Effect.runSync(collect(Stream.fromIterable(chunks)))

describe("the fold of chunks", () => {
  it("joins text, reasoning and the pieces of interleaved tool calls", () => {
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
      content: "ab",
      reasoning: "hm",
      toolCalls: response.toolCalls
    })
    expect(response.rawResponse).toEqual({ last: true })
  })

  it("notes where a provider's opaque data stood, for the way back", () => {
    const response = collected(
      chunk({ reasoning: "hmm" }),
      chunk({ providerData: { signature: "s1" } }),
      chunk({ content: "ok" }),
      chunk({ finishReason: "stop", origin })
    )
    expect(response.message.providerData).toEqual([
      { provider: "openai", data: { signature: "s1" }, after: { reasoning: 3, content: 0, toolCalls: 0 } }
    ])
  })

  it("keeps what had arrived beside a failure", () => {
    const failure = new NetworkError({ ...origin, message: "…", reason: "Truncated" })
    const stream = Stream.concat(Stream.make(chunk({ content: "half" })), Stream.fail(failure))
    const error = Effect.runSync(Effect.flip(collect(stream)))
    expect(error).toBe(failure)
    expect(LLMError.partial(error)).toEqual({ content: "half", reasoning: "", toolCalls: [], usage: null })
  })

  it("does not take a part of a stream for an answer", () => {
    const error = Effect.runSync(Effect.flip(collect(Stream.make(chunk({ content: "half" })))))
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
  })
})
