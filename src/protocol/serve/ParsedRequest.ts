/** A request parsed from any protocol's JSON, so that the same prompt gets the same reply in each. */
import type { JsonObject } from "../../http/Json.js"

/** One text of the conversation. A message with several parts becomes several of these. */
export interface ParsedMessage {
  readonly role: "system" | "user" | "assistant" | "tool"
  readonly text: string
  /** The number of images and files. */
  readonly media: number
  /** Whether the caller marked the prompt to be cached up to here. */
  readonly isCacheMark: boolean
}

/** The result of a tool call. */
export interface ToolResult {
  readonly name: string
  readonly text: string
}

/** A function that may be called. */
export interface RequestedTool {
  readonly name: string
  readonly description: string
  readonly parameters: JsonObject
}

/** A parsed request. */
export interface ParsedRequest {
  readonly model: string
  readonly isStream: boolean
  readonly messages: ReadonlyArray<ParsedMessage>
  /** The tool results since the last assistant message. */
  readonly toolResults: ReadonlyArray<ToolResult>
  readonly tools: ReadonlyArray<RequestedTool>
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string }
  /** Set if the response must be JSON, with its schema if there is one. */
  readonly format: { readonly schema: JsonObject | undefined } | undefined
  readonly wantsReasoning: boolean
  /** Whether the reasoning text is returned, not only counted. */
  readonly showsReasoning: boolean
  /** Whether the server stores the response; true unless the request has `store: false` (Responses). */
  readonly isStored: boolean
  /** Whether the server answers whether or not anybody reads, and keeps the response (Responses). */
  readonly isBackground?: boolean
  /** Whether the response includes encrypted reasoning (Responses). */
  readonly wantsSealedReasoning: boolean
  readonly maxTokens: number | undefined
  readonly stop: ReadonlyArray<string>
  /** How many alternative answers the request wants (OpenAI's `n`). */
  readonly choices: number
  /** Whether a stream is to report its usage. */
  readonly includesUsage: boolean
}

/** The text of the last user message, with its parts joined by newlines. */
export const promptOf = ({ messages }: ParsedRequest): string => {
  const last = messages.findLastIndex((message) => message.role === "user")
  const before = messages.slice(0, last + 1).findLastIndex((message) => message.role !== "user")
  return messages
    .slice(before + 1, last + 1)
    .map((message) => message.text)
    .filter((text) => text !== "")
    .join("\n")
}
