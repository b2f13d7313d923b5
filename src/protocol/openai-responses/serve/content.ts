/** The events that stream the content of an output item, and the JSON of items, for every server of Responses. */
import type { JsonObject } from "../../../http/Json.js"

/** An event, without what every event of an item has. */
export interface ContentEvent {
  readonly type: string
  readonly fields: JsonObject
}

/** How the content of one kind of item streams. */
export interface ContentEvents {
  readonly open: ReadonlyArray<ContentEvent>
  readonly delta: (delta: string) => ContentEvent
  /** The events after the last delta, with the complete text. */
  readonly close: (text: string) => ReadonlyArray<ContentEvent>
}

const event = (type: string, fields: JsonObject): ContentEvent => ({ type, fields })

const inSummary = { summary_index: 0 }
const inContent = { content_index: 0 }
const summaryPart = (text: string): JsonObject => ({ type: "summary_text", text })
const textPart = (text: string, annotations: ReadonlyArray<JsonObject> = []): JsonObject => ({
  type: "output_text",
  annotations,
  logprobs: [],
  text
})
const refusalPart = (refusal: string): JsonObject => ({ type: "refusal", refusal })

/** Reasoning. */
export const summaryEvents: ContentEvents = {
  open: [event("response.reasoning_summary_part.added", { ...inSummary, part: summaryPart("") })],
  delta: (delta) => event("response.reasoning_summary_text.delta", { ...inSummary, delta }),
  close: (text) => [
    event("response.reasoning_summary_text.done", { ...inSummary, text }),
    event("response.reasoning_summary_part.done", { ...inSummary, part: summaryPart(text) })
  ]
}

/** Text of a message that cites pages. */
export const citingTextEvents = (annotations: ReadonlyArray<JsonObject>): ContentEvents => ({
  open: [event("response.content_part.added", { ...inContent, part: textPart("") })],
  delta: (delta) => event("response.output_text.delta", { ...inContent, delta, logprobs: [] }),
  close: (text) => [
    ...annotations.map((annotation, annotation_index) =>
      event("response.output_text.annotation.added", { ...inContent, annotation_index, annotation })
    ),
    event("response.output_text.done", { ...inContent, text, logprobs: [] }),
    event("response.content_part.done", { ...inContent, part: textPart(text, annotations) })
  ]
})

/** Text of a message. */
export const textEvents: ContentEvents = citingTextEvents([])

/** A refusal. */
export const refusalEvents: ContentEvents = {
  open: [event("response.content_part.added", { ...inContent, part: refusalPart("") })],
  delta: (delta) => event("response.refusal.delta", { ...inContent, delta }),
  close: (refusal) => [
    event("response.refusal.done", { ...inContent, refusal }),
    event("response.content_part.done", { ...inContent, part: refusalPart(refusal) })
  ]
}

/** Arguments of a call. */
export const argumentsEvents: ContentEvents = {
  open: [],
  delta: (delta) => event("response.function_call_arguments.delta", { delta }),
  close: (json) => [event("response.function_call_arguments.done", { arguments: json })]
}

/** Whether an item still grows, is complete, or was cut by a limit. */
export type ItemStatus = "in_progress" | "completed" | "incomplete"

/** A reasoning item; without a text it is not shown. `sealed` is what goes back with it. */
export const reasoningJson = (id: string, text: string | undefined, sealed: string | undefined): JsonObject => ({
  id,
  type: "reasoning",
  ...(sealed === undefined ? {} : { encrypted_content: sealed }),
  summary: text === undefined ? [] : [summaryPart(text)]
})

/** A message; without a text it has no content yet. */
export const messageJson = (
  id: string,
  status: ItemStatus,
  type: "text" | "refusal",
  text: string | undefined,
  annotations?: ReadonlyArray<JsonObject>
): JsonObject => ({
  id,
  type: "message",
  status,
  content: text === undefined ? [] : [type === "text" ? textPart(text, annotations) : refusalPart(text)],
  role: "assistant"
})

/** A call of a function. */
export const callJson = (
  id: string,
  status: ItemStatus,
  call: { readonly id: string; readonly name: string; readonly arguments: string }
): JsonObject => ({ id, type: "function_call", status, arguments: call.arguments, call_id: call.id, name: call.name })
