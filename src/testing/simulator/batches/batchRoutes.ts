/** Finds the requests about batches, of all protocols. */
import type * as Plan from "../Plan.js"
import type { ProtocolName } from "../SimulatedReply.js"
import { anthropicBatches } from "./anthropic.js"
import type { BatchCall } from "./BatchCall.js"
import { googleBatches } from "./google.js"
import { openAIBatches } from "./openAI.js"

/** The protocol of a path about batches or their files; `undefined` for another path. */
export const batchProtocolOf = (path: string): ProtocolName | undefined => {
  if (path.startsWith("/v1/messages/batches")) return "anthropic-messages"
  if (/^\/v1\/(?:batches|files)\b/.test(path)) return "openai-chat"
  return /^\/(?:upload|download)\/v1beta\/files\b|^\/v1beta\/batches\b|:batchGenerateContent\b/.test(path)
    ? "google-gemini"
    : undefined
}

/** Responds to a request about batches; `undefined` for an unknown path. */
export const batchPlan = (protocol: ProtocolName, call: BatchCall): Plan.Plan | undefined => {
  const respond =
    protocol === "anthropic-messages" ? anthropicBatches : protocol === "google-gemini" ? googleBatches : openAIBatches
  const plan = respond(call)
  return plan && { ...plan, delayMillis: call.batches.delayMillis }
}
