/** Writes a conversation as Gemini reads it: https://ai.google.dev/api/caching#Content */
import { Either } from "effect"
import { type ContentPart, type FilePart, type ImagePart, textOf } from "../../domain/ContentPart.js"
import type { AssistantMessage, Message, ToolMessage } from "../../domain/Message.js"
import { isObject, type JsonObject, parseJson } from "../../http/Json.js"
import { isMadeId } from "./calls.js"
import { type CallPart, partsOf } from "./messages.js"
import { isBefore3, wantsSignatures } from "./model.js"

/** One turn as it is sent. */
export interface Content {
  readonly role: "user" | "model"
  readonly parts: ReadonlyArray<unknown>
}

/** Who is asked: the model, and the provider whose `providerData` it understands. */
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
    case "user": {
      const parts =
        typeof message.content === "string" ? [{ type: "text" as const, text: message.content }] : message.content
      return Either.map(
        Either.all(parts.map((part, index) => partOf(part, `${where}.content[${index}]`, asked.model))),
        (written) => ({ role: "user", parts: written })
      )
    }
    case "assistant":
      for (const call of message.toolCalls ?? []) names.set(call.id, call.name)
      return Either.map(callsOf(message, where), (calls) => ({
        role: "model",
        parts: partsOf(message, calls, asked.provider, wantsSignatures(asked.model))
      }))
    case "tool":
      return Either.map(responseOf(message, where, names), (part) => ({ role: "user", parts: [part] }))
  }
}

const callsOf = (message: AssistantMessage, where: string): Either.Either<ReadonlyArray<CallPart>, string> =>
  Either.all(
    (message.toolCalls ?? []).map((call, index) => {
      const args = call.arguments === "" ? {} : objectIn(call.arguments)
      return args === undefined
        ? Either.left(
            `${where}.toolCalls[${index}].arguments is not the text of a JSON object, which Gemini wants back`
          )
        : Either.right({ functionCall: { ...ownId(call.id), name: call.name, args } })
    })
  )

const responseOf = (
  message: ToolMessage,
  where: string,
  names: ReadonlyMap<string, string>
): Either.Either<unknown, string> => {
  const name = names.get(message.toolCallId)
  if (name === undefined) {
    return Either.left(
      `${where}.toolCallId is the id of no earlier tool call, from which Gemini takes the function's name`
    )
  }
  const text = textOf(message.content)
  return Either.right({
    functionResponse: { ...ownId(message.toolCallId), name, response: objectIn(text) ?? { result: text } }
  })
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
