import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { ChatFold } from "../../src/domain/ChatResponse.js"
import type { AssistantMessage, Message } from "../../src/domain/Message.js"
import { make } from "../../src/protocol/google-gemini/protocol.js"

const protocol = make({ provider: "google" })

const hello: ReadonlyArray<Message> = [{ role: "user", content: "Hello" }]

const encode = (messages: ReadonlyArray<Message>, model = "gemini-3-flash-preview") =>
  protocol.encode({ messages, model }, true)

// As it is sent: without the fields that are undefined.
const contents = (messages: ReadonlyArray<Message>, model?: string) =>
  JSON.parse(JSON.stringify(Either.getOrThrow(encode(messages, model)).body)).contents

const problem = (...messages: ReadonlyArray<Message>) => Either.getOrThrow(Either.flip(encode(messages)))

/** The assistant's message after these parts, one event each. */
const answer = (...parts: ReadonlyArray<{ readonly [field: string]: unknown }>): AssistantMessage => {
  const fold = new ChatFold()
  let state = protocol.initial
  for (const part of [...parts, undefined]) {
    const last = part === undefined ? { finishReason: "STOP" } : {}
    const step = protocol.step(state, { candidates: [{ content: { parts: part ? [part] : [] }, ...last }] })
    if (step.chunk) fold.add({ ...step.chunk, ...(part ? {} : { origin: { provider: "google", model: "m" } }) })
    state = step.state
  }
  return fold.response()?.message ?? { role: "assistant", content: "" }
}

describe("the model's own turn", () => {
  const turnOf = (message: AssistantMessage, model?: string) => contents([...hello, message], model)[1]?.parts

  it("goes back part by part as it came, signatures in place", () => {
    const code = { executableCode: { code: "1+1" }, thoughtSignature: "b" }
    const came = [
      { text: "Hm", thought: true, thoughtSignature: "a" },
      code,
      { text: "I look" },
      { text: " it up.", thoughtSignature: "c" },
      { text: "Now", thoughtSignature: "d" },
      { functionCall: { name: "f", args: { x: 1 }, id: "own" }, thoughtSignature: "e" },
      { functionCall: { name: "g", args: {}, id: "other" } },
      { text: "", thoughtSignature: "z" }
    ]
    expect(turnOf(answer(...came))).toEqual(came)
  })

  it("leaves out unsigned thoughts and made ids, and survives an edit", () => {
    const message = answer(
      { text: "Hm", thought: true },
      { text: "Long text", thoughtSignature: "a" },
      { functionCall: { name: "f" }, thoughtSignature: "b" }
    )
    const call = { functionCall: { name: "f", args: {} }, thoughtSignature: "b" }
    expect(turnOf(message)).toEqual([{ text: "Long text", thoughtSignature: "a" }, call])
    expect(turnOf({ ...message, content: "Lo" })).toEqual([{ text: "Lo", thoughtSignature: "a" }, call])
  })

  it("passes over another provider's signatures, and calls that none of Gemini's signed pass unchecked", () => {
    const at = { reasoning: 0, content: 0, toolCalls: 0 }
    const toolCalls = [{ id: "call_x", name: "f", arguments: "" }]
    const providerData = [{ provider: "anthropic", data: [{ kind: "call", at, signature: "no" }], after: at }]
    const message: AssistantMessage = { role: "assistant", content: "", toolCalls, providerData }
    const functionCall = { id: "call_x", name: "f", args: {} }
    expect(turnOf(message)).toEqual([{ functionCall, thoughtSignature: "skip_thought_signature_validator" }])
    expect(turnOf(message, "gemini-2.5-flash")).toEqual([{ functionCall }])
    const garbled = [{ provider: "google", data: { signature: 1 }, after: at }]
    expect(turnOf({ ...message, providerData: garbled }, "gemini-2.5-flash")).toEqual([{ functionCall }])
  })

  it("is answered by its tools, together and by name", () => {
    const toolCalls = ["own", "call_1"].map((id) => ({ id, name: `tool_${id}`, arguments: "{}" }))
    const messages: ReadonlyArray<Message> = [
      ...hello,
      { role: "assistant", content: "", toolCalls },
      { role: "tool", toolCallId: "own", content: '{"degrees":20}' },
      { role: "tool", toolCallId: "call_1", content: "[1]" },
      { role: "assistant", content: "" },
      { role: "user", content: "Thanks" }
    ]
    expect(contents(messages).slice(2)).toEqual([
      {
        role: "user",
        parts: [
          { functionResponse: { id: "own", name: "tool_own", response: { degrees: 20 } } },
          { functionResponse: { name: "tool_call_1", response: { result: "[1]" } } }
        ]
      },
      { role: "user", parts: [{ text: "Thanks" }] }
    ])
  })

  it("says what it cannot carry, without what was said", () => {
    const toolCalls = [{ id: "a", name: "f", arguments: "[secret]" }]
    expect(problem({ role: "assistant", content: "", toolCalls })).toBe(
      "messages[0].toolCalls[0].arguments is not the text of a JSON object, which Gemini wants back"
    )
    expect(problem({ role: "tool", toolCallId: "secret", content: "" })).toBe(
      "messages[0].toolCallId is the id of no earlier tool call, from which Gemini takes the function's name"
    )
    expect(problem({ role: "system", content: "secret" })).not.toContain("secret")
  })
})
