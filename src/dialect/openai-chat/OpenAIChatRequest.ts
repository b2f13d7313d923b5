/** Writes a request as OpenAI's chat completions read it: https://platform.openai.com/docs/api-reference/chat/create */
import { Either } from "effect"
import type { ChatRequest, ResponseFormat, Tool, ToolChoice } from "../../domain/ChatRequest.js"
import { type ContentPart, type Message, textOf } from "../../domain/Message.js"
import type { Encoded } from "../Dialect.js"
import { isStrict, toJsonSchema } from "../JsonSchema.js"

/** What the vendors of this family want sent differently from OpenAI. */
export interface Differences {
  /** The name in errors, and the one under which the provider's `providerOptions` stand. */
  readonly provider: string
  /** The field that bounds the answer; OpenAI's reasoning models refuse the older `max_tokens`. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens"
  /** Whether the usage of a stream must be asked for (the default); some send it unasked and refuse the field. */
  readonly usageIsAskedFor?: boolean
  /** The field of the seed, `null` where there is none; `seed` by default. */
  readonly seedField?: "seed" | "random_seed" | null
  /** How reasoning is asked for: an effort (the default), an object with effort or budget, or not at all. */
  readonly reasoning?: "effort" | "object" | null
  /** Whether an answer can be held to a JSON Schema; it can by default. */
  readonly jsonSchema?: boolean
  /** The word that forces some tool call; `required` by default. */
  readonly requiredTool?: "required" | "any"
  /** What the vendor does not take at all. */
  readonly refuses?: ReadonlyArray<"tools" | "images" | "files" | "stop">
}

/** Writes a request, or says what this vendor cannot carry. */
export const encode = (
  request: ChatRequest & { readonly model: string },
  stream: boolean,
  differences: Differences
): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    yield* refusals(request, differences)
    const tools = yield* Either.all((request.tools ?? []).map(toolOf))
    const responseFormat = yield* responseFormatOf(request.responseFormat, differences)
    const body = {
      model: request.model,
      messages: request.messages.map(messageOf),
      stream,
      stream_options: stream && differences.usageIsAskedFor !== false ? { include_usage: true } : undefined,
      [differences.maxTokensField]: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      stop: request.stop,
      [differences.seedField ?? "seed"]: request.seed,
      tools: tools.length === 0 ? undefined : tools,
      tool_choice: toolChoiceOf(request.toolChoice, differences),
      response_format: responseFormat,
      ...(yield* reasoningOf(request, differences)),
      ...request.providerOptions?.[differences.provider]
    }
    return { path: "/chat/completions", body }
  })

/** What a vendor does not take is refused here, as the vendor itself may just leave it out. */
const refusals = (
  request: ChatRequest,
  { provider, refuses = [], seedField }: Differences
): Either.Either<void, string> => {
  const parts = request.messages.flatMap(
    (message): ReadonlyArray<ContentPart> => (typeof message.content === "string" ? [] : message.content)
  )
  const asked: ReadonlyArray<readonly [boolean, string]> = [
    [refuses.includes("tools") && (request.tools ?? []).length > 0, "tools; leave them out"],
    [refuses.includes("stop") && request.stop !== undefined, "stop texts; leave stop out"],
    [refuses.includes("images") && parts.some((part) => part.type === "image"), "image parts; send text"],
    [refuses.includes("files") && parts.some((part) => part.type === "file"), "file parts; send their text"],
    [seedField === null && request.seed !== undefined, "a seed; leave it out"]
  ]
  const refused = asked.find(([isAsked]) => isAsked)
  return refused === undefined ? Either.void : Either.left(`${provider} takes no ${refused[1]}`)
}

const reasoningOf = (request: ChatRequest, differences: Differences): Either.Either<object, string> => {
  const { effort, budgetTokens } = request.reasoning ?? {}
  if (effort === undefined && budgetTokens === undefined) return Either.right({})
  const { provider, reasoning = "effort" } = differences
  if (reasoning === null)
    return Either.left(`${provider} takes no reasoning options; choose a model that reasons instead`)
  if (reasoning === "object") return Either.right({ reasoning: { effort, max_tokens: budgetTokens } })
  return budgetTokens === undefined
    ? Either.right({ reasoning_effort: effort })
    : Either.left(`${provider} takes no reasoning.budgetTokens; use reasoning.effort`)
}

const messageOf = (message: Message): unknown => {
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
        tool_calls: message.toolCalls?.map((call) => ({
          id: call.id,
          type: "function",
          function: { name: call.name, arguments: call.arguments === "" ? "{}" : call.arguments }
        }))
      }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: textOf(message.content) }
  }
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

const toolOf = (tool: Tool): Either.Either<unknown, string> =>
  Either.map(toJsonSchema(tool.parameters, `tools: ${tool.name}`), (parameters) => ({
    type: "function",
    function: { name: tool.name, description: tool.description, parameters }
  }))

const toolChoiceOf = (choice: ToolChoice | undefined, { requiredTool = "required" }: Differences): unknown => {
  if (typeof choice === "object") return { type: "function", function: { name: choice.name } }
  return choice === "required" ? requiredTool : choice
}

const responseFormatOf = (
  format: ResponseFormat | undefined,
  { provider, jsonSchema = true }: Differences
): Either.Either<unknown, string> => {
  if (format === undefined || format.type === "text") return Either.right(undefined)
  if (format.schema === undefined) return Either.right({ type: "json_object" })
  if (!jsonSchema)
    return Either.left(`${provider} takes no schema in responseFormat; leave it out and describe it in the prompt`)
  return Either.map(toJsonSchema(format.schema, "responseFormat"), (schema) => ({
    type: "json_schema",
    json_schema: { name: format.name ?? "answer", schema, strict: isStrict(schema) }
  }))
}
