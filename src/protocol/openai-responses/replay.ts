/** Keeps the ids and encrypted reasoning of items as metadata of message parts, and encodes the parts as items again. */
import { type AssistantPart, partsOf, type ToolCallPart } from "../../domain/ContentPart.js"
import type { AssistantMessage } from "../../domain/Message.js"
import { isObject, type JsonObject } from "../../http/Json.js"

/** What the provider needs back with an item, and whether the items after it must go back with their ids. */
export interface ItemMetadata {
  readonly data: JsonObject
  readonly isLinking: boolean
}

/** The items of tools that the server runs and, where it stores them, finds again by id. */
const hosted = new Set<unknown>([
  "web_search_call",
  "file_search_call",
  "code_interpreter_call",
  "image_generation_call",
  "mcp_list_tools",
  "mcp_call"
])

/** Checks whether the server runs the tool of an item by itself. */
export const isHosted = (type: unknown): boolean => hosted.has(type)

/**
 * What goes back of an item that is not decoded: a call of a freeform, shell or patch tool, a tool search, a compaction.
 * A server that stores nothing answers an id with 404.
 */
export const opaqueItem = ({ id, ...item }: JsonObject, isStored: boolean): JsonObject =>
  isStored && id != null ? { ...item, id } : item

/**
 * Reads the metadata of an item. Reasoning goes back either by its encrypted content, without an id (a server that
 * stores nothing answers an id with 404), or by its id. With an id, the API requires the items that followed it, with
 * their ids too ("provided without its required following item"). The phase of a message always goes back.
 * https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
 */
export const providerMetadataOf = (
  item: JsonObject,
  { isStored, isLinked }: { readonly isStored: boolean; readonly isLinked: boolean }
): ItemMetadata | undefined => {
  const { type, id, phase, status } = item
  if (type === "reasoning") return reasoningOf(item, isStored)
  if (type === "message") {
    if (!isLinked && phase == null) return undefined
    return {
      data: { ...(isLinked ? { itemId: id, status } : {}), ...(phase == null ? {} : { phase }) },
      isLinking: false
    }
  }
  if (!isLinked) return undefined
  if (type === "function_call") return { data: { itemId: id }, isLinking: false }
  const isReference = hosted.has(type) && typeof id === "string"
  return { data: isReference ? { type: "item_reference", id } : { type }, isLinking: false }
}

const reasoningOf = (item: JsonObject, isStored: boolean): ItemMetadata | undefined => {
  const { id, summary, content, encrypted_content } = item
  const isEncrypted = typeof encrypted_content === "string" && encrypted_content !== ""
  // The visible reasoning of open models does not need storage either.
  const isOpen = Array.isArray(content) && content.length > 0
  const isLinking = isStored && !isEncrypted && typeof id === "string" && id !== ""
  if (!isEncrypted && !isOpen && !isLinking) return undefined
  const data = {
    ...(isLinking ? { itemId: id } : {}),
    summary: summary ?? [],
    ...(isOpen ? { content } : {}),
    ...(isEncrypted ? { encryptedContent: encrypted_content } : {})
  }
  return { data, isLinking }
}

/** Encodes the parts of an assistant message as items, in order. */
export const itemsOf = (message: AssistantMessage, provider: string): ReadonlyArray<JsonObject> => {
  const items: Array<JsonObject> = []
  // The message item that the next text may continue, as one item can hold a text and a refusal.
  let open: { readonly item: JsonObject; readonly content: Array<JsonObject> } | undefined
  for (const part of partsOf<AssistantPart>(message.content)) {
    const metadata = part.providerMetadata?.[provider] ?? {}
    if (part.type === "text" || part.type === "refusal") {
      if (part.text === "") continue
      const encoded = contentOf(part.text, metadata)
      if (open !== undefined && (open.item["id"] ?? undefined) === metadata["itemId"] && metadata["itemId"] != null) {
        open.content.push(encoded)
        continue
      }
      const content = [encoded]
      const item = messageOf(content, metadata)
      open = { item, content }
      items.push(item)
      continue
    }
    open = undefined
    if (part.type === "tool-call") items.push(callOf(part, metadata["itemId"]))
    else if (part.type === "reasoning") items.push(...reasoningItem(metadata))
    else if (part.type === "provider" && part.provider === provider && isObject(part.data)) {
      const { type } = part.data
      if (type === "item_reference" || (typeof type === "string" && !isHosted(type))) items.push(part.data)
      // An item that cannot go back: the API rejects the reasoning before it.
      else removeLastReasoning(items)
    }
  }
  removeLastReasoning(items)
  return items
}

/** Reasoning goes back only to the provider whose metadata it has. */
const reasoningItem = ({ itemId, summary, content, encryptedContent }: JsonObject): ReadonlyArray<JsonObject> =>
  itemId === undefined && content === undefined && encryptedContent === undefined
    ? []
    : [
        {
          type: "reasoning",
          ...(itemId === undefined ? {} : { id: itemId }),
          summary: summary ?? [],
          ...(content === undefined ? {} : { content }),
          ...(encryptedContent === undefined ? {} : { encrypted_content: encryptedContent })
        }
      ]

const removeLastReasoning = (items: Array<JsonObject>): void => {
  items.length = items.findLastIndex((item) => item["type"] !== "reasoning") + 1
}

const contentOf = (text: string, { itemId }: JsonObject): JsonObject =>
  itemId == null ? { type: "output_text", text } : { type: "output_text", text, annotations: [] }

const messageOf = (content: ReadonlyArray<JsonObject>, { itemId, status, phase }: JsonObject): JsonObject => {
  const phased = phase == null ? {} : { phase }
  if (itemId == null) return { role: "assistant", content, ...phased }
  return { type: "message", id: itemId, role: "assistant", status: status ?? "completed", content, ...phased }
}

const callOf = (call: ToolCallPart, id: unknown): JsonObject => ({
  type: "function_call",
  ...(id == null ? {} : { id }),
  call_id: call.id,
  name: call.name,
  arguments: call.arguments === "" ? "{}" : call.arguments
})
