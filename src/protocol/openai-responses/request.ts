/** Encodes a request for OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses/create */
import * as Either from "effect/Either"
import type { ChatRequest, Reasoning } from "../../domain/ChatRequest.js"
import { type AssistantPart, type ContentPart, partsOf, textOf } from "../../domain/ContentPart.js"
import type { Message, ToolMessage } from "../../domain/Message.js"
import type { JsonObject } from "../../http/Json.js"
import { dataUrl } from "../dataUrl.js"
import { withFittingIds } from "../fittingCallIds.js"
import { chosenHostedTool, encodeHostedTools } from "../hostedTools.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../PreparedRequest.js"
import type { Encoded } from "../Protocol.js"
import { isStrict, type SentSchema, sentSchema } from "../strictSchema.js"
import { hostedToolEncoder, hostedType } from "./hostedTools.js"
import { itemsOf } from "./replay.js"

/** How the vendors of this protocol differ. */
export interface Differences {
  /** The key of the provider in `providerOptions` and `providerMetadata`. */
  readonly provider: string
}

/**
 * Encodes a request, or says in a sentence what this protocol cannot express. System messages keep their positions in
 * the conversation; the single `instructions` field is left to `providerOptions`. Cache marks have no counterpart.
 */
export const encode = (
  request: PreparedRequest,
  stream: boolean,
  { provider }: Differences
): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    const unsupported = unsupportedIn(request)
    if (unsupported !== undefined) return yield* Either.left(unsupported)
    const options = request.providerOptions?.[provider]
    if (options?.["background"] === true && !stream) return yield* Either.left(queuedProblem)
    const hostedTools = yield* encodeHostedTools(request, provider, hostedToolEncoder(provider))
    const tools = [...(request.tools ?? []).map(toolOf), ...hostedTools]
    const sent = sentSchema(request.responseFormat)
    const format = formatOf(request.responseFormat, sent)
    const body = {
      model: request.model,
      input: withFittingIds(request.messages, "64 characters").flatMap((message) => inputOf(message, provider)),
      stream,
      max_output_tokens: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: toolChoiceOf(request),
      parallel_tool_calls: request.parallelToolCalls,
      text: format === undefined ? undefined : { format },
      reasoning: reasoningOf(request.reasoning),
      include: includeOf(request.reasoning, options),
      ...options
    }
    return { path: "/responses", body, warnings: sent?.warnings }
  })

// Without a stream, the API answers at once that the response is queued.
const queuedProblem = "a background response arrives only as a stream; use chatStream, or leave out background"

const unsupportedIn = (request: ChatRequest): string | undefined => {
  for (const [index, { role, content }] of request.messages.entries()) {
    const at = role !== "assistant" || typeof content === "string" ? -1 : content.findIndex(isMedia)
    if (at !== -1) {
      return `messages[${index}].content[${at}]: Responses does not accept images or files in an assistant message; move it into a user message`
    }
  }
  if (request.stop !== undefined) return "Responses does not support stop; leave it out"
  if (request.seed !== undefined) return "Responses does not support seed; leave it out"
  return request.reasoning?.budgetTokens === undefined
    ? undefined
    : "Responses does not support reasoning.budgetTokens; use reasoning.effort"
}

const inputOf = (message: Message, provider: string): ReadonlyArray<unknown> => {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: textOf(message.content) }]
    case "user":
      return [{ role: "user", content: partsOf<ContentPart>(message.content).map(partOf) }]
    case "assistant":
      return itemsOf(message, provider)
    case "tool":
      return [{ type: "function_call_output", call_id: message.toolCallId, output: outputOf(message) }]
  }
}

const isMedia = (part: AssistantPart): boolean => part.type === "image" || part.type === "file"

/** A tool's output is a string, or a list of text, images and files. */
const outputOf = ({ content }: ToolMessage): unknown =>
  typeof content === "string" || content.every((part) => part.type === "text") ? textOf(content) : content.map(partOf)

const partOf = (part: ContentPart): unknown => {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text }
    case "image":
      return { type: "input_image", image_url: part.url ?? dataUrl(part.mediaType, part.data), detail: part.detail }
    case "file":
      return part.url !== undefined
        ? { type: "input_file", file_url: part.url }
        : { type: "input_file", filename: part.filename ?? "file", file_data: dataUrl(part.mediaType, part.data) }
  }
}

const toolOf = ({ name, description, parameters }: PlainTool): unknown => ({
  type: "function",
  name,
  description,
  parameters,
  // Always sent: without it, the API makes every schema strict and rejects those that cannot be.
  strict: isStrict(parameters)
})

const toolChoiceOf = (request: PreparedRequest): unknown => {
  const { toolChoice } = request
  if (typeof toolChoice !== "object") return toolChoice
  const hosted = chosenHostedTool(request)
  return hosted === undefined ? { type: "function", name: toolChoice.name } : { type: hostedType(hosted) }
}

const formatOf = (format: PlainFormat | undefined, sent: SentSchema | undefined): unknown => {
  if (format === undefined || format.type === "text") return undefined
  const { name = "answer" } = format
  if (sent === undefined) return { type: "json_object" }
  return { type: "json_schema", name, schema: sent.schema, strict: sent.strict }
}

const reasoningOf = (reasoning: Reasoning | undefined): unknown => {
  if (reasoning?.effort === undefined) return undefined
  return reasoning.effort === "none" ? { effort: "none" } : { effort: reasoning.effort, summary: "auto" }
}

/** Without storage, the response must include the encrypted reasoning for the next request. */
const includeOf = (reasoning: Reasoning | undefined, options: JsonObject | undefined): unknown =>
  options?.["store"] === false && reasoning?.effort !== undefined && reasoning.effort !== "none"
    ? ["reasoning.encrypted_content"]
    : undefined
