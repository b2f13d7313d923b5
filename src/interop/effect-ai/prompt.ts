/** Converts a prompt of @effect/ai to messages, or fails with the part that messages cannot express. */
import type * as Prompt from "@effect/ai/Prompt"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import {
  type AssistantPart,
  type CacheMark,
  type ContentPart,
  type TextPart,
  type ToolCallPart,
  textOf
} from "../../domain/ContentPart.js"
import type { AssistantMessage, Message, ToolMessage, UserMessage } from "../../domain/Message.js"
import { type PartOptions, read } from "./PartOptions.js"

/** The converted value, or the reason why it cannot be converted. */
export type Written<A> = Either.Either<A, string>

/** Converts all messages. */
export const messagesOf = (prompt: Prompt.Prompt): Written<ReadonlyArray<Message>> =>
  Either.map(
    Either.all(prompt.content.map((message, index) => messageOf(message, `prompt.content[${index}]`))),
    (messages) => messages.flat()
  )

const messageOf = (message: Prompt.Message, where: string): Written<ReadonlyArray<Message>> =>
  Either.flatMap(read(message.options, where, ["cache"]), (options): Written<ReadonlyArray<Message>> => {
    switch (message.role) {
      case "system":
        return Either.right([{ role: "system", content: contentOf([textPart(message.content, options.cache)]) }])
      case "user":
        return Either.map(userOf(message, where, options.cache), (user) => [user])
      case "assistant":
        return Either.map(assistantOf(message, where, options.cache), (assistant) => [assistant])
      case "tool":
        return resultsOf(message, where, options.cache)
    }
  })

const userOf = (message: Prompt.UserMessage, where: string, cache: CacheMark | undefined): Written<UserMessage> =>
  Either.map(
    Either.all(
      message.content.map((part, index) =>
        partOf(part, `${where}.content[${index}]`, index === message.content.length - 1 ? cache : undefined)
      )
    ),
    (parts): UserMessage => {
      const [first] = parts
      const isPlain = parts.length === 1 && first?.type === "text" && first.cache === undefined
      return { role: "user", content: isPlain ? first.text : parts }
    }
  )

const partOf = (part: Prompt.UserMessagePart, where: string, ofMessage: CacheMark | undefined): Written<ContentPart> =>
  Either.flatMap(
    read(part.options, where, part.type === "file" ? ["cache", "detail"] : ["cache"]),
    ({ cache = ofMessage, detail }): Written<ContentPart> =>
      part.type === "text" ? Either.right(textPart(part.text, cache)) : fileOf(part, where, { cache, detail })
  )

const fileOf = (
  part: Prompt.FilePart,
  where: string,
  { cache, detail }: Pick<PartOptions, "cache" | "detail">
): Written<ContentPart> => {
  const source = sourceOf(part.data)
  const mark = cache === undefined ? {} : { cache }
  const { mediaType, fileName } = part
  if (!mediaType.startsWith("image/")) {
    return detail === undefined
      ? Either.right({ type: "file", ...source, mediaType, ...(fileName && { filename: fileName }), ...mark })
      : Either.left(`${where} has a detail, which only an image has`)
  }
  const image = { type: "image" as const, ...source, ...(detail === undefined ? {} : { detail }), ...mark }
  if (mediaType !== "image/*") return Either.right({ ...image, mediaType })
  return "url" in source
    ? Either.right(image)
    : Either.left(`${where}.mediaType must say of which kind the image is, for instance image/png`)
}

/** A URL that was serialized as JSON is a string; any other string is base64. */
const sourceOf = (data: Prompt.FilePart["data"]): { readonly url: string } | { readonly data: string } => {
  if (data instanceof Uint8Array) return { data: Encoding.encodeBase64(data) }
  const text = String(data)
  const [head] = /^data:[^,]*;base64,/i.exec(text) ?? []
  if (head !== undefined) return { data: text.slice(head.length) }
  return /^[a-z][a-z\d+.-]*:/i.test(text) ? { url: text } : { data: text }
}

/** Converts an assistant message. */
const assistantOf = (
  message: Prompt.AssistantMessage,
  where: string,
  cache: CacheMark | undefined
): Written<AssistantMessage> =>
  Either.gen(function* () {
    const parts: Array<AssistantPart> = []
    const last = message.content.findLast((part) => part.type === "text")
    for (const [index, part] of message.content.entries()) {
      const at = `${where}.content[${index}]`
      const { cache: own, providerMetadata } = yield* read(
        part.options,
        at,
        part.type === "text" ? ["cache", "providerMetadata"] : ["providerMetadata"]
      )
      const metadata = providerMetadata === undefined ? {} : { providerMetadata }
      if (part.type === "text") {
        parts.push({ ...textPart(part.text, own ?? (part === last ? cache : undefined)), ...metadata })
      } else if (part.type === "reasoning") parts.push({ type: "reasoning", text: part.text, ...metadata })
      else if (part.type === "tool-call" && !part.providerExecuted) parts.push({ ...callOf(part), ...metadata })
      else return yield* Either.left(`${at} is ${foreign[part.type]}, which only the provider that made it could read`)
    }
    return { role: "assistant", content: plainOr(parts) }
  })

/** Joins texts to a string if there are no other parts. */
const plainOr = (parts: ReadonlyArray<AssistantPart>): AssistantMessage["content"] =>
  parts.every((part) => part.type === "text" && part.cache === undefined && part.providerMetadata === undefined)
    ? textOf(parts)
    : parts

const foreign = {
  file: "a file of the model's",
  "tool-call": "the call of a provider's own tool",
  "tool-result": "the result of a provider's own tool"
} as const

const callOf = ({ id, name, params }: Prompt.ToolCallPart): ToolCallPart => ({
  type: "tool-call",
  id,
  name,
  arguments: params === undefined ? "" : JSON.stringify(params)
})

/** Converts tool results, one message for each. */
const resultsOf = (
  message: Prompt.ToolMessage,
  where: string,
  cache: CacheMark | undefined
): Written<ReadonlyArray<ToolMessage>> =>
  Either.all(
    message.content.map((part, index) =>
      Either.map(read(part.options, `${where}.content[${index}]`, ["cache"]), (own): ToolMessage => {
        const mark = own.cache ?? (index === message.content.length - 1 ? cache : undefined)
        return { role: "tool", toolCallId: part.id, content: contentOf([textPart(resultOf(part), mark)]) }
      })
    )
  )

/** Encodes a failure in the text, as not every provider has a field for it. */
const resultOf = ({ result, isFailure }: Prompt.ToolResultPart): string => {
  if (isFailure) return JSON.stringify({ error: result })
  return typeof result === "string" ? result : (JSON.stringify(result) ?? "")
}

/** Makes a text part with its cache mark. */
const textPart = (text: string, cache: CacheMark | undefined): TextPart => ({
  type: "text",
  text,
  ...(cache === undefined ? {} : { cache })
})

/** Joins texts to a string if no part has a cache mark, as most vendors support only strings. */
const contentOf = (parts: ReadonlyArray<TextPart>): string | ReadonlyArray<TextPart> =>
  parts.some((part) => part.cache !== undefined) ? parts : parts.map((part) => part.text).join("")
