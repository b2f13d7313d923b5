/** Message parts return to each provider over real HTTP; editing text does not move a signature. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type AssistantMessage, type AssistantPart, type ChatRequest, collect, LLMClient } from "llm-connectivity"
import { asking, bodies, stored, subjects, weather } from "../support/contract.js"

const time = { name: "get_time", description: "Tells the time", parameters: { type: "object", properties: {} } }
const signed = [...subjects, stored].filter(([, subject]) => subject.signature !== undefined)

/** The message with other text, a text before its calls, and for Anthropic a redacted part after the first reasoning. */
const edited = (message: AssistantMessage, provider: string): AssistantMessage => {
  const parts: ReadonlyArray<AssistantPart> =
    typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content
  const redacted: AssistantPart = {
    type: "provider",
    provider: "anthropic",
    data: { type: "redacted_thinking", data: "x" }
  }
  const first = parts.findIndex((part) => part.type === "tool-call")
  return {
    role: "assistant",
    content: [
      ...parts.slice(0, first).map((part) => (part.type === "text" ? { ...part, text: "Edited" } : part)),
      ...(provider === "anthropic" ? [redacted] : []),
      { type: "text", text: "Let me look both of them up." },
      ...parts.slice(first)
    ]
  }
}

describe.each(signed)("%s", (_, subject) => {
  it.live("accepts its reasoning and tool calls with their signatures after the text is edited", () =>
    Effect.gen(function* () {
      const request: ChatRequest = {
        messages: [{ role: "user", content: "What are the weather and the time in Paris?" }],
        tools: [...(weather.tools ?? []), time],
        reasoning: { effort: "low" },
        ...(subject.options === undefined ? {} : { providerOptions: subject.options })
      }
      const first = yield* collect(LLMClient.chatStream(request))
      expect(first.toolCalls).toHaveLength(2)
      const message = edited(first.message, subject.provider)
      const results = first.toolCalls.map(({ id }) => ({ role: "tool" as const, toolCallId: id, content: "fine" }))
      const second = yield* collect(
        LLMClient.chatStream({ ...request, messages: [...request.messages, message, ...results] })
      )
      expect(second.content).toBe("get_weather says: fine\nget_time says: fine")
      const [, body] = yield* bodies
      const text = JSON.stringify(body)
      expect(text).toContain("Let me look both of them up.")
      const metadata = Array.isArray(first.message.content)
        ? first.message.content.flatMap((part: AssistantPart) =>
            Object.values(part.providerMetadata?.[subject.provider] ?? {}).filter((value) => typeof value === "string")
          )
        : []
      expect(metadata.length).toBeGreaterThan(0)
      for (const value of metadata) expect(text).toContain(JSON.stringify(value))
      if (subject.provider === "anthropic") expect(text).toContain('{"type":"redacted_thinking","data":"x"}')
    }).pipe(asking(subject))
  )
})
