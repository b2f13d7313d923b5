/** Encodes a request for Gemini: https://ai.google.dev/api/generate-content */
import * as Either from "effect/Either"
import type { Reasoning, ToolChoice } from "../../domain/ChatRequest.js"
import {
  type AssistantPart,
  type ContentPart,
  type FilePart,
  type ImagePart,
  partsOf,
  textOf
} from "../../domain/ContentPart.js"
import type { AssistantMessage, Message, ToolMessage } from "../../domain/Message.js"
import { isObject, type JsonObject, parseJson } from "../../http/Json.js"
import type { PlainFormat, PlainTool, PreparedRequest } from "../PreparedRequest.js"
import type { Encoded } from "../Protocol.js"
import { hostedToolsOf } from "./hostedTools.js"
import { alwaysReasons, isBefore3, requiresSignatures } from "./models.js"
import { isGeneratedId } from "./stream.js"

/** How the providers of this protocol differ. */
export interface Differences {
  /** The key of the provider in `providerOptions` and `providerMetadata`. */
  readonly provider: string
}

/**
 * Encodes a request, or says in a sentence what Gemini cannot express. A field of `providerOptions` replaces that of the
 * request; only `generationConfig` is merged field by field.
 */
export const encode = (
  request: PreparedRequest,
  stream: boolean,
  { provider }: Differences
): Either.Either<Encoded, string> =>
  Either.gen(function* () {
    if (request.parallelToolCalls === false) {
      return yield* Either.left("Gemini does not support parallelToolCalls: false; leave it out")
    }
    const path = yield* modelPath(request.model)
    const contents = yield* contentsOf(request.messages, { model: request.model, provider })
    const functionDeclarations = (request.tools ?? []).map(toolOf)
    const hostedTools = yield* hostedToolsOf(request, provider)
    const tools = [...(functionDeclarations.length === 0 ? [] : [{ functionDeclarations }]), ...hostedTools]
    const generationConfig = {
      maxOutputTokens: request.maxTokens,
      temperature: request.temperature,
      topP: request.topP,
      stopSequences: typeof request.stop === "string" ? [request.stop] : request.stop,
      seed: request.seed,
      ...(yield* responseFormatOf(request.responseFormat)),
      thinkingConfig: yield* thinkingConfigOf(request.reasoning ?? {}, request.model)
    }
    const options = request.providerOptions?.[provider]
    const extraConfig = options?.generationConfig
    const body = {
      contents,
      systemInstruction: systemInstructionOf(request.messages),
      tools: tools.length === 0 ? undefined : tools,
      toolConfig: toolConfigOf(request),
      ...options,
      generationConfig: isObject(extraConfig)
        ? { ...generationConfig, ...extraConfig }
        : (extraConfig ?? generationConfig)
    }
    return { path: `${path}${stream ? ":streamGenerateContent?alt=sse" : ":generateContent"}`, body }
  })

/** Returns the path of a model below the base URL. `models/x` and `tunedModels/x` name their collection already. */
export const modelPath = (model: string): Either.Either<string, string> => {
  const [, collection = "models", name = model] = /^(models|tunedModels)\/(.+)$/s.exec(model) ?? []
  return Either.try({
    try: () => `/${collection}/${encodeURIComponent(name)}`,
    // Half of a surrogate pair.
    catch: () => "the model id has a character that a URL cannot contain; correct it"
  })
}

/** A turn of the conversation as it is sent: https://ai.google.dev/api/caching#Content */
interface Content {
  readonly role: "user" | "model"
  readonly parts: ReadonlyArray<unknown>
}

/** The model, and the provider whose parts and metadata are sent back. */
interface Target {
  readonly model: string
  readonly provider: string
}

/** Encodes the system messages, from anywhere in the conversation, as the separate `systemInstruction`. */
const systemInstructionOf = (messages: ReadonlyArray<Message>): { readonly parts: Content["parts"] } | undefined => {
  const parts = messages.flatMap((message) => (message.role === "system" ? [{ text: textOf(message.content) }] : []))
  return parts.length === 0 ? undefined : { parts }
}

