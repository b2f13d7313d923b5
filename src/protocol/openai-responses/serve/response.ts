/** OpenAI's Responses, from the server's side: https://platform.openai.com/docs/api-reference/responses-streaming */
import type { JsonObject } from "../../../http/Json.js"
import { error as chatError, errorOf } from "../../serve/openAIErrors.js"
import type { ParsedRequest } from "../../serve/ParsedRequest.js"
import type { ServedReply } from "../../serve/ServedReply.js"
import { createdAt, namedEvent, type Wire, type WireEvent } from "../../serve/Wire.js"
import { type Item, itemsOf } from "./items.js"
import { read } from "./request.js"

const responseOf = (id: string, model: string, fields: JsonObject): JsonObject => ({
  id: `resp_${id}`,
  object: "response",
  created_at: createdAt,
  status: "in_progress",
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  model,
  output: [],
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: "default",
  store: false,
  temperature: 1,
  text: { format: { type: "text" }, verbosity: "medium" },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  truncation: "disabled",
  usage: null,
  user: null,
  metadata: {},
  ...fields
})

const incomplete: { readonly [reason: string]: string } = {
  length: "max_output_tokens",
  content_filter: "content_filter",
  other: "other"
}

const finished = (answer: ServedReply, parsed: ParsedRequest, items: ReadonlyArray<Item>): JsonObject => {
  const { usage } = answer
  const reason = incomplete[answer.finishReason]
  return responseOf(answer.id, answer.model, {
    store: parsed.isStored,
    status: reason === undefined ? "completed" : "incomplete",
    completed_at: reason === undefined ? createdAt : null,
    incomplete_details: reason === undefined ? null : { reason },
    output: items.map((item) => item.done),
    usage: {
      input_tokens: usage.inputTokens,
      input_tokens_details: { cached_tokens: usage.cacheReadTokens },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
      total_tokens: usage.totalTokens
    }
  })
}

const events = (answer: ServedReply, parsed: ParsedRequest): ReadonlyArray<WireEvent> => {
  const items = itemsOf(answer, parsed)
  const opened = responseOf(answer.id, answer.model, { store: parsed.isStored })
  const last = finished(answer, parsed, items)
  const frame = "frame" as const
  return [
    { part: frame, type: "response.created", fields: { response: opened } },
    { part: frame, type: "response.in_progress", fields: { response: opened } },
    ...items.flatMap((item, index) => [
      { part: frame, type: "response.output_item.added", fields: { output_index: index, item: item.added } },
      ...item.events.map(({ part, type, fields }) => ({
        part,
        type,
        fields: { item_id: item.id, output_index: index, ...fields }
      })),
      { part: frame, type: "response.output_item.done", fields: { output_index: index, item: item.done } }
    ]),
    { part: "finish" as const, type: `response.${last["status"]}`, fields: { response: last } }
  ].map(({ part, type, fields }, sequence) => ({
    part,
    text: namedEvent({ type, sequence_number: sequence, ...fields })
  }))
}

/** The wire of Responses. */
export const OpenAIResponsesWire: Wire = {
  read,
  events,
  whole: (answer, parsed) => finished(answer, parsed, itemsOf(answer, parsed)),
  // This API answers an unknown model with 400.
  error: (reported, model) => {
    const failed = chatError(reported, model)
    return reported.kind === "modelNotFound" ? { ...failed, status: 400 } : failed
  },
  // The real one says it twice: as an event of its own and as the state of the response.
  errorEvent: (reported, model) => {
    const { type, code, message, param } = errorOf(reported, model)
    const response = responseOf("failed", model, { status: "failed", error: { code: code ?? type, message } })
    return (
      namedEvent({ type: "error", sequence_number: 0, error: { type, code: code ?? type, message, param } }) +
      namedEvent({ type: "response.failed", sequence_number: 0, response })
    )
  },
  keepAlive: namedEvent({ type: "keepalive", sequence_number: 0 }),
  unknownEvent: namedEvent({ type: "response.simulated.unknown", sequence_number: 0 }),
  requestIdHeader: "x-request-id"
}
