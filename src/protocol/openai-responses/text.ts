/** Reads the events that only continue the open text. */
import type { JsonObject } from "../../http/Json.js"
import type { TextStep } from "../Protocol.js"
import { textChunk } from "../textChunk.js"
import * as Items from "./items.js"
import type { State } from "./stream.js"

/** Checks and decodes a delta of text that continues the open message. */
export const continueText = (state: State, event: JsonObject): TextStep<State> | undefined => {
  // First, so that V8 compiles the rest for objects of one shape.
  if (event["type"] !== "response.output_text.delta") return undefined
  const { delta, content_index, item_id, response } = event
  if (typeof delta !== "string" || content_index !== 0) return undefined
  const { open } = state.parts
  if (
    response !== undefined ||
    open === undefined ||
    open.type !== "text" ||
    !Items.continueText(state.items, open.item, item_id, delta)
  ) {
    return undefined
  }
  return { state, chunk: textChunk(event, delta, ""), model: "", number: event["sequence_number"] }
}