/** Encodes all other messages. */
const contentsOf = (messages: ReadonlyArray<Message>, target: Target): Either.Either<ReadonlyArray<Content>, string> =>
  Either.gen(function* () {
    const contents: Array<Content> = []
    const names = new Map<string, string>()
    let isAfterTool = false
    for (const [index, message] of inOrderOfCalls(messages)) {
      if (message.role === "system") continue
      const content = yield* contentOf(message, `messages[${index}]`, names, target)
      const last = contents.at(-1)
      // The results of parallel calls must be in one turn.
      if (message.role === "tool" && isAfterTool && last !== undefined) {
        contents[contents.length - 1] = { ...last, parts: [...last.parts, ...content.parts] }
      } else if (content.parts.length > 0) contents.push(content)
      isAfterTool = message.role === "tool"
    }
    return contents.length > 0
      ? contents
      : yield* Either.left("messages has no content besides system messages; add a user message")
  })

/**
 * Lists the messages with their positions, and successive tool results in the order of their calls: without ids, which
 * Gemini does not know of other providers' calls, only the order tells results of one function apart.
 */
const inOrderOfCalls = (messages: ReadonlyArray<Message>): ReadonlyArray<readonly [number, Message]> => {
  const ordered: Array<readonly [number, Message]> = []
  const positions = new Map<string, number>()
  let results: Array<readonly [number, Message]> = []
  const positionOf = ([, message]: readonly [number, Message]): number =>
    message.role === "tool" ? (positions.get(message.toolCallId) ?? 0) : 0
  const addResults = () => {
    ordered.push(...results.sort((one, other) => positionOf(one) - positionOf(other)))
    results = []
  }
  for (const entry of messages.entries()) {
    const [, message] = entry
    if (message.role === "tool") results.push(entry)
    else {
      addResults()
      if (message.role === "assistant") setPositions(positions, message)
      ordered.push(entry)
    }
  }
  addResults()
  return ordered
}

const setPositions = (positions: Map<string, number>, { content }: AssistantMessage): void => {
  for (const [position, part] of partsOf(content).entries()) {
    if (part.type === "tool-call") positions.set(part.id, position)
  }
}

/** Encodes one message. `names` maps the ids of earlier tool calls to their functions. */
const contentOf = (
  message: Exclude<Message, { readonly role: "system" }>,
  where: string,
  names: Map<string, string>,
  target: Target
): Either.Either<Content, string> => {
  switch (message.role) {
    case "user":
      return Either.map(
        Either.all(
          partsOf(message.content).map((part, index) => partOf(part, `${where}.content[${index}]`, target.model))
        ),
        (encoded) => ({ role: "user", parts: encoded })
      )
    case "assistant":
      for (const part of partsOf(message.content)) if (part.type === "tool-call") names.set(part.id, part.name)
      return Either.map(modelParts(message, where, target), (encoded) => ({ role: "model", parts: encoded }))
    case "tool":
      return Either.map(responseOf(message, where, names, target.model), (part) => ({ role: "user", parts: [part] }))
  }
}

