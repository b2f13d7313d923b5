/** A server may report anything as a token count; what callers read is always a whole number of tokens. */
import { describe, expect, it } from "vitest"
import * as Usage from "../../src/domain/Usage.js"
import * as GoogleEmbedding from "../../src/protocol/google-gemini/embedding.js"
import * as OpenAIEmbedding from "../../src/protocol/openAIEmbedding.js"
import { readings } from "../support/protocols.js"

const sse = (...events: ReadonlyArray<object>): ReadonlyArray<string> =>
  events.map(
    (event) =>
      `${"type" in event ? `event: ${event.type}\n` : ""}data: ${JSON.stringify(event).replaceAll('"1e400"', "1e400")}\n\n`
  )

type Count = number | "1e400"

/** The events of a stream that reports a count of input, of output, of cached input and of reasoning. */
const streams = {
  "openai-chat": (input: Count, output: Count, cached: Count, reasoning: Count) =>
    sse({
      choices: [{ delta: { content: "Hi" }, finish_reason: "stop" }],
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        prompt_tokens_details: { cached_tokens: cached },
        completion_tokens_details: { reasoning_tokens: reasoning }
      }
    }),
  "openai-responses": (input: Count, output: Count, cached: Count, reasoning: Count) =>
    sse({
      type: "response.completed",
      response: {
        status: "completed",
        usage: {
          input_tokens: input,
          output_tokens: output,
          input_tokens_details: { cached_tokens: cached },
          output_tokens_details: { reasoning_tokens: reasoning }
        }
      }
    }),
  "anthropic-messages": (input: Count, output: Count, cached: Count, reasoning: Count) =>
    sse(
      { type: "message_start", message: { id: "a", usage: {} } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "Hi" } },
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn" },
        usage: {
          input_tokens: input,
          output_tokens: output,
          cache_read_input_tokens: cached,
          output_tokens_details: { thinking_tokens: reasoning }
        }
      },
      { type: "message_stop" }
    ),
  "google-gemini": (input: Count, output: Count, cached: Count, reasoning: Count) =>
    sse({
      candidates: [{ content: { parts: [{ text: "Hi" }] }, finishReason: "STOP" }],
      usageMetadata: {
        promptTokenCount: input,
        candidatesTokenCount: output,
        cachedContentTokenCount: cached,
        thoughtsTokenCount: reasoning
      }
    })
}

const embeddings = {
  "openai-chat": (count: unknown) =>
    OpenAIEmbedding.make("openai", OpenAIEmbedding.openAILimits).decode(
      { data: [{ embedding: [1], index: 0 }], usage: { prompt_tokens: count } },
      1
    ),
  "google-gemini": (count: unknown) =>
    GoogleEmbedding.make("google").decode(
      { embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: count } },
      1
    )
}

describe.each(Object.keys(streams) as Array<keyof typeof streams>)("%s", (protocol) => {
  const usageOf = (...counts: Parameters<(typeof streams)["openai-chat"]>) => {
    const { error, response } = readings[protocol](streams[protocol](...counts))
    expect(error).toBeUndefined()
    return response?.usage
  }

  it.each([-1, "1e400", 1e300] as const)("reports no usage where a server that does not count sends %s", (count) => {
    expect(usageOf(count, count, count, count)).toBeNull()
  })

  it.each([-1, "1e400", 1e300] as const)("keeps the counts beside one that is %s", (count) => {
    expect(usageOf(count, 7, count, count)).toEqual(Usage.make({ inputTokens: 0, outputTokens: 7 }))
    expect(usageOf(7, count, count, count)).toEqual(Usage.make({ inputTokens: 7, outputTokens: 0 }))
  })

  it("rounds fractions up", () => {
    const { inputTokens, outputTokens } = usageOf(6.5, 3.01, 0, 0) ?? {}
    expect([inputTokens, outputTokens]).toEqual([7, 4])
  })
})

it("keeps what Anthropic's first event reports when the last one reports -1", () => {
  const events = sse(
    { type: "message_start", message: { id: "a", usage: { input_tokens: 12, output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "Hi" } },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { input_tokens: -1, output_tokens: 4 } },
    { type: "message_stop" }
  )
  expect(readings["anthropic-messages"](events).response?.usage).toMatchObject({ inputTokens: 12, outputTokens: 4 })
})

it("counts no pass of Anthropic that reports no number", () => {
  const iterations = [{ input_tokens: "1e400" }, { input_tokens: -3 }, { input_tokens: 20 }]
  const events = sse(
    { type: "message_start", message: { id: "a", usage: { input_tokens: 12 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "Hi" } },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4, iterations } },
    { type: "message_stop" }
  )
  expect(readings["anthropic-messages"](events).response?.usage).toMatchObject({ inputTokens: 20, outputTokens: 4 })
})

describe.each(Object.keys(embeddings) as Array<keyof typeof embeddings>)("embeddings of %s", (protocol) => {
  it.each([-1, Number.POSITIVE_INFINITY, 1e300])("report no usage where the count is %d", (count) => {
    expect(embeddings[protocol](count)).toMatchObject({ right: { inputTokens: null } })
    expect(embeddings[protocol](2.5)).toMatchObject({ right: { inputTokens: 3 } })
  })
})
