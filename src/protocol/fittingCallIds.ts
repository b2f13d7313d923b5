/** Makes the ids of tool calls from other providers fit what a provider accepts. */
import type { AssistantPart } from "../domain/ContentPart.js"
import type { Message } from "../domain/Message.js"

/** The ids that a provider accepts, and the beginning of those that replace others. */
interface Format {
  readonly pattern: RegExp
  readonly prefix: string
}

const formats = {
  /** Anthropic: https://platform.claude.com/docs/en/api/messages/create (`tool_use_id`) */
  word: { pattern: /^[a-zA-Z0-9_-]+$/, prefix: "call_" },
  /** Mistral: "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9". */
  "9 letters and digits": { pattern: /^[a-zA-Z0-9]{9}$/, prefix: "" },
  /** Chat completions of OpenAI: "string too long. Expected a string with maximum length 40". */
  "40 characters": { pattern: /^.{1,40}$/s, prefix: "call_" },
  /** Responses: "string too long. Expected a string with maximum length 64". */
  "64 characters": { pattern: /^.{1,64}$/s, prefix: "call_" }
} as const satisfies { readonly [name: string]: Format }

/** What the ids of tool calls must look like. */
export type CallIdFormat = keyof typeof formats

/**
 * Replaces the ids that do not fit, the same in a call and its result. A new id is derived from the old one, so that it
 * stays the same from request to request, and is that of no other call of the conversation.
 */
export const withFittingIds = (messages: ReadonlyArray<Message>, format: CallIdFormat): ReadonlyArray<Message> => {
  const { pattern, prefix } = formats[format]
  const ids = idsIn(messages)
  const foreign = Array.from(ids).filter((id) => !pattern.test(id))
  if (foreign.length === 0) return messages
  const fitting = new Map<string, string>()
  for (const id of foreign) {
    let salt = 0
    let next: string
    do next = `${prefix}${wordOf(id, salt++)}`
    while (ids.has(next))
    ids.add(next)
    fitting.set(id, next)
  }
  return messages.map((message) => withIds(message, fitting))
}

/** The ids of all calls of a conversation. */
export const idsIn = (messages: ReadonlyArray<Message>): Set<string> => {
  const ids = new Set<string>()
  for (const message of messages) {
    if (message.role === "tool") ids.add(message.toolCallId)
    if (message.role !== "assistant" || typeof message.content === "string") continue
    for (const part of message.content) if (part.type === "tool-call") ids.add(part.id)
  }
  return ids
}

const withIds = (message: Message, ids: ReadonlyMap<string, string>): Message => {
  if (message.role === "tool") return { ...message, toolCallId: ids.get(message.toolCallId) ?? message.toolCallId }
  if (message.role !== "assistant" || typeof message.content === "string") return message
  const content = message.content.map(
    (part): AssistantPart => (part.type === "tool-call" ? { ...part, id: ids.get(part.id) ?? part.id } : part)
  )
  return { ...message, content }
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** Nine letters and digits that depend on a text: 53 bits of two hashes. */
const wordOf = (text: string, salt: number): string => {
  let [low, high] = [0x811c9dc5 ^ salt, 0x41c6ce57 ^ salt]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x5f356495)
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  let rest = (high & 0x1fffff) * 2 ** 32 + (low >>> 0)
  let word = ""
  for (let count = 0; count < 9; count++) {
    word += letters[rest % letters.length]
    rest = Math.floor(rest / letters.length)
  }
  return word
}
