/** The blocks of a message: text, images and documents, and their cache marks. */
import { Either, Encoding } from "effect"
import type { CacheMark, ContentPart, FilePart, ImagePart, TextPart } from "../../domain/ContentPart.js"

/** A block of content, or whatever else may bear a cache mark. */
export type Block = { readonly [field: string]: unknown }

/** Writes a cache mark: https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export const cacheControl = (mark: CacheMark | undefined): Block =>
  mark === undefined ? {} : { cache_control: { type: "ephemeral", ttl: mark } }

/** Writes texts. Anthropic refuses empty ones, so they are left out. */
export const textBlocks = (parts: ReadonlyArray<TextPart>): ReadonlyArray<Block> =>
  parts.flatMap(({ text, cache }) => (text === "" ? [] : [{ type: "text", text, ...cacheControl(cache) }]))

/** Writes one part of what a user sends, or says why it cannot be. */
export const blockOf = (
  part: ContentPart,
  where: string,
  provider: string
): Either.Either<ReadonlyArray<Block>, string> => {
  if (part.type === "text") return Either.right(textBlocks([part]))
  const source = part.type === "image" ? imageSource(part) : documentSource(part)
  if (source === undefined) return Either.left(`${where}: ${provider} ${accepted[part.type]}`)
  const title = part.type === "file" && part.filename !== undefined ? { title: part.filename } : {}
  const type = part.type === "image" ? "image" : "document"
  return Either.right([{ type, source, ...title, ...cacheControl(part.cache) }])
}

const accepted = {
  image: "takes images as image/jpeg, image/png, image/gif or image/webp",
  file: "takes files as application/pdf, or as text/plain with base64 data"
} as const

const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"]

/** https://platform.claude.com/docs/en/build-with-claude/vision */
const imageSource = (part: ImagePart): Block | undefined => {
  if (part.url !== undefined) return { type: "url", url: part.url }
  return imageTypes.includes(part.mediaType ?? "")
    ? { type: "base64", media_type: part.mediaType, data: part.data }
    : undefined
}

/** https://platform.claude.com/docs/en/build-with-claude/pdf-support */
const documentSource = (part: FilePart): Block | undefined => {
  if (part.mediaType === "application/pdf") {
    return part.url === undefined
      ? { type: "base64", media_type: part.mediaType, data: part.data }
      : { type: "url", url: part.url }
  }
  if (!/^text\/plain\b/.test(part.mediaType) || part.data === undefined) return undefined
  const text = Either.getOrUndefined(Encoding.decodeBase64String(part.data))
  return text === undefined ? undefined : { type: "text", media_type: "text/plain", data: text }
}
