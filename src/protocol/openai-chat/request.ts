/** Encodes a request for OpenAI's chat completions: https://platform.openai.com/docs/api-reference/chat/create */
import * as Either from "effect/Either"
import type { ChatRequest, ToolChoice } from "../../domain/ChatRequest.js"
import {
  type AssistantPart,
  type ContentPart,
  type FilePart,
  type ImagePart,
  partsOf,
  textOf
} from "../../domain/ContentPart.js"
import type { AssistantMessage, Message } from "../../domain/Message.js"
import { dataUrl } from "../dataUrl.js"
import { type CallIdFormat, withFittingIds } from "../fittingCallIds.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../PreparedRequest.js"
import type { Encoded } from "../Protocol.js"
import { type SentSchema, sentSchema } from "../strictSchema.js"
import { detailsIn } from "./reasoningDetails.js"

/** A feature that some vendors do not support. */
export type Feature =
  | "tools"
  /** A `toolChoice` other than `auto`. */
  | "toolChoice"
  /** A `toolChoice` that names a tool. */
  | "namedTool"
  | "images"
  /** Images by URL. */
  | "imageUrls"
  | "files"
  /** Files by URL. */
  | "fileUrls"
  | "stop"

/** How the vendors of this protocol differ from OpenAI. */
export interface Differences {
  /** The name in errors, and the key of the provider in `providerOptions` and `providerMetadata`. */
  readonly provider: string
  /** The field of `maxTokens`; OpenAI's reasoning models reject the older `max_tokens`. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens"
  /** Whether a stream reports usage only on request (the default); some vendors always report it and reject the field. */
  readonly requestsUsage?: boolean
  /** The field of the seed, `null` without support; `seed` by default. */
  readonly seedField?: "seed" | "random_seed" | null
  /** How to request reasoning: an effort (the default), an object with effort or budget, a switch plus effort, or not. */
  readonly reasoning?: "effort" | "object" | "switch" | null
  /** The field that carries the reasoning of an assistant message back; by default reasoning is left out. */
  readonly reasoningField?: "reasoning_content"
  /** Whether the vendor supports JSON mode without a schema; `true` by default. */
  readonly jsonMode?: boolean
  /** Whether the vendor supports a JSON Schema; `true` by default. */
  readonly jsonSchema?: boolean
  /** The value that forces a tool call; `required` by default. */
  readonly requiredTool?: "required" | "any"
  /** What the ids of tool calls must look like; ids of other providers are replaced. By default every id is sent. */
  readonly callIds?: CallIdFormat
  /** What to do instead of a hosted tool, which chat completions have none of: continues "…; ". */
  readonly insteadOfHostedTools?: string
  /** The features that the vendor does not support. */
  readonly unsupported?: ReadonlyArray<Feature>
}

/** Encodes a request, or says in a sentence what this vendor does not support. */
export const encode = (
  request: PreparedRequest,
  stream: boolean,
  differences: Differences
): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    const unsupported = unsupportedIn(request, differences)
    if (unsupported !== undefined) return yield* Either.left(unsupported)
    const tools = (request.tools ?? []).map(toolOf)
    const sent = sentSchema(request.responseFormat)
    const { callIds } = differences
    const messages = callIds === undefined ? request.messages : withFittingIds(request.messages, callIds)
    const body = {
      model: request.model,
      messages: messages.map((message) => messageOf(message, differences)),
      stream,
      stream_options: stream && differences.requestsUsage !== false ? { include_usage: true } : undefined,
      [differences.maxTokensField]: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      // Together accepts only a list.
      stop: typeof request.stop === "string" ? [request.stop] : request.stop,
      [differences.seedField ?? "seed"]: request.seed,
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: toolChoiceOf(request.toolChoice, differences),
      parallel_tool_calls: request.parallelToolCalls,
      response_format: responseFormatOf(request.responseFormat, sent),
      ...(yield* reasoningOf(request, differences)),
      ...request.providerOptions?.[differences.provider]
    }
    return { path: "/chat/completions", body, warnings: sent?.warnings }
  })

/** Says what the vendor does not support, and what to do. Some vendors ignore unsupported fields without an error. */
const unsupportedIn = (request: PreparedRequest, differences: Differences): string | undefined => {
  const found = unsupportedFields(request, differences).find(([isUsed]) => isUsed)
  return found === undefined
    ? (hostedToolProblem(request, differences) ?? unsupportedPart(request, differences))
    : `${differences.provider} does not support ${found[1]}`
}

const unsupportedFields = (
  { tools, toolChoice, stop, seed, responseFormat }: ChatRequest,
  { unsupported = [], seedField, jsonMode, jsonSchema }: Differences
): ReadonlyArray<readonly [boolean, string]> => {
  const forces = toolChoice !== undefined && toolChoice !== "auto"
  const schema = responseFormat?.type === "json" ? responseFormat.schema : undefined
  return [
    [unsupported.includes("tools") && (tools ?? []).length > 0, "tools; leave them out"],
    [unsupported.includes("toolChoice") && forces, "a toolChoice other than auto; leave it out"],
    [unsupported.includes("namedTool") && typeof toolChoice === "object", 'a tool name in toolChoice; use "required"'],
    [unsupported.includes("stop") && stop !== undefined, "stop; leave it out"],
    [seedField === null && seed !== undefined, "seed; leave it out"],
    [
      jsonSchema === false && schema !== undefined,
      "a schema in responseFormat; leave it out and describe it in the prompt"
    ],
    [
      jsonMode === false && responseFormat?.type === "json" && schema === undefined,
      "JSON mode without a schema; add a schema to responseFormat"
    ]
  ]
}

