/** Encodes a request for Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages/create */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import type { JsonSchema, ToolChoice } from "../../domain/ChatRequest.js"
import {
  type AssistantPart,
  type CacheMark,
  type ContentPart,
  type FilePart,
  type ImagePart,
  partsOf,
  type TextPart
} from "../../domain/ContentPart.js"
import type { AssistantMessage, Message, ToolMessage } from "../../domain/Message.js"
import { isObject, type JsonObject, parseJson } from "../../http/Json.js"
import { withFittingIds } from "../fittingCallIds.js"
import { encodeHostedTools } from "../hostedTools.js"
import { mapSchemas } from "../jsonSchema.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../PreparedRequest.js"
import type { Encoded } from "../Protocol.js"
import { cacheControl } from "./cacheControl.js"
import { citationsIn } from "./citations.js"
import { hostedToolEncoder } from "./hostedTools.js"
import { limitsOf, type Thinking } from "./reasoning.js"

/** How the vendors of this protocol differ. */
export interface Differences {
  /** The key of the provider in `providerOptions` and `providerMetadata`. */
  readonly provider: string
}

/** Encodes a request, or says in a sentence what this protocol cannot express. */
export const encode = (
  request: PreparedRequest,
  stream: boolean,
  { provider }: Differences
): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    const limits = yield* limitsOf(request, provider)
    yield* checkSampling(request, limits.thinking, provider)
    const system = systemOf(request.messages)
    const messages = yield* turnsOf(withFittingIds(request.messages, "word"), provider)
    if (messages.length === 0)
      return yield* Either.left("messages has no content besides system messages; add a user message")
    const hostedTools = yield* encodeHostedTools(request, provider, hostedToolEncoder(provider))
    const tools = [...(request.tools ?? []).map(toolOf), ...hostedTools]
    const format = yield* formatOf(request.responseFormat, provider)
    yield* checkCacheMarks([...tools, ...system, ...messages.flatMap((message) => message.content)], provider)
    const body = {
      model: request.model,
      max_tokens: limits.maxTokens,
      system: system.length === 0 ? undefined : system,
      messages,
      stream,
      temperature: request.temperature,
      top_p: request.topP,
      stop_sequences: typeof request.stop === "string" ? [request.stop] : request.stop,
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: toolChoiceOf(request),
      thinking: limits.thinking,
      output_config:
        limits.effort === undefined && format === undefined ? undefined : { effort: limits.effort, format },
      ...request.providerOptions?.[provider]
    }
    return { path: "/v1/messages", body }
  })

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking#feature-compatibility */
const checkSampling = (
  request: PreparedRequest,
  thinking: Thinking | undefined,
  provider: string
): Either.Either<void, string> => {
  const { temperature, topP, toolChoice } = request
  if (request.seed !== undefined) return Either.left(`${provider} does not support seed; leave it out`)
  if (temperature !== undefined && temperature > 1) {
    return Either.left(`temperature must be a number from 0 to 1 with ${provider}`)
  }
  if (thinking?.type !== "enabled" && thinking?.type !== "adaptive") return Either.void
  const fix = `with ${provider} while reasoning is on; leave it out, or leave reasoning out`
  if (temperature !== undefined && temperature !== 1) return Either.left(`temperature cannot be set ${fix}`)
  if (topP !== undefined && topP < 0.95) return Either.left(`topP cannot be below 0.95 ${fix}`)
  if (toolChoice === "required" || typeof toolChoice === "object") {
    return Either.left(`toolChoice cannot force a call ${fix}`)
  }
  return Either.void
}

const maxCacheMarks = 4

const checkCacheMarks = (blocks: ReadonlyArray<JsonObject>, provider: string): Either.Either<void, string> => {
  const count = blocks.filter((block) => block["cache_control"] !== undefined).length
  return count <= maxCacheMarks
    ? Either.void
    : Either.left(`${provider} accepts at most ${maxCacheMarks} cache marks in a request, but there are ${count}`)
}

/** A turn of the conversation as it is sent. */
interface Turn {
  readonly role: "user" | "assistant"
  readonly content: ReadonlyArray<JsonObject>
}

/** Encodes the system messages, from anywhere in the conversation, as the separate `system` field. */
const systemOf = (messages: ReadonlyArray<Message>): ReadonlyArray<JsonObject> =>
  messages.flatMap((message) => (message.role === "system" ? textBlocks(partsOf(message.content)) : []))

