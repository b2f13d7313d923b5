/** Reads the address of an image or file, which may hold the bytes themselves. */

/** Where a provider finds an image or file. */
export type MediaSource =
  | { readonly url: string }
  | {
      /** The bytes in base64. */
      readonly data: string
      /** For example `image/png`. */
      readonly mediaType: string
    }

// Longer ones are no media type.
const maxHeadLength = 200

/** The source that a URL names; a data URL holds it. `undefined` for one that is neither base64 nor on the web. */
export const sourceOf = (url: string): MediaSource | undefined => {
  if (/^https?:\/\//i.test(url.slice(0, 10))) return { url }
  const comma = url.slice(0, maxHeadLength).indexOf(",")
  const [, mediaType] = /^data:([\w.+-]+\/[\w.+-]+);base64$/i.exec(url.slice(0, Math.max(comma, 0))) ?? []
  return mediaType === undefined ? undefined : { data: url.slice(comma + 1), mediaType }
}
