import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { type ChatRequest, check } from "../../src/domain/ChatRequest.js"

const user = { role: "user", content: "a secret prompt" }

// Wrong on purpose, so no compiler may look at it.
const problemOf = (request: unknown): string => {
  const result = check(request as ChatRequest, "openai")
  return Either.isLeft(result) ? result.left.message : "it was accepted"
}

describe("an invalid request", () => {
  it.each([
    ["no messages at all", {}, "messages is missing"],
    [
      "an empty list",
      { messages: [] },
      'messages is empty; give at least one, such as { role: "user", content: "Hello" }'
    ],
    ["a text for a list", { messages: "hi" }, "messages must be a list of { role, content }"],
    ["a bad role", { messages: [user, { role: "bot", content: "x" }] }, "messages[1].role must be one of system, user"],
    ["no content", { messages: [{ role: "user" }] }, "messages[0].content is missing"],
    [
      "a bad part",
      { messages: [{ role: "user", content: [{ type: "img" }] }] },
      "messages[0].content must be a text or"
    ],
    [
      "an image without a source",
      { messages: [{ role: "user", content: [{ type: "image" }] }] },
      "messages[0].content"
    ],
    [
      "a tool message without its call",
      { messages: [{ role: "tool", content: "x" }] },
      "messages[0].toolCallId is missing"
    ],
    ["a hot temperature", { messages: [user], temperature: 2.1 }, "temperature must be a number from 0 to 2"],
    ["no number", { messages: [user], temperature: Number.NaN }, "temperature must be a number from 0 to 2"],
    ["topP", { messages: [user], topP: -1 }, "topP must be a number from 0 to 1"],
    ["no tokens", { messages: [user], maxTokens: 0 }, "maxTokens must be a whole number above 0"],
    [
      "a misspelt field",
      { messages: [user], max_tokens: 5 },
      "max_tokens is not a field of a request; is it misspelt?"
    ],
    ["an unknown effort", { messages: [user], reasoning: { effort: "max" } }, "reasoning.effort must be one of none"],
    ["a tool choice", { messages: [user], toolChoice: "any" }, 'toolChoice must be "auto", "none", "required" or'],
    ["a nameless tool", { messages: [user], tools: [{ name: "", parameters: {} }] }, "tools[0].name must be"],
    ["nothing", null, "it must be an object with messages"]
  ])("says what to write instead: %s", (_, request, problem) => {
    expect(problemOf(request)).toContain(problem)
  })

  it("is reported without its values", () => {
    expect(
      problemOf({ messages: [{ role: "user", content: [{ type: "text", text: 5, hint: "canary" }] }] })
    ).not.toContain("canary")
    expect(problemOf({ messages: [user], temperature: 7.25 })).not.toContain("7.25")
  })

  it("is not one with undefined fields", () => {
    expect(problemOf({ messages: [user], temperature: undefined, tools: undefined })).toBe("it was accepted")
  })
})
