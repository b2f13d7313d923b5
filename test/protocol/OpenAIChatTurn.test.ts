/** The reasoning of assistant messages goes back to the vendors that require it, in their format. */
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import type { AssistantMessage } from "../../src/domain/Message.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import type { Differences } from "../../src/protocol/openai-chat/request.js"
import { read } from "../support/read.js"

const user = { role: "user", content: "What is the weather in Paris?" } as const
const call = { type: "tool-call", id: "c1", name: "get_weather", arguments: '{"city":"Paris"}' } as const
const thinking: AssistantMessage = { role: "assistant", content: [{ type: "reasoning", text: "Let me look." }, call] }

/** The assistant's message as it is sent again. */
const again = (message: AssistantMessage, differences: Partial<Differences> = {}): unknown => {
  const protocol = OpenAIChat.make({ provider: "test", maxTokensField: "max_tokens", ...differences })
  const messages = [user, message, { role: "tool", toolCallId: "c1", content: "18 °C" } as const]
  const { body } = Either.getOrThrow(protocol.encode({ model: "m", messages }, true))
  return Array.isArray(body["messages"]) ? body["messages"][1] : undefined
}

describe("the reasoning of an assistant message", () => {
  it("is left out by default, as most vendors reject unknown fields", () => {
    expect(JSON.stringify(again(thinking))).not.toContain("reasoning")
  })

  it("goes back as text to vendors that require it, empty for a call without reasoning", () => {
    const differences = { reasoningField: "reasoning_content" } as const
    expect(again(thinking, differences)).toMatchObject({
      reasoning_content: "Let me look.",
      tool_calls: [{ id: "c1" }]
    })
    expect(again({ role: "assistant", content: [call] }, differences)).toMatchObject({
      reasoning_content: ""
    })
    expect(again({ role: "assistant", content: "Hi" }, differences)).not.toHaveProperty("reasoning_content")
  })
})

describe("reasoning details, which hold signatures", () => {
  const protocol = OpenAIChat.make({ provider: "test", maxTokensField: "max_tokens" })
  const events = (...choices: ReadonlyArray<object>): string =>
    `${choices.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join("")}data: [DONE]\n\n`
  const text = (text: string, rest = {}) => ({
    type: "reasoning.text",
    index: 0,
    format: "anthropic-claude-v1",
    text,
    ...rest
  })
  const sealed = { type: "reasoning.encrypted", index: 1, id: "c1", data: "sealed", format: "google-gemini-v1" }
  const toolCall = { index: 0, id: "c1", function: { name: "get_weather", arguments: '{"city":"Paris"}' } }
  const details = [text("Let me look.", { signature: "signed" }), sealed]
  const streamed = events(
    { delta: { reasoning: "Let me ", reasoning_details: [text("Let me ", { signature: null })] } },
    { delta: { reasoning: "look.", reasoning_details: [text("look.")] } },
    { delta: { reasoning_details: [text("", { signature: "signed" })] } },
    { delta: { tool_calls: [toolCall] } },
    { delta: { reasoning_details: [sealed] } },
    { delta: {}, finish_reason: "tool_calls" }
  )

  it("go back with the deltas of a stream joined, in order and unchanged", () => {
    const { response, chunks } = read(protocol, [streamed])
    expect(response).toMatchObject({ reasoning: "Let me look.", finishReason: "tool_calls" })
    // The chunk with the details of the reasoning, and the one that opens the call, come from one event.
    expect(chunks.length).toBe(7)
    expect(again(response?.message ?? thinking)).toMatchObject({ reasoning_details: details })
  })

  it("go back the same from a non-streaming response", () => {
    const message = { content: null, reasoning: "Let me look.", reasoning_details: details, tool_calls: [toolCall] }
    const { response } = read(protocol, [events({ message, finish_reason: "tool_calls" })])
    expect(again(response?.message ?? thinking)).toMatchObject({ reasoning_details: details })
  })

  it("go back only to the provider that sent them", () => {
    const { response } = read(protocol, [streamed])
    expect(again(response?.message ?? thinking, { provider: "another" })).not.toHaveProperty("reasoning_details")
  })

  it("are ignored if they are malformed", () => {
    const odd = events({ delta: { content: "a", reasoning_details: "none" } }, { delta: {}, finish_reason: "stop" })
    expect(read(protocol, [odd]).response).toMatchObject({ content: "a", finishReason: "stop" })
  })
})
