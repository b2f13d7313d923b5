import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { ChatFold } from "../../src/domain/ChatResponse.js"
import { type AssistantPart, type ProviderMetadata, partsOf } from "../../src/domain/ContentPart.js"
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
  let state = protocol.initial()
  for (const part of [...parts, undefined]) {
    const last = part === undefined ? { finishReason: "STOP" } : {}
    const step = protocol.step(state, { candidates: [{ content: { parts: part ? [part] : [] }, ...last }] })
    for (const chunk of step.before ?? []) fold.add(chunk)
    if (step.chunk) fold.add({ ...step.chunk, ...(part ? {} : { origin: { provider: "google", model: "m" } }) })
    state = step.state
  }
  return fold.response()?.message ?? { role: "assistant", content: "" }
}

describe("an assistant message", () => {
  const turnOf = (message: AssistantMessage, model?: string) => contents([...hello, message], model)[1]?.parts

  it("goes back part by part as it arrived, with each signature in its part", () => {
    const code = { executableCode: { code: "1+1" }, thoughtSignature: "b" }
    const received = [
      { text: "Hm", thought: true, thoughtSignature: "a" },
      code,
      { text: "I look" },
      { text: " it up.", thoughtSignature: "c" },
      { text: "Now", thoughtSignature: "d" },
      { functionCall: { name: "f", args: { x: 1 }, id: "own" }, thoughtSignature: "e" },
      { functionCall: { name: "g", args: {}, id: "other" } },
      { text: "", thoughtSignature: "z" }
    ]
    expect(turnOf(answer(...received))).toEqual(received)
  })

  it("goes back without unsigned reasoning and generated ids, also after an edit", () => {
    const message = answer(
      { text: "Hm", thought: true },
      { text: "Long text", thoughtSignature: "a" },
      { functionCall: { name: "f" }, thoughtSignature: "b" }
    )
    const call = { functionCall: { name: "f", args: {} }, thoughtSignature: "b" }
    expect(turnOf(message)).toEqual([{ text: "Long text", thoughtSignature: "a" }, call])
    const edited = partsOf<AssistantPart>(message.content).map((part) =>
      part.type === "text" ? { ...part, text: "Lo" } : part
    )
    expect(turnOf({ ...message, content: edited })).toEqual([{ text: "Lo", thoughtSignature: "a" }, call])
  })

  it("goes back without another provider's signatures, and with the documented value if no call is signed", () => {
    const call = { type: "tool-call", id: "call_x", name: "f", arguments: "" } as const
    const callWith = (providerMetadata: ProviderMetadata): AssistantMessage => ({
      role: "assistant",
      content: [{ ...call, providerMetadata }]
    })
    const message = callWith({ anthropic: { thoughtSignature: "no" } })
    const functionCall = { id: "call_x", name: "f", args: {} }
    expect(turnOf(message)).toEqual([{ functionCall, thoughtSignature: "skip_thought_signature_validator" }])
    expect(turnOf(message, "gemini-2.5-flash")).toEqual([{ functionCall }])
    expect(turnOf(callWith({ google: { signature: 1 } }), "gemini-2.5-flash")).toEqual([{ functionCall }])
  })

  it("is followed by its tool results, in one turn and by function name", () => {
    const calls = ["own", "call_1"].map(
      (id) => ({ type: "tool-call", id, name: `tool_${id}`, arguments: "{}" }) as const
    )
    const messages: ReadonlyArray<Message> = [
      ...hello,
      { role: "assistant", content: calls },
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

  it("is rejected with a sentence that quotes no content", () => {
    const call = { type: "tool-call", id: "a", name: "f", arguments: "[secret]" } as const
    expect(problem({ role: "assistant", content: [call] })).toBe(
      "messages[0].content[0].arguments must be the text of a JSON object"
    )
    expect(problem({ role: "tool", toolCallId: "secret", content: "" })).toBe(
      "messages[0].toolCallId matches no earlier tool call, from which Gemini needs the name of the function; add the assistant message with the call"
    )
    expect(problem({ role: "system", content: "secret" })).not.toContain("secret")
  })
})
