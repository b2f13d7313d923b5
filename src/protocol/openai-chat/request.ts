/** Writes a request as OpenAI's chat completions read it: https://platform.openai.com/docs/api-reference/chat/create */
import { Either } from "effect"
import type { ToolChoice } from "../../domain/ChatRequest.js"
import { type ContentPart, partsOf, textOf } from "../../domain/ContentPart.js"
import type { AssistantMessage, Message } from "../../domain/Message.js"
import { isStrict } from "../jsonSchema.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../PreparedRequest.js"
import type { Encoded } from "../Protocol.js"
import type { Differences } from "./differences.js"
import { reasoningOf, reasoningOfTurn } from "./reasoning.js"
import { refusalOf } from "./unsupported.js"

/** Writes a request, or says what this vendor cannot carry. */
export const encode = (
  request: PreparedRequest,
  stream: boolean,
  differences: Differences
): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    const refusal = refusalOf(request, differences)
    if (refusal !== undefined) return yield* Either.left(refusal)
    const tools = (request.tools ?? []).map(toolOf)
    const responseFormat = responseFormatOf(request.responseFormat)
    const body = {
      model: request.model,
      messages: request.messages.map((message) => messageOf(message, differences)),
      stream,
      stream_options: stream && differences.usageIsAskedFor !== false ? { include_usage: true } : undefined,
      [differences.maxTokensField]: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      // Always a list, as Together takes nothing else.
      stop: typeof request.stop === "string" ? [request.stop] : request.stop,
      [differences.seedField ?? "seed"]: request.seed,
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: toolChoiceOf(request.toolChoice, differences),
      parallel_tool_calls: request.parallelToolCalls,
      response_format: responseFormat,
      ...(yield* reasoningOf(request, differences)),
      ...request.providerOptions?.[differences.provider]
    }
    return { path: "/chat/completions", body }
  })

const messageOf = (message: Message, differences: Differences): unknown => {
  switch (message.role) {
    case "system":
      return { role: "system", content: textOf(message.content) }
    case "user":
      return {
        role: "user",
        content: typeof message.content === "string" ? message.content : message.content.map(partOf)
      }
    case "assistant":
      return {
        role: "assistant",
        content: textOf(message.content),
        ...reasoningOfTurn(message, differences),
        tool_calls: toolCallsOf(message)
      }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: textOf(message.content) }
  }
}

const toolCallsOf = (message: AssistantMessage): ReadonlyArray<unknown> | undefined => {
  const calls = partsOf(message.content).flatMap((part) =>
    part.type === "tool-call"
      ? [
          {
            id: part.id,
            type: "function",
            function: { name: part.name, arguments: part.arguments === "" ? "{}" : part.arguments }
          }
        ]
      : []
  )
  return calls.length === 0 ? undefined : calls
}

const dataUrl = (mediaType: string | undefined, data: string | undefined): string =>
  `data:${mediaType ?? "application/octet-stream"};base64,${data ?? ""}`

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

const responseFormatOf = (format: PlainFormat | undefined): unknown => {
  if (format === undefined || format.type === "text") return undefined
  const { schema, name = "answer" } = format
  if (schema === undefined) return { type: "json_object" }
  return { type: "json_schema", json_schema: { name, schema, strict: schema["type"] === "object" && isStrict(schema) } }
}