/**
 * Encodes the parts of an assistant message in order, each with its own signature. Gemini 3 rejects calls without one.
 * If no call of the message is signed, as in a conversation with another provider, the first gets the value that Google
 * documents for this case:
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const modelParts = (
  message: AssistantMessage,
  where: string,
  { provider, model }: Target
): Either.Either<ReadonlyArray<unknown>, string> => {
  const parts = partsOf(message.content)
  const firstCall = parts.findIndex((part) => part.type === "tool-call")
  const isUnsigned =
    requiresSignatures(model) &&
    !parts.some((part) => part.type === "tool-call" && signatureOf(part, provider) !== undefined)
  return Either.map(
    Either.all(
      parts.map((part, index) =>
        modelPart(
          part,
          `${where}.content[${index}]`,
          provider,
          isUnsigned && index === firstCall ? "skip_thought_signature_validator" : signatureOf(part, provider)
        )
      )
    ),
    (encoded) => encoded.flat()
  )
}

const signatureOf = (part: AssistantPart, provider: string): unknown =>
  part.providerMetadata?.[provider]?.["thoughtSignature"]

const modelPart = (
  part: AssistantPart,
  where: string,
  provider: string,
  signature: unknown
): Either.Either<ReadonlyArray<unknown>, string> => {
  const signed = signature === undefined ? {} : { thoughtSignature: signature }
  switch (part.type) {
    case "text":
    case "refusal":
      return Either.right(part.text === "" && signature === undefined ? [] : [{ text: part.text, ...signed }])
    case "reasoning":
      // Gemini ignores thoughts without a signature.
      return Either.right(signature === undefined ? [] : [{ text: part.text, thought: true, ...signed }])
    case "tool-call": {
      const args = part.arguments === "" ? {} : objectIn(part.arguments)
      return args === undefined
        ? Either.left(`${where}.arguments must be the text of a JSON object`)
        : Either.right([{ functionCall: { ...sentId(part.id), name: part.name, args }, ...signed }])
    }
    case "provider":
      return Either.right(part.provider === provider ? [part.data] : [])
    default:
      return Either.right([{ ...mediaOf(part), ...signed }])
  }
}

const responseOf = (
  message: ToolMessage,
  where: string,
  names: ReadonlyMap<string, string>,
  model: string
): Either.Either<unknown, string> =>
  Either.gen(function* () {
    const name = names.get(message.toolCallId)
    if (name === undefined) {
      return yield* Either.left(
        `${where}.toolCallId matches no earlier tool call, from which Gemini needs the name of the function; add the assistant message with the call`
      )
    }
    const media = yield* Either.all(
      partsOf(message.content).flatMap((part, index) =>
        part.type === "text" ? [] : [resultMedia(part, `${where}.content[${index}]`, model)]
      )
    )
    const text = textOf(message.content)
    return {
      functionResponse: {
        ...sentId(message.toolCallId),
        name,
        response: objectIn(text) ?? { result: text },
        ...(media.length === 0 ? {} : { parts: media })
      }
    }
  })

/** https://ai.google.dev/gemini-api/docs/function-calling#multimodal */
const resultMedia = (part: ImagePart | FilePart, where: string, model: string): Either.Either<unknown, string> => {
  if (isBefore3(model)) {
    return Either.left(`${where}: Gemini accepts ${part.type} parts in a tool result only since 3; send text`)
  }
  return part.data === undefined
    ? Either.left(`${where}: Gemini does not accept a URL in a tool result; send data and mediaType`)
    : Either.right(mediaOf(part))
}

/** Ids that this library generated are not sent, as Gemini does not know them. */
const sentId = (id: string): { readonly id?: string } => (id === "" || isGeneratedId(id) ? {} : { id })

const objectIn = (text: string): JsonObject | undefined => {
  const json = parseJson(text)
  return isObject(json) ? json : undefined
}

const partOf = (part: ContentPart, where: string, model: string): Either.Either<unknown, string> => {
  if (part.type === "text") return Either.right({ text: part.text })
  const detail = part.type === "image" ? part.detail : undefined
  if (detail === undefined || detail === "auto") return Either.right(mediaOf(part))
  // https://ai.google.dev/gemini-api/docs/media-resolution
  return isBefore3(model)
    ? Either.left(`${where}.detail needs Gemini 3 or later; use generationConfig.mediaResolution in providerOptions`)
    : Either.right({
        ...mediaOf(part),
        mediaResolution: { level: detail === "high" ? "MEDIA_RESOLUTION_HIGH" : "MEDIA_RESOLUTION_LOW" }
      })
}

/**
 * Google fetches a `url` itself: of its Files API, a public or signed one, or on Vertex of Cloud Storage. File names
 * cannot be sent: https://ai.google.dev/gemini-api/docs/file-input-methods
 */
