/** Reads `data:` URLs, so that every protocol writes the bytes of images and files in the form that its provider accepts. */
import * as Either from "effect/Either"
import type { AssistantPart, FilePart, ImagePart } from "../domain/ContentPart.js"
import type { Message } from "../domain/Message.js"

/** Replaces the `data:` URLs of a conversation by their bytes, or says which one is not in base64. */
export const withInlineMedia = (messages: ReadonlyArray<Message>): Either.Either<ReadonlyArray<Message>, string> =>
  messages.some(hasDataUrl)
    ? Either.all(messages.map((message, index) => inlineMessage(message, `messages[${index}]`)))
    : Either.right(messages)

type DataUrlPart = (ImagePart | FilePart) & { readonly url: string }

const isDataUrl = (part: AssistantPart): part is DataUrlPart =>
  (part.type === "image" || part.type === "file") && part.url !== undefined && /^data:/i.test(part.url)

const hasDataUrl = ({ content }: Message): boolean => typeof content !== "string" && content.some(isDataUrl)

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
          isDataUrl(part) ? inlinePart(part, `${where}.content[${index}]`) : Either.right(part)
        )
      )

/** https://www.rfc-editor.org/rfc/rfc2397 */
const inlinePart = ({ url, ...part }: DataUrlPart, where: string): Either.Either<ImagePart | FilePart, string> => {
  const comma = url.indexOf(",")
  const head = url.slice("data:".length, Math.max(comma, 0))
  if (!/;base64$/i.test(head.slice(-7))) {
    return Either.left(`${where}.url is a data: URL that is not in base64; give data and mediaType instead`)
  }
  const [declared = ""] = head.split(";", 1)
  return Either.right({ ...part, data: url.slice(comma + 1), mediaType: part.mediaType ?? declared })
}
