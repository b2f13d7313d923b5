/** Reads the events that only continue the open text. */
import { isObject, type JsonObject } from "../../http/Json.js"
import type { TextStep } from "../Protocol.js"
import { textChunk } from "../textChunk.js"
import type { State } from "./stream.js"

/** Checks and decodes an event whose one choice holds only text, or only reasoning under its own name. */
export const continueText = (state: State, event: JsonObject): TextStep<State> | undefined => {
  const delta = deltaOf(event)
  if (delta === undefined) return undefined
  const { content, reasoning_content: named, reasoning: other, refusal, tool_calls, reasoning_details } = delta
  if (refusal != null || tool_calls != null || reasoning_details != null || delta["annotations"] != null) {
    return undefined
  }
  const text = textOf(content)
  const reasoning = namedOf(textOf(named), textOf(other))
  if (text === undefined || reasoning === undefined || !isOpen(state, text, reasoning)) return undefined
  const model = event["model"] ?? ""
  if (typeof model !== "string" || !state.details.isEmpty || !state.generation.goesOn(event["id"])) return undefined
  return { state, chunk: textChunk(event, text, reasoning), model, number: undefined }
}

/** The delta of the only choice of an event that has nothing else. */
const deltaOf = (event: JsonObject): JsonObject | undefined => {
  const { choices, object, usage, x_groq, base_resp, error, citations, search_results } = event
  if (!Array.isArray(choices) || choices.length !== 1) return undefined
  if (object != null && (typeof object !== "string" || object === "error")) return undefined
  if (usage != null || x_groq != null || base_resp != null || error != null) return undefined
  if (citations != null || search_results != null) return undefined
  const choice: unknown = choices[0]
  if (!isObject(choice)) return undefined
  const { index, delta, message, finish_reason } = choice
  if (index !== 0 && index != null) return undefined
  if (message != null || finish_reason != null || choice["usage"] != null || choice["error"] != null) return undefined
  return isObject(delta) ? delta : undefined
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : value == null ? "" : undefined

/** Some servers send the same text under both names. */
const namedOf = (named: string | undefined, other: string | undefined): string | undefined =>
  named === undefined || other === undefined ? undefined : named || other

/** Whether the open part is that of the only text. */
const isOpen = ({ parts: { open }, namesReasoning }: State, text: string, reasoning: string): boolean =>
  text === ""
    ? reasoning !== "" && open?.type === "reasoning" && namesReasoning
    : reasoning === "" && open?.type === "text"