const turnsOf = (messages: ReadonlyArray<Message>, provider: string): Either.Either<ReadonlyArray<Turn>, string> =>
  Either.map(Either.all(messages.map((message, index) => turnOf(message, `messages[${index}]`, provider))), joinTurns)

const turnOf = (message: Message, where: string, provider: string): Either.Either<Turn, string> => {
  switch (message.role) {
    case "system":
      return Either.right({ role: "user", content: [] })
    case "user": {
      const blocks = partsOf(message.content).map((part, index) =>
        contentBlocks(part, `${where}.content[${index}]`, provider)
      )
      return Either.map(Either.all(blocks), (content) => ({ role: "user", content: content.flat() }))
    }
    case "assistant":
      return Either.map(assistantBlocks(message, where, provider), (content) => ({ role: "assistant", content }))
    case "tool":
      return Either.map(toolResult(message, where, provider), (result) => ({ role: "user", content: [result] }))
  }
}

/** Roles must alternate, and tool results must come before the user's other content. */
const joinTurns = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
  const joined: Array<{ role: Turn["role"]; content: Array<JsonObject> }> = []
  for (const { role, content } of turns) {
    // Anthropic rejects a turn without content.
    if (content.length === 0) continue
    const last = joined.at(-1)
    if (last?.role === role) last.content.push(...content)
    else joined.push({ role, content: [...content] })
  }
  return joined.map(({ role, content }) => ({
    role,
    content: [...content.filter(isToolResult), ...content.filter((block) => !isToolResult(block))]
  }))
}

const isToolResult = (block: JsonObject): boolean => block["type"] === "tool_result"

/** A tool result holds text, images and documents: https://platform.claude.com/docs/en/api/messages/create */
const toolResult = (message: ToolMessage, where: string, provider: string): Either.Either<JsonObject, string> => {
  const parts = partsOf(message.content)
  const mark = parts.reduce<CacheMark | undefined>((before, part) => part.cache ?? before, undefined)
  const content: Either.Either<string | ReadonlyArray<JsonObject>, string> = parts.every((part) => part.type === "text")
    ? Either.right(parts.map((part) => part.text).join(""))
    : Either.map(
        Either.all(
          parts.map((part, index) =>
            contentBlocks({ ...part, cache: undefined }, `${where}.content[${index}]`, provider)
          )
        ),
        (blocks) => blocks.flat()
      )
  return Either.map(content, (encoded) => ({
    type: "tool_result",
    tool_use_id: message.toolCallId,
    content: encoded,
    ...cacheControl(mark)
  }))
}

/**
 * Encodes the parts of an assistant message in order. Anthropic requires signed reasoning back in its position and
 * unchanged: https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
const assistantBlocks = (
  message: AssistantMessage,
  where: string,
  provider: string
): Either.Either<ReadonlyArray<JsonObject>, string> =>
  Either.map(
    Either.all(
      partsOf(message.content).map((part, index) => assistantBlock(part, `${where}.content[${index}]`, provider))
    ),
    (encoded) => {
      const blocks = encoded.flat()
      // Anthropic rejects reasoning that nothing follows, as in a truncated response.
      return blocks.slice(0, blocks.findLastIndex(isVisible) + 1)
    }
  )

const assistantBlock = (
  part: AssistantPart,
  where: string,
  provider: string
): Either.Either<ReadonlyArray<JsonObject>, string> => {
  switch (part.type) {
    case "text": {
      const citations = citationsIn(part.providerMetadata?.[provider])
      return Either.right(textBlocks([part]).map((block) => ({ ...block, ...citations })))
    }
    case "refusal":
      return Either.right(textBlocks([{ type: "text", text: part.text }]))
    case "reasoning": {
      const signature = part.providerMetadata?.[provider]?.["signature"]
      return Either.right(signature === undefined ? [] : [{ type: "thinking", thinking: part.text, signature }])
    }
    case "tool-call": {
      const input = part.arguments.trim() === "" ? {} : parseJson(part.arguments)
      return isObject(input)
        ? Either.right([{ type: "tool_use", id: part.id, name: part.name, input }])
        : Either.left(`${where}.arguments must be the text of a JSON object`)
    }
    case "provider":
      return Either.right(part.provider === provider && isObject(part.data) ? [part.data] : [])
    default:
      return Either.left(
        `${where}: ${provider} does not accept ${part.type} parts in an assistant message; move it into a user message`
      )
  }
}

const isVisible = ({ type }: JsonObject): boolean => type !== "thinking" && type !== "redacted_thinking"

/** Anthropic rejects empty text blocks, so they are left out. */
const textBlocks = (parts: ReadonlyArray<TextPart>): ReadonlyArray<JsonObject> =>
  parts.flatMap(({ text, cache }) => (text === "" ? [] : [{ type: "text", text, ...cacheControl(cache) }]))

