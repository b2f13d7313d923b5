/** The words for finish reasons, in one table for all protocols: gateways pass on the words of other vendors. */
import type { FinishReason } from "../domain/StreamChunk.js"
import type { ReportedError } from "../http/errorClassification.js"

/** What a finish reason means; `failure` where the server reports an error in its place. */
export type FinishWord = FinishReason | "failure"

const words: { readonly [word: string]: FinishWord } = {
  stop: "stop",
  eos: "stop",
  eos_token: "stop",
  stop_sequence: "stop",
  end_turn: "stop",
  length: "length",
  max_tokens: "length",
  max_output_tokens: "length",
  model_length: "length",
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
  // Z.ai
  sensitive: "content_filter",
  error: "failure",
  network_error: "failure",
  server_error: "failure"
}

/** Reads the word of a server, in upper or lower case; an unknown word is `other`. */
export const readFinishReason = (word: string): FinishWord => {
  const key = word.toLowerCase()
  return (Object.hasOwn(words, key) ? words[key] : undefined) ?? "other"
}

/** The failure that a finish reason reports. */
export const failureOfWord = (word: string): ReportedError => ({
  message: `the response ended with the finish reason ${word}`,
  codes: ["server_error"]
})
