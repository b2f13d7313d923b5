/** What the model is told of a server's results. */
import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/client"
import * as Either from "effect/Either"
import type { ContentPart } from "../../domain/ContentPart.js"
import { toJsonText } from "../../domain/JsonText.js"
import { failureContent, type ToolOutcome } from "../../tools/ToolResult.js"
import type { Limits } from "./McpLimits.js"

const text = (value: string): ContentPart => ({ type: "text", text: value })

const binary = (data: string, mediaType: string): ContentPart =>
  mediaType.startsWith("image/") ? { type: "image", data, mediaType } : { type: "file", data, mediaType }

const partOf = (block: ContentBlock): ContentPart => {
  switch (block.type) {
    case "text":
      return text(block.text)
    case "image":
    case "audio":
      return binary(block.data, block.mimeType)
    case "resource_link":
      return text(`${block.name}: ${block.uri}`)
    case "resource":
      return "text" in block.resource
        ? text(block.resource.text)
        : binary(block.resource.blob, block.resource.mimeType ?? "application/octet-stream")
  }
}

const sizeOf = (part: ContentPart): number => (part.type === "text" ? part.text.length : (part.data?.length ?? 0))

/** Turns a result into what the model is told, or says what is too large. */
export const outcomeOf = (result: CallToolResult, limits: Limits): Either.Either<ToolOutcome, string> => {
  const { content, structuredContent, isError } = result
  if (content.length > limits.parts) return Either.left(`a result of ${content.length} parts (limit ${limits.parts})`)
  const parts = content.map(partOf)
  if (parts.length === 0) parts.push(text(structured(structuredContent)))
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0)
  if (size > limits.result) return Either.left(`a result of ${size} characters (limit ${limits.result})`)
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []))
  const isText = texts.length === parts.length
  // Some providers reject a tool result without text.
  const joined = texts.join("\n") || "done"
  if (isError !== true) return Either.right({ type: "success", content: isText ? joined : parts })
  return Either.right(
    isText
      ? { type: "failure", error: joined }
      : // A failure is JSON, which has no images.
        { type: "success", content: [text(failureContent("the tool failed; its message follows")), ...parts] }
  )
}

const structured = (value: unknown): string => (value === undefined ? "done" : (toJsonText(value) ?? "done"))