/** Encodes a part of a user message or of a tool result. */
const contentBlocks = (
  part: ContentPart,
  where: string,
  provider: string
): Either.Either<ReadonlyArray<JsonObject>, string> => {
  if (part.type === "text") return Either.right(textBlocks([part]))
  const source = part.type === "image" ? imageSource(part) : documentSource(part)
  if (source === undefined) return Either.left(`${where}: ${provider} ${accepted[part.type]}`)
  const title = part.type === "file" && part.filename !== undefined ? { title: part.filename } : {}
  const type = part.type === "image" ? "image" : "document"
  return Either.right([{ type, source, ...title, ...cacheControl(part.cache) }])
}

const accepted = {
  image: "accepts images as image/jpeg, image/png, image/gif or image/webp",
  file: "accepts files as application/pdf, or as text/plain with base64 data"
} as const

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"]

/** https://platform.claude.com/docs/en/build-with-claude/vision */
const imageSource = (part: ImagePart): JsonObject | undefined => {
  if (part.url !== undefined) return { type: "url", url: part.url }
  return imageTypes.includes(part.mediaType ?? "")
    ? { type: "base64", media_type: part.mediaType, data: part.data }
    : undefined
}

/** https://platform.claude.com/docs/en/build-with-claude/pdf-support */
const documentSource = (part: FilePart): JsonObject | undefined => {
  if (part.mediaType === "application/pdf") {
    return part.url === undefined
      ? { type: "base64", media_type: part.mediaType, data: part.data }
      : { type: "url", url: part.url }
  }
  if (!/^text\/plain\b/.test(part.mediaType) || part.data === undefined) return undefined
  const text = Either.getOrUndefined(Encoding.decodeBase64String(part.data))
  return text === undefined ? undefined : { type: "text", media_type: "text/plain", data: text }
}

const toolOf = (tool: PlainTool): JsonObject => ({
  name: tool.name,
  description: tool.description,
  input_schema: tool.parameters,
  ...cacheControl(tool.cache)
})

/** `disable_parallel_tool_use` is a field of the tool choice, so setting it requires a choice: `auto`, the default. */
const toolChoiceOf = ({ toolChoice, parallelToolCalls }: PreparedRequest): JsonObject | undefined => {
  const choice = choiceOf(toolChoice ?? (parallelToolCalls === undefined ? undefined : "auto"))
  return parallelToolCalls === undefined || choice === undefined || choice["type"] === "none"
    ? choice
    : { ...choice, disable_parallel_tool_use: !parallelToolCalls }
}

const choiceOf = (choice: ToolChoice | undefined): JsonObject | undefined => {
  if (choice === undefined) return undefined
  if (typeof choice === "object") return { type: "tool", name: choice.name }
  return { type: choice === "required" ? "any" : choice }
}

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
const formatOf = (format: PlainFormat | undefined, provider: string): Either.Either<JsonObject | undefined, string> => {
  if (format === undefined || format.type === "text") return Either.right(undefined)
  const { schema } = format
  if (schema === undefined) {
    return Either.left(`responseFormat needs a schema with ${provider}, which has no JSON mode without one`)
  }
  return Either.right({
    type: "json_schema",
    // A JSON Schema written by the caller is sent unchanged; Anthropic itself reports what it rejects.
    schema: format.isGenerated === true ? withoutBounds(schema) : schema
  })
}

/** Keywords that Anthropic rejects. The response is decoded with the `effect/Schema` that has them, so they still apply. */
const bounds = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "maxItems",
  "uniqueItems"
])

const isRejected = ([keyword, value]: readonly [string, unknown]): boolean =>
  bounds.has(keyword) || (keyword === "minItems" && value !== 0 && value !== 1)

/** Moves the bounds into the description, as Anthropic's own client does. */
const withoutBounds = (schema: JsonSchema): JsonSchema => {
  const entries = Object.entries(schema)
  const rejected = entries.filter(isRejected).map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`)
  const remaining = Object.fromEntries(entries.filter((entry) => !isRejected(entry)))
  const description = [schema["description"], `{${rejected.join(", ")}}`].filter((part) => part !== undefined).join(" ")
  return mapSchemas(rejected.length === 0 ? remaining : { ...remaining, description }, withoutBounds)
}
