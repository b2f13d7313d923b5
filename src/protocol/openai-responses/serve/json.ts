/** The JSON that every response of Responses has, streaming or not. */
import type { FinishReason } from "../../../domain/StreamChunk.js"
import type { Usage } from "../../../domain/Usage.js"
import type { JsonObject } from "../../../http/Json.js"
import type { ResponseHead } from "../../serve/ResponseWriter.js"

/** A response with the fields of its state. */
export const responseJson = ({ id, model, createdAt }: ResponseHead, fields: JsonObject): JsonObject => ({
  id: `resp_${id}`,
  object: "response",
  created_at: createdAt,
  status: "in_progress",
  background: false,
  completed_at: null,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  model,
  output: [],
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  prompt_cache_retention: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "default",
  store: false,
  temperature: 1,
  text: { format: { type: "text" }, verbosity: "medium" },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  usage: null,
  user: null,
  metadata: {},
  ...fields
})

const incomplete: { readonly [Reason in FinishReason]?: string } = {
  length: "max_output_tokens",
  content_filter: "content_filter",
  other: "other"
}

/** The state of a response that has ended. */
export const endOf = (reason: FinishReason, completedAt: number) => {
  const why = incomplete[reason]
  return {
    status: why === undefined ? ("completed" as const) : ("incomplete" as const),
    completed_at: why === undefined ? completedAt : null,
    incomplete_details: why === undefined ? null : { reason: why }
  }
}

/** The token counts. */
export const usageJson = (usage: Usage): JsonObject => ({
  input_tokens: usage.inputTokens,
  input_tokens_details: { cached_tokens: usage.cacheReadTokens },
  output_tokens: usage.outputTokens,
  output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  total_tokens: usage.totalTokens
})
