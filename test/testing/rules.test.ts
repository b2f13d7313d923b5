/** The Simulator rejects what the providers reject, answers what they answer, and lists models. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ProtocolName, type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { request } from "../support/simulatedStreams.js"

const user = { role: "user", content: "Count to 5 with words" }
const schema = { type: "object", properties: { city: { type: "string" } } }

const chatTool = (fields: object) => [{ type: "function", function: { name: "f", parameters: schema, ...fields } }]
const responsesTool = (fields: object) => [{ type: "function", name: "f", parameters: schema, ...fields }]
const anthropicTool = (fields: object) => [{ name: "f", input_schema: schema, ...fields }]
const geminiTool = (fields: object) => [
  { functionDeclarations: [{ name: "f", parametersJsonSchema: schema, ...fields }] }
]
const text = { type: "string" }
const misspelt = { type: "object", properties: { city: { type: "strin" } } }
const wrongRoot = { type: "objekt" }

const rejected: ReadonlyArray<
  readonly [ProtocolName, title: string, fields: object, message: RegExp, status?: number]
> = [
  ["openai-chat", "temperature 5", { temperature: 5 }, /^Invalid 'temperature': decimal above maximum value/],
  [
    "openai-chat",
    "max_tokens",
    { model: "gpt-5-mini", max_tokens: 9 },
    /'max_tokens' is not supported with this model/
  ],
  ["openai-chat", "max_tokens", { model: "o3", max_tokens: 9 }, /Use 'max_completion_tokens' instead/],
  [
    "openai-chat",
    "an orphan tool message",
    { messages: [user, { role: "tool", tool_call_id: "c", content: "x" }] },
    /must be a response to a preceeding message/
  ],
  [
    "openai-chat",
    "json_object without JSON",
    { response_format: { type: "json_object" } },
    /must contain the word 'json'/
  ],
  ["openai-chat", "n: 129", { n: 129 }, /^Invalid 'n'/],
  [
    "openai-chat",
    "a root schema that is no object",
    { tools: chatTool({ parameters: text }) },
    /schema must be a JSON Schema of 'type: "object"', got 'type: "string"'/
  ],
  ["openai-chat", "a misspelt root type", { tools: chatTool({ parameters: wrongRoot }) }, /got 'type: "objekt"'/],
  ["openai-chat", "a misspelt type", { tools: chatTool({ parameters: misspelt }) }, /"strin" is not valid/],
  ["openai-chat", "a blank in a name", { tools: chatTool({ name: "a b" }) }, /does not match pattern/],
  ["openai-chat", "a long name", { tools: chatTool({ name: "a".repeat(65) }) }, /string too long/],
  ["openai-chat", "a model string", { model: "anthropic/claude-sonnet-5" }, /does not exist/, 404],
  ["openai-chat", "its own model string", { model: "openai/gpt-4o" }, /does not exist/, 404],
  ["openai-responses", "temperature 5", { temperature: 5 }, /decimal above maximum value/],
  [
    "openai-responses",
    "an orphan result",
    { input: [user, { type: "function_call_output", call_id: "c", output: "x" }] },
    /No tool call found/
  ],
  [
    "openai-responses",
    "json_object without JSON",
    { text: { format: { type: "json_object" } } },
    /must contain the word 'json'/
  ],
  [
    "openai-responses",
    "a root schema that is no object",
    { tools: responsesTool({ parameters: text }) },
    /schema must be a JSON Schema/
  ],
  ["openai-responses", "a blank in a name", { tools: responsesTool({ name: "a b" }) }, /does not match pattern/],
  ["openai-responses", "a model string", { model: "openai/gpt-5-mini" }, /does not exist/],
  ["anthropic-messages", "temperature 5", { temperature: 5 }, /^temperature: Input should be less than or equal to 1/],
  [
    "anthropic-messages",
    "an orphan result",
    { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "c", content: "x" }] }] },
    /unexpected `tool_use_id`/
  ],
  [
    "anthropic-messages",
    "a root schema that is no object",
    { tools: anthropicTool({ input_schema: text }) },
    /input_schema.type: Input should be 'object'/
  ],
  [
    "anthropic-messages",
    "a misspelt type",
    { tools: anthropicTool({ input_schema: misspelt }) },
    /JSON schema is invalid/
  ],
  ["anthropic-messages", "a blank in a name", { tools: anthropicTool({ name: "a b" }) }, /String should match pattern/],
  ["anthropic-messages", "a model string", { model: "anthropic/claude-sonnet-5" }, /^model: anthropic/, 404],
  ["google-gemini", "temperature 5", { generationConfig: { temperature: 5 } }, /temperature must be in the range/],
  ["google-gemini", "two candidates", { generationConfig: { candidateCount: 2 } }, /Multiple candidates/],
  [
    "google-gemini",
    "an orphan response",
    { contents: [{ role: "user", parts: [{ functionResponse: { name: "f", response: {} } }] }] },
    /immediately after a function call turn/
  ],
  [
    "google-gemini",
    "a root schema that is no object",
    { tools: geminiTool({ parametersJsonSchema: text }) },
    /should be of type OBJECT/
  ],
  ["google-gemini", "a misspelt type", { tools: geminiTool({ parametersJsonSchema: misspelt }) }, /"strin"/],
  ["google-gemini", "a blank in a name", { tools: geminiTool({ name: "a b" }) }, /Invalid function name/]
]

const messageIn = (body: string): string => JSON.parse(body).error.message

it.effect.each(rejected)("%s rejects %s", ([protocol, , fields, message, status = 400]) =>
  Effect.gen(function* () {
    const { response, text: body } = yield* request(protocol, { ...fields })
    expect(messageIn(body)).toMatch(message)
    expect(response.status).toBe(status)
  }).pipe(Effect.provide(Simulator.layer({ pace: 0 })))
)

const serving = (...script: ReadonlyArray<SimulatedReply>) => Effect.provide(Simulator.layer({ pace: 0, script }))

const get = (path: string, headers: Record<string, string> = {}) =>
  Effect.flatMap(Simulator, ({ url, apiKey }) =>
    Effect.promise(async () => {
      const key = { authorization: `Bearer ${apiKey}`, "x-api-key": apiKey, "x-goog-api-key": apiKey }
      const response = await fetch(url + path, { headers: { ...key, ...headers } })
      return { status: response.status, body: JSON.parse(await response.text()) }
    })
  )

describe("the Simulator", () => {
  it.effect("answers n: 2 with two choices, streaming and non-streaming", () =>
    Effect.gen(function* () {
      const { text: stream } = yield* request("openai-chat", { n: 2 })
      expect(stream.match(/"choices":\[\{"index":1,.*"finish_reason":"stop"/)).not.toBeNull()
      const { text: whole } = yield* request("openai-chat", { n: 2, stream: false, stream_options: undefined })
      expect(JSON.parse(whole).choices.map(({ index }: { index: number }) => index)).toEqual([0, 1])
    }).pipe(serving())
  )

  it.effect("writes JSON and Gemini's events as the providers do", () =>
    Effect.gen(function* () {
      const whole = yield* request("openai-chat", { stream: false, stream_options: undefined })
      expect(whole.text).toMatch(/^\{\n {2}"id": "chatcmpl-\w+",\n {2}"object": "chat.completion",\n[\s\S]*\}\n$/)
      expect((yield* request("anthropic-messages", { stream: false })).text).toMatch(/^\{"model":"claude/)
      expect((yield* request("google-gemini", {})).text).toMatch(/^data: \{"candidates": \[\{"content": .*\}\r\n\r\n/)
    }).pipe(serving())
  )

  it.effect("redacts reasoning as Anthropic does", () =>
    Effect.map(request("anthropic-messages", {}), ({ text: stream }) => {
      expect(stream).toMatch(/"content_block":\{"type":"redacted_thinking","data":"\w{64}"\}/)
      expect(stream).not.toContain("thinking_delta")
    }).pipe(serving({ content: "One", redactedReasoning: true }))
  )

  const calls = [
    { name: "f", arguments: { city: "Paris and London" } },
    { name: "g", arguments: { city: "Rome and Berlin" } }
  ]
  it.effect.each([
    ["openai-chat", /"tool_calls":\[\{"index":(\d),"function"/g],
    ["openai-responses", /arguments.delta","sequence_number":\d+,"item_id":"\w+","output_index":(\d)/g],
    ["anthropic-messages", /"index":(\d),"delta":\{"type":"input_json_delta"/g]
  ] as const)("interleaves parallel calls in %s", ([protocol, index]) =>
    Effect.map(request(protocol, {}), ({ text: stream }) => {
      const order = Array.from(stream.matchAll(index), ([, at]) => at)
      expect(order.slice(0, 6)).toEqual(["0", "1", "0", "1", "0", "1"])
    }).pipe(serving({ toolCalls: calls, interleavedToolCalls: true }))
  )

  it.effect("lists models and shows one, in the form of each provider", () =>
    Effect.gen(function* () {
      expect((yield* get("/v1/models")).body).toMatchObject({
        object: "list",
        data: expect.arrayContaining([expect.objectContaining({ object: "model" })])
      })
      expect((yield* get("/v1/models/gpt-4o")).body).toMatchObject({ id: "gpt-4o", object: "model" })
      expect((yield* get("/v1/models/unknown")).status).toBe(404)
      expect((yield* get("/openai/v1/models")).body.data[0].id).toBe("openai/gpt-oss-120b")
      const anthropic = yield* get("/v1/models", { "anthropic-version": "2023-06-01" })
      expect(anthropic.body).toMatchObject({ has_more: false, first_id: anthropic.body.data[0].id })
      expect(anthropic.body.data[0]).toMatchObject({ type: "model", display_name: expect.any(String) })
      expect((yield* get("/v1beta/models")).body.models[0].name).toMatch(/^models\/gemini/)
      expect((yield* get("/v1beta/models/gemini-2.5-flash")).body.name).toBe("models/gemini-2.5-flash")
    }).pipe(serving())
  )

  it.effect("gives the scripted reply to the first request that is not for models", () =>
    Effect.gen(function* () {
      yield* get("/v1/models")
      expect((yield* request("openai-chat", {})).response.status).toBe(429)
    }).pipe(serving({ error: "rateLimit" }))
  )
})
