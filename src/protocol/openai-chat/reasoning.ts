/** Encodes reasoning options, and sends the reasoning of assistant messages back to vendors that need it. */
import { Either } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { partsOf } from "../../domain/ContentPart.js"
import type { AssistantMessage } from "../../domain/Message.js"
import { isObject, type JsonObject } from "../../http/Json.js"
import type { Differences } from "./request.js"

/** Encodes the reasoning options, or says which of them the vendor does not support. */
export const reasoningOf = (request: ChatRequest, differences: Differences): Either.Either<object, string> => {
  const { effort, budgetTokens } = request.reasoning ?? {}
  if (effort === undefined && budgetTokens === undefined) return Either.right({})
  const { provider, reasoning = "effort" } = differences
  if (reasoning === null)
    return Either.left(`${provider} does not support reasoning options; choose a model that reasons instead`)
  if (reasoning === "object") return Either.right({ reasoning: { effort, max_tokens: budgetTokens } })
  if (budgetTokens !== undefined)
    return Either.left(`${provider} does not support reasoning.budgetTokens; use reasoning.effort`)
  if (reasoning === "effort") return Either.right({ reasoning_effort: effort })
  return Either.right(
    effort === "none" ? { thinking: { type: "disabled" } } : { thinking: { type: "enabled" }, reasoning_effort: effort }
  )
}

/**
 * Encodes the reasoning of an assistant message. DeepSeek rejects a message with tool calls that lacks the field, even
 * if the reasoning is empty: https://api-docs.deepseek.com/guides/thinking_mode
 */
export const reasoningOfMessage = (message: AssistantMessage, { provider, reasoningField }: Differences): object => {
  const parts = partsOf(message.content)
  const details = parts.flatMap((part) =>
    part.type === "reasoning" ? detailsIn(part.providerMetadata?.[provider]) : []
  )
  if (details.length > 0) return { reasoning_details: details }
  if (reasoningField === undefined) return {}
  const reasoning = parts.filter((part) => part.type === "reasoning")
  const isLeftOut = reasoning.length === 0 && !parts.some((part) => part.type === "tool-call")
  return isLeftOut ? {} : { [reasoningField]: reasoning.map((part) => part.text).join("") }
}

/** Reasoning details, which OpenRouter requires back unchanged and in order: https://openrouter.ai/docs/use-cases/reasoning-tokens */
export type Details = ReadonlyArray<JsonObject>

/** Reads the details of a response's message, or of metadata. */
export const detailsIn = (data: unknown): Details => {
  const details = isObject(data) ? data["reasoning_details"] : undefined
  return Array.isArray(details) ? details.filter(isObject) : []
}

/** Adds the details of an event. Text continues the last detail of its type and index; others are separate. */
export const addDetails = (details: Details, more: Details): Details => {
  const all = [...details]
  for (const next of more) {
    const last = all.at(-1)
    if (last !== undefined && continues(last, next)) all[all.length - 1] = merged(last, next)
    else all.push(next)
  }
  return all
}

const texts = ["text", "summary"] as const

const continues = (last: JsonObject, next: JsonObject): boolean =>
  last["type"] === next["type"] &&
  (last["index"] ?? 0) === (next["index"] ?? 0) &&
  texts.some((field) => typeof last[field] === "string") &&
  texts.some((field) => typeof next[field] === "string")

/** Concatenates texts and keeps the last value of other fields, as the signature comes at the end. */
const merged = (last: JsonObject, next: JsonObject): JsonObject => ({
  ...last,
  ...Object.fromEntries(Object.entries(next).filter(([, value]) => value != null)),
  ...Object.fromEntries(
    texts.flatMap((field) => {
      const [before, after] = [last[field], next[field]]
      return typeof before === "string" && typeof after === "string" ? [[field, before + after]] : []
    })
  )
})
