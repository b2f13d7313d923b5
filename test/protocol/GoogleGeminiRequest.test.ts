import { Either, Schema } from "effect"
import { describe, expect, it } from "vitest"
import type { ChatRequest } from "../../src/domain/ChatRequest.js"
import type { Message } from "../../src/domain/Message.js"
import { make } from "../../src/protocol/google-gemini/protocol.js"
import { questionOf } from "../support/preparedRequest.js"

const protocol = make({ provider: "google" })

const hello: ReadonlyArray<Message> = [{ role: "user", content: "Hello" }]

const encode = (request: Partial<ChatRequest>, model = "gemini-3-flash-preview") =>
  protocol.encode(questionOf({ messages: hello, ...request, model }), true)

// As it is sent: without the fields that are undefined.
const body = (request: Partial<ChatRequest>, model?: string) =>
  JSON.parse(JSON.stringify(Either.getOrThrowWith(encode(request, model), (problem) => new Error(problem)).body))

const config = (request: Partial<ChatRequest>, model?: string) => body(request, model).generationConfig

const problem = (request: Partial<ChatRequest>, model?: string) =>
  Either.getOrThrow(Either.flip(encode(request, model)))

describe("a request to Gemini", () => {
  it.each([
    ["gemini-2.5-flash", "/models/gemini-2.5-flash:generateContent"],
    ["models/gemini-2.5-flash", "/models/gemini-2.5-flash:generateContent"],
    ["tunedModels/mine", "/tunedModels/mine:generateContent"],
    ["../a/b?c#d:x", "/models/..%2Fa%2Fb%3Fc%23d%3Ax:generateContent"],
    ["models/..", "/models/..:generateContent"]
  ])("sends %s to %s", (model, path) => {
    expect(Either.getOrThrow(protocol.encode({ messages: hello, model }, false)).path).toBe(path)
  })

  it("streams as server-sent events, and rejects a model id that a URL cannot contain", () => {
    expect(Either.getOrThrow(encode({})).path).toBe("/models/gemini-3-flash-preview:streamGenerateContent?alt=sse")
    expect(problem({}, "\ud800")).toBe("the model id has a character that a URL cannot contain; correct it")
  })

  it("encodes every field", () => {
    const parameters = { type: "object", properties: {} }
    const request: Partial<ChatRequest> = {
      messages: [{ role: "system", content: "Be brief" }, ...hello, { role: "system", content: [] }],
      maxTokens: 10,
      temperature: 0.5,
      topP: 0.9,
      stop: "END",
      seed: 7,
      tools: [{ name: "f", description: "does", parameters, cache: "5m" }],
      toolChoice: "required",
      responseFormat: { type: "json", schema: Schema.Struct({ a: Schema.String }) }
    }
    expect(body(request)).toEqual({
      systemInstruction: { parts: [{ text: "Be brief" }, { text: "" }] },
      contents: [{ role: "user", parts: [{ text: "Hello" }] }],
      tools: [{ functionDeclarations: [{ name: "f", description: "does", parametersJsonSchema: parameters }] }],
      toolConfig: { functionCallingConfig: { mode: "ANY" } },
      generationConfig: {
        maxOutputTokens: 10,
        temperature: 0.5,
        topP: 0.9,
        stopSequences: ["END"],
        seed: 7,
        responseMimeType: "application/json",
        responseJsonSchema: expect.objectContaining({ type: "object", required: ["a"] })
      }
    })
    expect(body({ toolChoice: { name: "f" } }).toolConfig.functionCallingConfig).toEqual({
      mode: "ANY",
      allowedFunctionNames: ["f"]
    })
  })

  it.each([
    [{ budgetTokens: 99 }, "gemini-2.5-pro", { includeThoughts: true, thinkingBudget: 99 }],
    [{ effort: "low" }, "gemini-2.5-flash", { includeThoughts: true, thinkingBudget: 1024 }],
    [{ effort: "low" }, "models/gemini-3.1-pro-preview", { includeThoughts: true, thinkingLevel: "low" }],
    [{ effort: "high" }, "gemini-flash-latest", { includeThoughts: true, thinkingLevel: "high" }],
    [{ effort: "none" }, "gemini-2.5-flash-lite", { thinkingBudget: 0 }],
    [{}, "gemini-3-flash-preview", undefined]
  ] as const)("encodes the reasoning %j for %s", (reasoning, model, thinkingConfig) => {
    expect(config({ reasoning }, model).thinkingConfig).toEqual(thinkingConfig)
  })

  it.each([
    [{ effort: "none" }, "gemini-2.5-pro", "budgetTokens: 128"],
    [{ effort: "none" }, "gemini-3-flash", '"minimal" or "low"'],
    [{ effort: "xhigh" }, "gemini-3-flash", 'does not support reasoning.effort "xhigh"; use "high"'],
    [{ effort: "low", budgetTokens: 9 }, "gemini-3-flash", "leave one of them out"]
  ] as const)("rejects the reasoning %j for %s", (reasoning, model, words) => {
    expect(problem({ reasoning }, model)).toContain(words)
  })

  it("overrides fields with providerOptions, and merges generationConfig by field", () => {
    const google = { safetySettings: [], tools: [{ googleSearch: {} }], generationConfig: { topK: 4, temperature: 1 } }
    const tools = [{ name: "f", parameters: {} }]
    const sent = body({ temperature: 0, maxTokens: 9, tools, providerOptions: { google, openai: { no: 1 } } })
    expect(sent).toMatchObject({ safetySettings: [], tools: google.tools })
    expect(sent.generationConfig).toEqual({ topK: 4, temperature: 1, maxOutputTokens: 9 })
    expect(sent.no).toBeUndefined()
  })

  it("sends images and files inline or by URL", () => {
    const content = [
      { type: "image", data: "AA==", mediaType: "image/png" },
      { type: "image", url: "https://a.b/c.JPG?x=1", detail: "high" },
      { type: "image", url: "https://a.b/c", detail: "auto" },
      { type: "file", url: "gs://a/b", mediaType: "application/pdf", filename: "b.pdf" }
    ] as const
    expect(body({ messages: [{ role: "user", content }] }).contents[0].parts).toEqual([
      { inlineData: { mimeType: "image/png", data: "AA==" } },
      {
        fileData: { mimeType: "image/jpeg", fileUri: "https://a.b/c.JPG?x=1" },
        mediaResolution: { level: "MEDIA_RESOLUTION_HIGH" }
      },
      { fileData: { fileUri: "https://a.b/c" } },
      { fileData: { mimeType: "application/pdf", fileUri: "gs://a/b" } }
    ])
    expect(problem({ messages: [{ role: "user", content }] }, "gemini-2.5-flash")).toMatch(
      /^messages\[0\]\.content\[1\]\.detail needs Gemini 3 or later/
    )
  })
})
