/** The events that we read, by their type; all others pass: https://platform.openai.com/docs/api-reference/responses-streaming */
import type { Item } from "./schema.js"

/** Which text of an item an event holds, and in which field. */
export interface TextEvent {
  readonly item: Item["type"]
  readonly slot: string
  readonly field: "delta" | "text" | "refusal" | "arguments"
}

/** The events that hold a text: a `delta` of it, or all of it again. */
export const textEvents: ReadonlyMap<unknown, TextEvent> = new Map([
  ["response.output_text.delta", { item: "message", slot: "output_text", field: "delta" }],
  ["response.output_text.done", { item: "message", slot: "output_text", field: "text" }],
  ["response.refusal.delta", { item: "message", slot: "refusal", field: "delta" }],
  ["response.refusal.done", { item: "message", slot: "refusal", field: "refusal" }],
  ["response.reasoning_summary_text.delta", { item: "reasoning", slot: "summary_text", field: "delta" }],
  ["response.reasoning_summary_text.done", { item: "reasoning", slot: "summary_text", field: "text" }],
  ["response.reasoning_text.delta", { item: "reasoning", slot: "reasoning_text", field: "delta" }],
  ["response.reasoning_text.done", { item: "reasoning", slot: "reasoning_text", field: "text" }],
  ["response.function_call_arguments.delta", { item: "function_call", slot: "arguments", field: "delta" }],
  ["response.function_call_arguments.done", { item: "function_call", slot: "arguments", field: "arguments" }]
])

/** The items that parts belong to, by the part's type. */
export const partItems: ReadonlyMap<unknown, Item["type"]> = new Map([
  ["output_text", "message"],
  ["refusal", "message"],
  ["summary_text", "reasoning"],
  ["reasoning_text", "reasoning"]
])

/** The events that end a stream, and the status that they stand for. */
export const ends: ReadonlyMap<unknown, string> = new Map([
  ["response.completed", "completed"],
  ["response.done", "completed"],
  ["response.incomplete", "incomplete"],
  ["response.failed", "failed"],
  ["response.cancelled", "cancelled"]
])
