/** The JSON that every response of chat completions has, streaming or not. */
import type { Source } from "../../../domain/Source.js"
import type { FinishReason } from "../../../domain/StreamChunk.js"
import type { Usage } from "../../../domain/Usage.js"
import type { JsonObject } from "../../../http/Json.js"
import { errorOf } from "../../serve/openAIErrors.js"
import type { ServedError } from "../../serve/ServedError.js"
import { dataEvent } from "../../serve/WireFormat.js"

/** OpenAI's names of the finish reasons. */
export const finishReasons: { readonly [Reason in FinishReason]: string } = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  other: "other"
}

/** The token counts; each choice has used the same output. */
export const usageOf = (usage: Usage, choices: number): JsonObject => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens * choices,
  total_tokens: usage.inputTokens + usage.outputTokens * choices,
  prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: usage.reasoningTokens * choices,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0
  }
})

/** A complete tool call, or the first delta of one. */
export const callJson = (id: string, name: string, args: string): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: args }
})

/** One choice: its delta or its message. */
export const choiceJson = (index: number, output: JsonObject, finishReason: string | null): JsonObject => ({
  index,
  ...output,
  logprobs: null,
  finish_reason: finishReason
})

/** What every chunk and every whole response begins with. */
export const headJson = (
  kind: "chat.completion" | "chat.completion.chunk",
  { id, createdAt, model }: { readonly id: string; readonly createdAt: number; readonly model: string }
): JsonObject => ({ id: `chatcmpl-${id}`, object: kind, created: createdAt, model })

/** The delta that opens an answer. */
export const openingDelta = (content: "" | null): JsonObject => ({ role: "assistant", content, refusal: null })

/** The delta that continues the arguments of a call. */
export const argumentsDelta = (index: number, args: string): JsonObject => ({
  tool_calls: [{ index, function: { arguments: args } }]
})

/** The message of a whole response. */
export const messageJson = (
  content: string | null,
  {
    reasoning,
    toolCalls,
    refusal = null,
    annotations = []
  }: {
    readonly reasoning: string | undefined
    readonly toolCalls: ReadonlyArray<JsonObject>
    readonly refusal?: string | null
    readonly annotations?: ReadonlyArray<JsonObject>
  }
): JsonObject => ({
  role: "assistant",
  content,
  ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
  ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  refusal,
  annotations
})

/** The pages that a message cites. Without a range, both offsets are 0, as OpenRouter writes it. */
export const annotationsJson = (sources: ReadonlyArray<Source>): ReadonlyArray<JsonObject> =>
  sources.map(({ url, title = "", range = { start: 0, end: 0 } }) => ({
    type: "url_citation",
    url_citation: { end_index: range.end, start_index: range.start, title, url }
  }))

/** The end marker of a stream. */
export const endMarker = "data: [DONE]\n\n"

/** The event of an error inside a stream. */
export const errorEvent = (error: ServedError, model: string): string => dataEvent({ error: errorOf(error, model) })
