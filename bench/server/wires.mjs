/** The four wire formats: the opening, deltas and end of a response, shaped like recordings of real ones. */

/**
 * @typedef {"chat" | "responses" | "anthropic" | "gemini"} Wire
 * @typedef {{ opening: string, delta: (index: number) => string, closing: string }} Shape
 */

const data = (json) => `data: ${JSON.stringify(json)}\n\n`
const named = (json) => `event: ${json.type}\n${data(json)}`
const word = (index) => ` word${index}`

const chatEvent = (delta, finish) =>
  data({
    id: "chatcmpl-BxQ7b9vT1",
    object: "chat.completion.chunk",
    created: 1751569118,
    model: "gpt-4o-mini-2024-07-18",
    service_tier: "default",
    system_fingerprint: "fp_34a54ae93c",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }]
  })

const item = (status, content) => ({ id: "msg_6866d2df1c0c819c", type: "message", status, content, role: "assistant" })
const part = { type: "output_text", annotations: [], logprobs: [], text: "" }
const place = { item_id: "msg_6866d2df1c0c819c", output_index: 0, content_index: 0 }

const response = (status, output, usage) => ({
  id: "resp_6866d2dec420819c",
  object: "response",
  created_at: 1751569118,
  status,
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  model: "gpt-4o-2024-08-06",
  output,
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: "default",
  store: false,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  usage,
  user: null,
  metadata: {}
})

const responsesUsage = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 9,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 18
}

/** @type {Shape} */
const responses = {
  opening: [
    { type: "response.created", sequence_number: 0, response: response("in_progress", [], null) },
    { type: "response.in_progress", sequence_number: 1, response: response("in_progress", [], null) },
    { type: "response.output_item.added", sequence_number: 2, output_index: 0, item: item("in_progress", []) },
    { type: "response.content_part.added", sequence_number: 3, ...place, part }
  ]
    .map(named)
    .join(""),
  delta: (index) =>
    named({
      type: "response.output_text.delta",
      sequence_number: 4 + index,
      ...place,
      delta: word(index),
      logprobs: [],
      obfuscation: "xYhT5bAq9Lw"
    }),
  closing: [
    { type: "response.output_text.done", sequence_number: 1004, ...place, text: "", logprobs: [] },
    { type: "response.content_part.done", sequence_number: 1005, ...place, part },
    { type: "response.output_item.done", sequence_number: 1006, output_index: 0, item: item("completed", [part]) },
    {
      type: "response.completed",
      sequence_number: 1007,
      response: response("completed", [item("completed", [part])], responsesUsage)
    }
  ]
    .map(named)
    .join("")
}

/** @type {Shape} */
const anthropic = {
  opening: [
    {
      type: "message_start",
      message: {
        model: "claude-sonnet-4-5-20250929",
        id: "msg_013zKrzHmx2EAPhcF2gQKQ4k",
        type: "message",
        role: "assistant",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 }
      }
    },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }
  ]
    .map(named)
    .join(""),
  delta: (index) => named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word(index) } }),
  closing: [
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 9 } },
    { type: "message_stop" }
  ]
    .map(named)
    .join("")
}

const geminiEvent = (text, finish) =>
  data({
    candidates: [{ content: { parts: [{ text }], role: "model" }, ...finish, index: 0 }],
    usageMetadata: {
      promptTokenCount: 9,
      candidatesTokenCount: 10,
      totalTokenCount: 19,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 9 }]
    },
    modelVersion: "gemini-2.5-flash",
    responseId: "dX6LadKVC7SZ28oPr9yJoQs"
  })

/** @type {Record<Wire, Shape>} */
export const wires = {
  chat: {
    opening: chatEvent({ role: "assistant", content: "", refusal: null }, null),
    delta: (index) => chatEvent({ content: word(index) }, null),
    closing: `${chatEvent({}, "stop")}data: [DONE]\n\n`
  },
  responses,
  anthropic,
  gemini: {
    opening: "",
    delta: (index) => geminiEvent(word(index), {}),
    closing: geminiEvent("", { finishReason: "STOP" })
  }
}
