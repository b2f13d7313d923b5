/** Turns the files that front ends send into parts of a message. */
import type { FilePart, ImagePart } from "../../domain/ContentPart.js"

/** A file as front ends send it: bytes in base64, or an address. */
export interface SentFile {
  readonly mediaType: string
  readonly url?: string | undefined
  readonly data?: string | undefined
  readonly filename?: string | undefined
}

/**
 * Makes the part of a file, or says what is wrong with it. Only `https:` and `http:` addresses pass: it is the provider
 * that fetches them, never this server.
 */
export const filePartOf = ({ mediaType, url, data, filename }: SentFile): ImagePart | FilePart | string => {
  if (!/^[\w.+-]{1,100}\/[\w.+*-]{1,100}$/.test(mediaType)) return "the media type of a file is not valid"
  const source = url === undefined ? inline(data) : sourceOf(url)
  if (typeof source === "string") return source
  if (mediaType.startsWith("image/")) return { type: "image", mediaType, ...source }
  return { type: "file", mediaType, ...source, ...(filename === undefined ? {} : { filename }) }
}

type Source = { readonly data: string } | { readonly url: string }

const inline = (data: string | undefined): Source | string =>
  data !== undefined && data !== "" && /^[A-Za-z0-9+/]+={0,2}$/.test(data)
    ? { data }
    : "the data of a file is not base64; send base64"

const sourceOf = (url: string): Source | string => {
  if (/^https?:\/\//i.test(url)) return { url }
  const comma = url.indexOf(",")
  const isInline = /^data:[^,]{0,200};base64$/i.test(url.slice(0, Math.max(comma, 0)))
  return isInline ? inline(url.slice(comma + 1)) : "a file needs a data: URL in base64, or an https: URL"
}
