/** Writes a prompt of @effect/ai as our messages, or says what of it cannot be said. */
import type * as Prompt from "@effect/ai/Prompt"
import { Either, Encoding } from "effect"
import type { CacheMark, ContentPart } from "../../domain/ContentPart.js"
import type { Message, UserMessage } from "../../domain/Message.js"
import { type PartOptions, read } from "./PartOptions.js"
import { contentOf, textPart, type Written } from "./PromptText.js"
import { assistantOf, resultsOf } from "./PromptTurn.js"

/** Writes all messages. */
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

/** A URL that has been through JSON is a text; any other text is base64. */
const sourceOf = (data: Prompt.FilePart["data"]): { readonly url: string } | { readonly data: string } => {
  if (data instanceof Uint8Array) return { data: Encoding.encodeBase64(data) }
  const text = String(data)
  const [head] = /^data:[^,]*;base64,/i.exec(text) ?? []
  if (head !== undefined) return { data: text.slice(head.length) }
  return /^[a-z][a-z\d+.-]*:/i.test(text) ? { url: text } : { data: text }
}
