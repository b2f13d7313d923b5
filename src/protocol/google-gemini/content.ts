/** Writes a conversation as Gemini reads it: https://ai.google.dev/api/caching#Content */
import { Either } from "effect"
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
import { isMadeId } from "./calls.js"
import { isBefore3, wantsSignatures } from "./model.js"

/** One turn as it is sent. */
export interface Content {
  readonly role: "user" | "model"
  readonly parts: ReadonlyArray<unknown>
}

/** The model, and the provider whose parts and metadata it understands. */
export interface Prepared {
  readonly model: string
  readonly provider: string
}

/** Gathers the system messages, wherever they stand: Gemini has one place for them, above the conversation. */
export const systemInstructionOf = (
  messages: ReadonlyArray<Message>
): { readonly parts: Content["parts"] } | undefined => {
  const parts = messages.flatMap((message) => (message.role === "system" ? [{ text: textOf(message.content) }] : []))
  return parts.length === 0 ? undefined : { parts }
}

/** Writes all other messages, or says what of them Gemini cannot take. */
export const contentsOf = (
  messages: ReadonlyArray<Message>,
  asked: Prepared
): Either.Either<ReadonlyArray<Content>, string> =>
  Either.gen(function* () {
    const contents: Array<Content> = []
    const names = new Map<string, string>()
    let isAfterTool = false
    for (const [index, message] of messages.entries()) {
      if (message.role === "system") continue
      const content = yield* contentOf(message, `messages[${index}]`, names, asked)
      const last = contents.at(-1)
      // The answers to calls that were generated together go back together.
      if (message.role === "tool" && isAfterTool && last !== undefined) {
        contents[contents.length - 1] = { ...last, parts: [...last.parts, ...content.parts] }
      } else if (content.parts.length > 0) contents.push(content)
      isAfterTool = message.role === "tool"
    }
    return contents.length > 0
      ? contents
      : yield* Either.left("messages has only system messages; Gemini wants another one to answer")
  })

/** Writes one message; `names` holds the function that each id of a call so far stands for. */
const contentOf = (
  message: Exclude<Message, { readonly role: "system" }>,
  where: string,
  names: Map<string, string>,
  asked: Prepared
): Either.Either<Content, string> => {
  switch (message.role) {
    case "user":
      return Either.map(
        Either.all(
          partsOf(message.content).map((part, index) => partOf(part, `${where}.content[${index}]`, asked.model))
        ),
        (written) => ({ role: "user", parts: written })
      )
    case "assistant":
      for (const part of partsOf(message.content)) if (part.type === "tool-call") names.set(part.id, part.name)
      return Either.map(modelParts(message, where, asked), (written) => ({ role: "model", parts: written }))
    case "tool":
      return Either.map(responseOf(message, where, names, asked.model), (part) => ({ role: "user", parts: [part] }))
  }
}

/**
 * Writes the parts of an answer in their order, each with its own signature. Gemini since 3 refuses a conversation whose
 * calls have none; calls of which none is signed (another provider's, say) get the value that Google documents for them:
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const modelParts = (
  message: AssistantMessage,
  where: string,
  { provider, model }: Prepared
): Either.Either<ReadonlyArray<unknown>, string> => {
  const parts = partsOf(message.content)
  const firstCall = parts.findIndex((part) => part.type === "tool-call")
  const isUnsigned =
    wantsSignatures(model) &&
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
    (written) => written.flat()
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
        : Either.right([{ functionCall: { ...ownId(part.id), name: part.name, args }, ...signed }])
    }
    case "provider":
      return Either.right(part.provider === provider ? [part.data] : [])
    default:
      return Either.map(mediaOf(part, where), (media) => [{ ...media, ...signed }])
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
        `${where}.toolCallId is the id of no earlier tool call, from which Gemini takes the function's name`
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
        ...ownId(message.toolCallId),
        name,
        response: objectIn(text) ?? { result: text },
        ...(media.length === 0 ? {} : { parts: media })
      }
    }
  })

/** https://ai.google.dev/gemini-api/docs/function-calling#multimodal */
const resultMedia = (part: ImagePart | FilePart, where: string, model: string): Either.Either<unknown, string> => {
  if (isBefore3(model)) {
    return Either.left(`${where}: Gemini takes ${part.type} parts in a tool's result since 3; send text`)
  }
  return part.data === undefined
    ? Either.left(`${where}: Gemini takes no address in a tool's result; send data and mediaType`)
    : mediaOf(part, where)
}

/** An id goes back only where it may be Gemini's; those of ours mean nothing to it. */
const ownId = (id: string): { readonly id?: string } => (id === "" || isMadeId(id) ? {} : { id })

const objectIn = (text: string): JsonObject | undefined => {
  const json = parseJson(text)
  return isObject(json) ? json : undefined
}

const partOf = (part: ContentPart, where: string, model: string): Either.Either<unknown, string> => {
  if (part.type === "text") return Either.right({ text: part.text })
  const detail = part.type === "image" ? part.detail : undefined
  if (detail === undefined || detail === "auto") return mediaOf(part, where)
  // https://ai.google.dev/gemini-api/docs/media-resolution
  return isBefore3(model)
    ? Either.left(`${where}.detail is known to Gemini since 3; use generationConfig.mediaResolution in providerOptions`)
    : Either.map(mediaOf(part, where), (media) => ({
        ...media,
        mediaResolution: { level: detail === "high" ? "MEDIA_RESOLUTION_HIGH" : "MEDIA_RESOLUTION_LOW" }
      }))
}

/**
 * Google fetches a `url` itself: one of its Files API, a public or signed one, or on Vertex one of Cloud Storage. A
 * file's name has no place here: https://ai.google.dev/gemini-api/docs/file-input-methods
 */
const mediaOf = (part: ImagePart | FilePart, where: string): Either.Either<object, string> => {
  const { url, data, mediaType } = part
  if (url === undefined) return Either.right({ inlineData: { mimeType: mediaType, data } })
  if (!/^data:/i.test(url)) {
    return Either.right({ fileData: { mimeType: mediaType ?? imageTypeIn(url), fileUri: url } })
  }
  const [, said, isBase64] = /^data:([^;,]*)[^,]*?(;base64)?,/i.exec(url) ?? []
  return isBase64 === undefined
    ? Either.left(`${where}.url is a data: URL that is not in base64; give data and mediaType instead`)
    : Either.right({ inlineData: { mimeType: mediaType ?? said, data: url.slice(url.indexOf(",") + 1) } })
}

/** https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
const imageTypes: { readonly [extension: string]: string } = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif"
}

/** The type may be left out on the Gemini API, but not on Vertex; most addresses of images end in it. */
const imageTypeIn = (url: string): string | undefined => {
  const extension = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? ""
  return Object.hasOwn(imageTypes, extension) ? imageTypes[extension] : undefined
}