const mediaOf = ({ url, data, mediaType }: ImagePart | FilePart): object =>
  url === undefined
    ? { inlineData: { mimeType: mediaType, data } }
    : { fileData: { mimeType: mediaType ?? imageTypeIn(url), fileUri: url } }

/** https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
const imageTypes: { readonly [extension: string]: string } = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif"
}

/** The media type is optional on the Gemini API and required on Vertex; most image URLs end in it. */
const imageTypeIn = (url: string): string | undefined => {
  const extension = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? ""
  return Object.hasOwn(imageTypes, extension) ? imageTypes[extension] : undefined
}

/** https://ai.google.dev/api/caching#FunctionDeclaration */
const toolOf = (tool: PlainTool): unknown => ({
  name: tool.name,
  description: tool.description,
  parametersJsonSchema: tool.parameters
})

const modes = { auto: "AUTO", none: "NONE", required: "ANY" } as const

/**
 * Hosted tools beside functions need a switch, and alone they accept no configuration of functions:
 * https://ai.google.dev/gemini-api/docs/tool-combination
 */
const toolConfigOf = ({ tools = [], hostedTools = [], toolChoice }: PreparedRequest): unknown => {
  const functionCallingConfig = toolChoice === undefined ? undefined : callingConfigOf(toolChoice)
  if (hostedTools.length === 0 || toolChoice === "none") return functionCallingConfig && { functionCallingConfig }
  return tools.length === 0 ? undefined : { functionCallingConfig, includeServerSideToolInvocations: true }
}

/** https://ai.google.dev/api/caching#FunctionCallingConfig */
const callingConfigOf = (choice: ToolChoice): JsonObject =>
  typeof choice === "string" ? { mode: modes[choice] } : { mode: "ANY", allowedFunctionNames: [choice.name] }

/** https://ai.google.dev/gemini-api/docs/structured-output. Schemas have no name. */
const responseFormatOf = (
  format: PlainFormat | undefined
): Either.Either<{ readonly [field: string]: unknown }, string> => {
  if (format === undefined || format.type === "text") return Either.right({})
  const responseMimeType = "application/json"
  return Either.right({ responseMimeType, responseJsonSchema: format.schema })
}

type Effort = Exclude<NonNullable<Reasoning["effort"]>, "none" | "xhigh">

/** Google's own budgets of an effort for models before 3: https://ai.google.dev/gemini-api/docs/openai#thinking */
const budgets: { readonly [effort in Effort]: number } = { minimal: 1024, low: 1024, medium: 8192, high: 24576 }

/**
 * Gemini 3 and later accept a level, earlier models a budget, and no model both:
 * https://ai.google.dev/gemini-api/docs/thinking. Google itself rejects levels that a model lacks.
 */
const thinkingConfigOf = ({ effort, budgetTokens }: Reasoning, model: string): Either.Either<unknown, string> => {
  if (effort !== undefined && budgetTokens !== undefined) {
    return Either.left(
      "Gemini does not support both reasoning.effort and reasoning.budgetTokens; leave one of them out"
    )
  }
  if (budgetTokens !== undefined) return Either.right({ includeThoughts: true, thinkingBudget: budgetTokens })
  if (effort === undefined) return Either.right(undefined)
  if (effort === "none") return withoutThinking(model)
  if (effort === "xhigh") return Either.left('Gemini does not support reasoning.effort "xhigh"; use "high"')
  return Either.right({
    includeThoughts: true,
    ...(isBefore3(model) ? { thinkingBudget: budgets[effort] } : { thinkingLevel: effort })
  })
}

const withoutThinking = (model: string): Either.Either<unknown, string> => {
  if (!isBefore3(model)) {
    return Either.left('Gemini 3 and later do not support reasoning.effort "none"; use "minimal" or "low"')
  }
  return alwaysReasons(model)
    ? Either.left(
        'this model always reasons and does not support reasoning.effort "none"; use budgetTokens: 128, its minimum'
      )
    : Either.right({ thinkingBudget: 0 })
}
