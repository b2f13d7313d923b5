/** Takes the items of an answer along with its message, and puts them back into the next request. */
import { textOf } from "../../domain/ContentPart.js"
import type { AssistantMessage, ToolCall } from "../../domain/Message.js"
import { isObject, type JsonObject } from "../../http/Json.js"

/** What is kept of an item, and whether the items after it are bound to it. */
export interface Keepsake {
  readonly data: JsonObject
  readonly isLinking: boolean
}

/** The items of tools that the server runs itself and, where it keeps them, finds again by their id. */
const hosted = new Set<unknown>([
  "web_search_call",
  "file_search_call",
  "code_interpreter_call",
  "image_generation_call",
  "mcp_list_tools",
  "mcp_call"
])

/**
 * Reads what the API wants back of an item. Reasoning goes back either by its encrypted content, without an id (a
 * server that keeps nothing answers an id with 404), or by its id. The API then wants behind it the very items that
 * followed it, with their ids ("provided without its required following item"), so these are kept too. The phase of a
 * message goes back in any case. https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
 */
export const keepsakeOf = (
  item: JsonObject,
  { isStored, isLinked }: { readonly isStored: boolean; readonly isLinked: boolean }
): Keepsake | undefined => {
  const { type, id, phase, status } = item
  if (type === "reasoning") return reasoningOf(item, isStored)
  if (type === "message") {
    if (!isLinked && phase == null) return undefined
    return {
      data: { type, ...(isLinked ? { id, status } : {}), ...(phase == null ? {} : { phase }) },
      isLinking: false
    }
  }
  if (!isLinked) return undefined
  if (type === "function_call") return { data: { type, id, call_id: item["call_id"] }, isLinking: false }
  const isKept = hosted.has(type) && typeof id === "string"
  return { data: isKept ? { type: "item_reference", id } : { type }, isLinking: false }
}

const reasoningOf = (item: JsonObject, isStored: boolean): Keepsake | undefined => {
  const { type, id, summary, content, encrypted_content } = item
  const isSealed = typeof encrypted_content === "string" && encrypted_content !== ""
  // The open reasoning of an open model needs no memory of the server's either.
  const isOpen = Array.isArray(content) && content.length > 0
  const isLinking = isStored && !isSealed && typeof id === "string" && id !== ""
  if (!isSealed && !isOpen && !isLinking) return undefined
  const data = {
    type,
    ...(isLinking ? { id } : {}),
    summary: summary ?? [],
    ...(isOpen ? { content } : {}),
    ...(isSealed ? { encrypted_content } : {})
  }
  return { data, isLinking }
}

/** The items so far, and how much of the content and of the calls is in them. */
interface Written {
  readonly items: ReadonlyArray<JsonObject>
  readonly content: number
  readonly toolCalls: number
}

/** Writes an assistant's message as the items that it was generated of. */
export const itemsOf = (message: AssistantMessage, provider: string): ReadonlyArray<JsonObject> => {
  const kept = (message.providerData ?? []).flatMap(({ provider: owner, data, after }) =>
    owner === provider && isObject(data) ? [{ data, after }] : []
  )
  const ids = new Map(
    kept.flatMap(({ data }) => (data["type"] === "function_call" ? [[data["call_id"], data["id"]] as const] : []))
  )
  const content = textOf(message.content)
  const calls = message.toolCalls ?? []
  const writeUpTo = (written: Written, end: Omit<Written, "items">, mark?: JsonObject): Written => {
    const text = content.slice(written.content, end.content)
    const messages = text === "" ? [] : [messageOf(text, mark)]
    const called = calls.slice(written.toolCalls, end.toolCalls).map((call) => callOf(call, ids.get(call.id)))
    return {
      // The calls known when a message was done came before it; else nobody knows, but models speak first.
      items:
        mark === undefined ? [...written.items, ...messages, ...called] : [...written.items, ...called, ...messages],
      content: Math.max(written.content, end.content),
      toolCalls: Math.max(written.toolCalls, end.toolCalls)
    }
  }
  const written = kept.reduce<Written>(
    (so, { data, after }) => {
      const next = writeUpTo(so, after, data["type"] === "message" ? data : undefined)
      return { ...next, items: withKept(next.items, data) }
    },
    { items: [], content: 0, toolCalls: 0 }
  )
  return withoutLastReasoning(writeUpTo(written, { content: content.length, toolCalls: calls.length }).items)
}

const withKept = (items: ReadonlyArray<JsonObject>, data: JsonObject): ReadonlyArray<JsonObject> => {
  switch (data["type"]) {
    case "reasoning":
    case "item_reference":
      return [...items, data]
    case "message":
    case "function_call":
      return items
    default:
      // What followed cannot go back, and reasoning without it is refused.
      return withoutLastReasoning(items)
  }
}

const withoutLastReasoning = (items: ReadonlyArray<JsonObject>): ReadonlyArray<JsonObject> =>
  items.slice(0, items.findLastIndex((item) => item["type"] !== "reasoning") + 1)

const messageOf = (text: string, mark: JsonObject | undefined): JsonObject => {
  const part = { type: "output_text", text }
  const phase = mark?.["phase"] == null ? {} : { phase: mark["phase"] }
  if (mark?.["id"] == null) return { role: "assistant", content: [part], ...phase }
  const { id, status } = mark
  return {
    type: "message",
    id,
    role: "assistant",
    status: status ?? "completed",
    content: [{ ...part, annotations: [] }],
    ...phase
  }
}

const callOf = (call: ToolCall, id: unknown): JsonObject => ({
  type: "function_call",
  ...(id == null ? {} : { id }),
  call_id: call.id,
  name: call.name,
  arguments: call.arguments === "" ? "{}" : call.arguments
})
