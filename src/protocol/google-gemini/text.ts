/** Reads the events that only continue the open text. */
import { isObject, type JsonObject } from "../../http/Json.js"
import type { TextStep } from "../Protocol.js"
import { textChunk } from "../textChunk.js"
import type { Usage } from "./schema.js"
import { addCounts, type State, usageOf } from "./stream.js"

/** Checks and decodes an event whose one candidate holds one text. */
export const continueText = (state: State, event: JsonObject): TextStep<State> | undefined => {
  const part = partOf(event)
  if (part === undefined) return undefined
  const { text, thought, thoughtSignature, functionCall } = part
  if (typeof text !== "string" || text === "" || thoughtSignature != null || functionCall != null) return undefined
  if (thought != null && typeof thought !== "boolean") return undefined
  const isReasoning = thought === true
  if (state.parts.open?.type !== (isReasoning ? "reasoning" : "text")) return undefined
  const { modelVersion, usageMetadata, responseId } = event
  const model = modelVersion ?? ""
  if (typeof model !== "string" || !isUsage(usageMetadata) || !state.generation.goesOn(responseId)) return undefined
  const next = addCounts(state, usageMetadata)
  return {
    state: next,
    chunk: textChunk(event, isReasoning ? "" : text, isReasoning ? text : "", usageOf(next.counts)),
    model,
    number: undefined
  }
}

/** The only part of the only candidate of an event that has nothing else. */
const partOf = ({ candidates, promptFeedback, error }: JsonObject): JsonObject | undefined => {
  if (!Array.isArray(candidates) || candidates.length !== 1 || promptFeedback != null || error != null) return undefined
  const candidate: unknown = candidates[0]
  if (!isObject(candidate)) return undefined
  const { index, content, finishReason, groundingMetadata } = candidate
  if ((index !== 0 && index != null) || finishReason != null || groundingMetadata != null) return undefined
  const parts = isObject(content) ? content["parts"] : undefined
  if (!Array.isArray(parts) || parts.length !== 1) return undefined
  const part: unknown = parts[0]
  return isObject(part) ? part : undefined
}

const isUsage = (usage: unknown): usage is Usage | null | undefined =>
  usage == null ||
  (isObject(usage) &&
    isCount(usage["promptTokenCount"]) &&
    isCount(usage["toolUsePromptTokenCount"]) &&
    isCount(usage["cachedContentTokenCount"]) &&
    isCount(usage["candidatesTokenCount"]) &&
    isCount(usage["thoughtsTokenCount"]))

const isCount = (count: unknown): boolean => typeof count === "number" || count == null
