/** What a request asks for, read from any protocol's JSON, so that the same question gets the same answer. */
import type { JsonObject } from "../../http/Json.js"

/** One text of the conversation; a message of several parts is several. */
export interface Turn {
  readonly role: "system" | "user" | "assistant" | "tool"
  readonly text: string
  /** How many images and files stand here. */
  readonly media: number
  /** Whether the caller marked the prompt to be cached up to here. */
  readonly isCacheMark: boolean
}

/** What a tool answered. */
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

/** A question. */
export interface ParsedRequest {
  readonly model: string
  readonly isStream: boolean
  readonly turns: ReadonlyArray<Turn>
  /** What tools have answered since the model last spoke. */
  readonly toolResults: ReadonlyArray<ToolResult>
  readonly tools: ReadonlyArray<RequestedTool>
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string }
  /** Set when the answer must be JSON, and by which schema. */
  readonly format: { readonly schema: JsonObject | undefined } | undefined
  readonly wantsReasoning: boolean
  /** Whether the reasoning is to be shown, and not only counted. */
  readonly showsReasoning: boolean
  /** Whether the server keeps the answer, as it does unless it is told not to (Responses). */
  readonly isStored: boolean
  /** Whether the reasoning is to be sent as a secret that the caller keeps (Responses). */
  readonly wantsSealedReasoning: boolean
  readonly maxTokens: number | undefined
  readonly stop: ReadonlyArray<string>
  /** Whether a stream is to report its usage. */
  readonly includesUsage: boolean
}

/** What the user said last, be it in several parts. */
export const promptOf = ({ turns }: ParsedRequest): string => {
  const last = turns.findLastIndex((turn) => turn.role === "user")
  const before = turns.slice(0, last + 1).findLastIndex((turn) => turn.role !== "user")
  return turns
    .slice(before + 1, last + 1)
    .map((turn) => turn.text)
    .filter((text) => text !== "")
    .join("\n")
}
