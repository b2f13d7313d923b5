/**
 * Reads `data:` URLs, so that every protocol writes the bytes of images and files in the form that its provider accepts,
 * and requires their media type, which no provider guesses.
 */
import * as Either from "effect/Either"
import type { AssistantPart, FilePart, ImagePart } from "../domain/ContentPart.js"
import type { Message } from "../domain/Message.js"

/** Replaces the `data:` URLs of a conversation by their bytes, or says which one is not in base64 or has no media type. */
export const withInlineMedia = (messages: ReadonlyArray<Message>): Either.Either<ReadonlyArray<Message>, string> =>
  messages.some(hasMedia)
    ? Either.all(messages.map((message, index) => inlineMessage(message, `messages[${index}]`)))
    : Either.right(messages)

type MediaPart = ImagePart | FilePart

const isMedia = (part: AssistantPart): part is MediaPart => part.type === "image" || part.type === "file"

const hasMedia = ({ content }: Message): boolean => typeof content !== "string" && content.some(isMedia)

const inlineMessage = (message: Message, where: string): Either.Either<Message, string> => {
  switch (message.role) {
    case "system":
      return Either.right(message)
    case "assistant":
      return Either.map(inlineParts(message.content, where), (content) => ({ ...message, content }))
    case "user":
    case "tool":
      return Either.map(inlineParts(message.content, where), (content) => ({ ...message, content }))
  }
}

const inlineParts = <Part extends AssistantPart>(
  content: string | ReadonlyArray<Part>,
  where: string
): Either.Either<string | ReadonlyArray<Part | ImagePart | FilePart>, string> =>
  typeof content === "string"
    ? Either.right(content)
    : Either.all(
        content.map((part, index) =>
          isMedia(part) ? inlinePart(part, `${where}.content[${index}]`) : Either.right(part)
        )
      )

const inlinePart = (part: MediaPart, where: string): Either.Either<MediaPart, string> => {
  const { url, ...others } = part
  if (url !== undefined && /^data:/i.test(url)) return fromDataUrl(url, others, where)
  // Browsers give "" for a file of an unknown type.
  return part.mediaType?.trim() === ""
    ? Either.left(`${where}.mediaType is empty; set it to the media type of the bytes, for instance ${exampleOf(part)}`)
    : Either.right(part)
}

/** https://www.rfc-editor.org/rfc/rfc2397; its default, text/plain, is the type of no image. */
const fromDataUrl = (url: string, part: Omit<ImagePart, "url"> | Omit<FilePart, "url">, where: string) => {
  const comma = url.indexOf(",")
  const head = url.slice("data:".length, Math.max(comma, 0))
  if (!/;base64$/i.test(head.slice(-7))) {
    return Either.left(`${where}.url is a data: URL that is not in base64; give data and mediaType instead`)
  }
  const [declared = ""] = head.split(";", 1)
  const mediaType = part.mediaType?.trim() || declared.trim()
  return mediaType === ""
    ? Either.left(`${where}.url is a data: URL without a media type; write data:${exampleOf(part)};base64,…`)
    : Either.right({ ...part, data: url.slice(comma + 1), mediaType })
}

const exampleOf = ({ type }: Pick<MediaPart, "type">): string => (type === "image" ? "image/png" : "application/pdf")
