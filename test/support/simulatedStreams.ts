/** What the Simulator streams in each protocol: text, reasoning, calls, a cut answer, redacted reasoning. */
import { Effect } from "effect"
import { type ProtocolName, type SimulatedReply, Simulator } from "llm-connectivity/testing"

type Body = { readonly [field: string]: unknown }

interface Ask {
  readonly path: string
  readonly headers: (key: string) => Record<string, string>
  readonly body: Body
  readonly reasoning: Body
}

const question = "Count to 5 with words"

const asks: { readonly [Each in ProtocolName]: Ask } = {
  "openai-chat": {
    path: "/v1/chat/completions",
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    body: {
      model: "gpt-4.1-nano",
      messages: [{ role: "user", content: question }],
      stream_options: { include_usage: true }
    },
    // OpenAI does not show it in chat completions.
    reasoning: {}
  },
  "openai-responses": {
    path: "/v1/responses",
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    body: { model: "gpt-5-mini", input: question },
    reasoning: { reasoning: { effort: "low", summary: "auto" } }
  },
  "anthropic-messages": {
    path: "/v1/messages",
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
    body: { model: "claude-sonnet-4-5", max_tokens: 2000, messages: [{ role: "user", content: question }] },
    reasoning: { thinking: { type: "enabled", budget_tokens: 1024 } }
  },
  "google-gemini": {
    path: "/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse",
    headers: (key) => ({ "x-goog-api-key": key }),
    body: { contents: [{ role: "user", parts: [{ text: question }] }] },
    reasoning: { generationConfig: { thinkingConfig: { includeThoughts: true } } }
  }
}

const calls = [
  { name: "get_weather", arguments: { city: "Paris" } },
  { name: "get_time", arguments: {} }
]

const replies = (protocol: ProtocolName): ReadonlyArray<SimulatedReply> => [
  {},
  {},
  { toolCalls: calls },
  { content: "One, two", finishReason: "length" },
  ...(protocol === "anthropic-messages" ? [{ content: "One", redactedReasoning: true }] : [])
]

/** The response to a request. */
export const request = (protocol: ProtocolName, fields: Body) =>
  Effect.flatMap(Simulator, ({ url, apiKey }) => {
    const { path, headers, body } = asks[protocol]
    const stream = protocol === "google-gemini" ? {} : { stream: true }
    const options = {
      method: "POST",
      headers: { "content-type": "application/json", ...headers(apiKey) },
      body: JSON.stringify({ ...body, ...stream, ...fields })
    }
    return Effect.promise(async () => {
      const response = await fetch(url + path, options)
      return { response, text: await response.text() }
    })
  })

/** The streams of a protocol, as they arrive. */
export const simulatedStreams = (protocol: ProtocolName) =>
  Effect.forEach(replies(protocol), (_, index) => request(protocol, index === 1 ? asks[protocol].reasoning : {})).pipe(
    Effect.map((all) => all.map(({ text }) => text)),
    Effect.provide(Simulator.layer({ pace: 0, script: replies(protocol) }))
  )

/** Fields that are documented, or a vendor's, and in no recording. */
export const documented: { readonly [Each in ProtocolName]: ReadonlyArray<string> } = {
  "openai-chat": [],
  "openai-responses": [],
  "anthropic-messages": ["message_delta.usage.output_tokens_details"],
  "google-gemini": []
}
