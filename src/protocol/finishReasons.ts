/** The words for finish reasons, in one table for all protocols: gateways pass on the words of other vendors. */
import type { FinishReason } from "../domain/StreamChunk.js"
import type { ReportedError } from "../http/errors/classification.js"

/** What a finish reason means. `failure`: the server reports an error. `none`: the response has not finished yet. */
export type FinishWord = FinishReason | "failure" | "none"

const words: { readonly [word: string]: FinishWord } = {
  // DashScope's own protocol, and Python's word
  null: "none",
  none: "none",
  finish_reason_unspecified: "none",
  stop: "stop",
  // Cohere: https://docs.cohere.com/reference/chat
  complete: "stop",
  completed: "stop",
  end: "stop",
  finished: "stop",
  // Gemini's enum by its protobuf names and numbers
  finish_reason_stop: "stop",
  finish_reason_max_tokens: "length",
  finish_reason_safety: "content_filter",
  finish_reason_recitation: "content_filter",
  "0": "none",
  "1": "stop",
  "2": "length",
  "3": "content_filter",
  "4": "content_filter",
  eos: "stop",
  eos_token: "stop",
  stop_sequence: "stop",
  end_turn: "stop",
  length: "length",
  max_tokens: "length",
  max_output_tokens: "length",
  model_length: "length",
  max_length: "length",
  max_new_tokens: "length",
  token_limit: "length",
  context_length_exceeded: "length",
  // Cohere
  error_limit: "length",
  // Fireworks and MiniMax: the model repeated itself, and was stopped
  repetition: "length",
  repetition_truncation: "length",
  // Z.ai, Anthropic
  model_context_window_exceeded: "length",
  tool_calls: "tool_calls",
  tool_call: "tool_calls",
  function_call: "tool_calls",
  // Anthropic behind compatible gateways
  tool_use: "tool_calls",
  content_filter: "content_filter",
  refusal: "content_filter",
  safety: "content_filter",
  prohibited_content: "content_filter",
  recitation: "content_filter",
  // Gemini: https://ai.google.dev/api/generate-content#FinishReason
  language: "content_filter",
  blocklist: "content_filter",
  spii: "content_filter",
  model_armor: "content_filter",
  image_safety: "content_filter",
  image_prohibited_content: "content_filter",
  image_recitation: "content_filter",
  // Vertex
  escalation: "content_filter",
  // Z.ai
  sensitive: "content_filter",
  // Amazon Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
  guardrail_intervened: "content_filter",
  content_filtered: "content_filter",
  // Cohere
  error_toxic: "content_filter",
  error: "failure",
  network_error: "failure",
  server_error: "failure",
  internal_error: "failure",
  timeout: "failure",
  // Z.ai, vLLM and SGLang: the server stopped the generation
  abort: "failure",
  aborted: "failure",
  cancelled: "failure",
  // DeepSeek: https://api-docs.deepseek.com/api/create-chat-completion
  insufficient_system_resource: "failure"
}

/** Reads the word of a server, in upper or lower case; an unknown word is `other`. */
export const readFinishReason = (word: string): FinishWord => {
  const key = word.toLowerCase()
  return (Object.hasOwn(words, key) ? words[key] : undefined) ?? "other"
}

/** The failure that a finish reason reports. */
export const failureOfWord = (word: string): ReportedError => ({
  message: `the response ended with the finish reason ${word}`,
  codes: [word.toLowerCase() === "insufficient_system_resource" ? "overloaded" : "server_error"]
})