const hostedToolProblem = (
  { hostedTools: [tool] = [] }: PreparedRequest,
  { provider, insteadOfHostedTools = "leave it out, or run a tool of your own" }: Differences
): string | undefined =>
  tool === undefined
    ? undefined
    : `tools: ${provider} has no hosted tool ${tool.name} in chat completions; ${insteadOfHostedTools}`

const unsupportedPart = (
  { messages }: ChatRequest,
  { provider, unsupported = [] }: Differences
): string | undefined => {
  for (const [index, { role, content }] of messages.entries()) {
    const parts: ReadonlyArray<AssistantPart> = partsOf<AssistantPart>(content)
    for (const [at, part] of parts.entries()) {
      if (part.type !== "image" && part.type !== "file") continue
      const where = `messages[${index}].content[${at}]`
      if (role !== "user") {
        const name = role === "tool" ? "a tool result" : "an assistant message"
        return `${where}: ${provider} does not accept ${part.type} parts in ${name}; send text, or move it into a user message`
      }
      const instead = insteadOf(part, unsupported)
      if (instead !== undefined) return `${where}: ${provider} does not accept ${instead}`
    }
  }
  return undefined
}

const insteadOf = (part: ImagePart | FilePart, unsupported: ReadonlyArray<Feature>): string | undefined => {
  const { all, links } = mediaFeatures[part.type]
  if (unsupported.includes(all.feature)) return all.instead
  return part.url !== undefined && unsupported.includes(links.feature) ? links.instead : undefined
}

const mediaFeatures = {
  image: {
    all: { feature: "images", instead: "image parts; send text" },
    links: { feature: "imageUrls", instead: "image URLs; send data and mediaType" }
  },
  file: {
    all: { feature: "files", instead: "file parts; send their text" },
    links: { feature: "fileUrls", instead: "file URLs; send data" }
  }
} as const

const messageOf = (message: Message, differences: Differences): unknown => {
  switch (message.role) {
    case "system":
      return { role: "system", content: textOf(message.content) }
    case "user":
      return {
        role: "user",
        content: typeof message.content === "string" ? message.content : message.content.map(partOf)
      }
    case "assistant": {
      const text = textOf(message.content)
      const toolCalls = toolCallsOf(message, differences)
      return {
        role: "assistant",
        // Bedrock and Databricks reject an empty text beside calls; OpenAI itself writes null.
        content: text === "" && toolCalls !== undefined ? null : text,
        ...reasoningOfMessage(message, differences),
        tool_calls: toolCalls
      }
    }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: textOf(message.content) }
  }
}

const toolCallsOf = (message: AssistantMessage, { provider }: Differences): ReadonlyArray<unknown> | undefined => {
  const calls = partsOf(message.content).flatMap((part) =>
    part.type === "tool-call"
      ? [
          {
            id: part.id,
            type: "function",
            function: { name: part.name, arguments: part.arguments === "" ? "{}" : part.arguments },
            extra_content: part.providerMetadata?.[provider]?.["extra_content"]
          }
        ]
      : []
  )
  return calls.length === 0 ? undefined : calls
}

const partOf = (part: ContentPart): unknown => {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text }
    case "image":
      return {
        type: "image_url",
        image_url: { url: part.url ?? dataUrl(part.mediaType, part.data), detail: part.detail }
      }
    case "file":
      return {
        type: "file",
        file: { filename: part.filename ?? "file", file_data: part.url ?? dataUrl(part.mediaType, part.data) }
      }
  }
}

const toolOf = ({ name, description, parameters }: PlainTool): unknown => ({
  type: "function",
  function: { name, description, parameters }
})

const toolChoiceOf = (choice: ToolChoice | undefined, { requiredTool = "required" }: Differences): unknown => {
  if (typeof choice === "object") return { type: "function", function: { name: choice.name } }
  return choice === "required" ? requiredTool : choice
}

const responseFormatOf = (format: PlainFormat | undefined, sent: SentSchema | undefined): unknown => {
  if (format === undefined || format.type === "text") return undefined
  const { name = "answer" } = format
  if (sent === undefined) return { type: "json_object" }
  return { type: "json_schema", json_schema: { name, schema: sent.schema, strict: sent.strict } }
}

/** Encodes the reasoning options, or says which of them the vendor does not support. */
const reasoningOf = (request: ChatRequest, differences: Differences): Either.Either<object, string> => {
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
const reasoningOfMessage = (message: AssistantMessage, { provider, reasoningField }: Differences): object => {
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
