/** Reads the events that only continue the open text. */
import { isObject, type JsonObject } from "../../http/Json.js"
import type { TextStep } from "../Protocol.js"
import { textChunk } from "../textChunk.js"
import type { State } from "./stream.js"

/** Checks and decodes a delta of text or thinking that continues the open block. */
export const continueText = (state: State, event: JsonObject): TextStep<State> | undefined => {
  // First, so that V8 compiles the rest for objects of one shape.
  if (event["type"] !== "content_block_delta") return undefined
  const { open } = state
  if (open === undefined || event["index"] !== open.block || !isOnlyDelta(event)) return undefined
  const delta = event["delta"]
  if (!isObject(delta)) return undefined
  const { type, text, thinking, signature, partial_json, stop_reason } = delta
  if (signature != null || partial_json != null || stop_reason != null) return undefined
  if (open.type === "text") {
    if (type !== "text_delta" || !isText(text) || thinking != null || !state.hasText) return undefined
    return { state, chunk: textChunk(event, text, ""), model: "", number: undefined }
  }
  if (type !== "thinking_delta" || !isText(thinking) || text != null) return undefined
  return { state, chunk: textChunk(event, "", thinking), model: "", number: undefined }
}

/** Whether a delta has nothing that belongs to other events. */
const isOnlyDelta = ({ message, content_block, usage, id, model, stop_reason }: JsonObject): boolean =>
  message === undefined &&
  content_block === undefined &&
  usage === undefined &&
  id === undefined &&
  model == null &&
  stop_reason == null

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""
